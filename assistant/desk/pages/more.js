/** The end of a list that is drawn in pages: a long list stays quick. */

import { el } from "./dom.js";

/** @param {number} hidden  rows not drawn yet @param {number} page  rows drawn with every "more" @param {() => void} draw */
export function moreButton(hidden, page, draw) {
  const label = hidden > page ? `Show ${page} more of ${hidden}` : `Show ${hidden} more`;
  return el("button", { class: "link more", type: "button", onclick: draw }, label);
}
