/** The page's dialogs as questions with an answer. */

import { byId } from "./dom.js";

/** @param {string} id @returns {Promise<boolean>} whether it was confirmed */
export function ask(id) {
  const dialog = /** @type {HTMLDialogElement} */ (byId(id));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "confirm"), { once: true });
  });
}

/** @param {boolean} losesDraft @returns {Promise<{note: string}|null>} null when cancelled */
export async function askResolve(losesDraft) {
  const note = byId("resolve-note");
  note.value = "";
  byId("resolve-draft").hidden = !losesDraft;
  return (await ask("resolve-dialog")) ? { note: note.value.trim() } : null;
}

/** @param {string} title @param {string} text @param {string} yes */
export function askConfirm(title, text, yes) {
  byId("confirm-title").textContent = title;
  byId("confirm-text").textContent = text;
  byId("confirm-yes").textContent = yes;
  return ask("confirm-dialog");
}

export function showHelp() {
  return ask("help-dialog");
}
