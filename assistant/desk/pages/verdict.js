/** Under the reason: whether the hand-off was right, in the words of the agent who said so last. */

import { el } from "./dom.js";
import { clock } from "./wording.js";

const UNSAID = "Helps to tune when the assistant hands over. The customer never sees it.";

/** @type {[string, string, string][]} what is sent, what it is called, what it means */
const VERDICTS = [
  ["right", "Right", "A person was needed, and this was the moment"],
  ["needless", "Needless", "The assistant could have gone on"],
  ["late", "Late", "A person was needed earlier"],
];

/** Built once a card; the page listens for the buttons. @param {import("./types.js").Bundle} bundle */
export function verdictRow({ handoff_id }) {
  return el("div", { class: "handoff-verdict", "data-testid": "handoff-verdict", "data-handoff-id": handoff_id },
    el("h4", { id: "verdict-title" }, "Was this hand-off right?"),
    el("div", { class: "verdict-buttons", role: "group", "aria-labelledby": "verdict-title" }, ...VERDICTS.map(([verdict, name, title]) =>
      el("button", { class: "button", type: "button", title, "data-verdict": verdict, "aria-pressed": "false" }, name))),
    el("p", { class: "muted verdict-by", role: "status" }));
}

/**
 * Keeps the nodes, so that focus stays on the button pressed.
 *
 * @param {HTMLElement} card @param {import("./types.js").Detail} detail @param {string} me  the agent's name
 */
export function showVerdict(card, { bundle, transcript }, me) {
  const row = card.querySelector(".handoff-verdict");
  if (!row || !bundle) return;
  const last = transcript.findLast(({ verdict }) => verdict?.handoff_id === bundle.handoff_id);
  for (const button of row.querySelectorAll("button")) {
    button.ariaPressed = String(button.dataset.verdict === last?.verdict?.verdict);
  }
  const name = last?.author?.name === me ? "you" : last?.author?.name ?? "a colleague";
  const text = last ? `Said by ${name}, ${clock(last.at ?? "")}` : UNSAID;
  const by = row.querySelector(".verdict-by");
  if (by && by.textContent !== text) by.textContent = text;
}
