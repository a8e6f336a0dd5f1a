/** The dialogs of the article page as questions with an answer. */

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
