/** "Try a question": what the assistant does with it now, and where this article would stand. */

import { ApiError } from "./api.js";
import { byId, el, scrolling } from "./dom.js";
import { percent } from "./wording.js";

export class Trial {
  /** @param {import("./articles_api.js").ArticlesApi} api @param {import("./articles_store.js").ArticleStore} store */
  constructor(api, store) {
    this.api = api;
    this.store = store;
    byId("try-form").addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.#ask();
    });
  }

  clear() {
    byId("try-result").replaceChildren();
  }

  async #ask() {
    const { opened, content } = this.store;
    const question = byId("try-question").value.trim();
    if (!opened || !question) return;
    const root = byId("try-result");
    root.ariaBusy = "true";
    try {
      const found = await this.api.trial(opened.id, question, content);
      if (this.store.opened?.id === opened.id) this.#show(...resultNodes(found, opened.id));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#show(el("p", { class: "warning", role: "alert" }, `${error.message}.`.replace("..", ".")));
    } finally {
      root.ariaBusy = "false";
    }
  }

  /** The question and what came of it, together in view; focus stays where it is. @param {...HTMLElement} nodes */
  #show(...nodes) {
    byId("try-result").replaceChildren(...nodes);
    const wentOn = byId("form").contains(document.activeElement);
    if (!wentOn) byId("try-form").scrollIntoView({ block: "start", behavior: scrolling() });
  }
}

/** @param {import("./articles_api.js").Trial} found @param {string} own */
function resultNodes(found, own) {
  return [
    el("p", { class: "verdict-line", "data-testid": "verdict" }, verdict(found, own)),
    el("p", { class: "hint" }, "This is the assistant as it is now, without what is unpublished."),
    el("ol", { class: "hits" }, ...found.hits.map((hit) => hitNode(hit, hit.id === own))),
    el("h3", {}, "Where this text would stand"),
    el("ol", { class: "hits" }, ...closenessNodes(found)),
    el("p", { class: "estimate", "data-testid": "estimate" }, standing(found.closeness)),
  ];
}

/** @param {import("./articles_api.js").Trial} found @param {string} own */
function verdict({ decision, confidence, hits }, own) {
  const best = hits[0];
  if (!best || decision === "none") return "The assistant would say that it has no answer, and offer a person.";
  const title = best.id === own ? "this article as it is published" : `“${best.question}”`;
  if (decision === "answer") return `The assistant would answer with ${title}, ${percent(confidence)} sure.`;
  return `The assistant would ask which of these is meant; ${title} is likeliest (${percent(confidence)}).`;
}

/** @param {{id: string, question: string, probability: number}} hit @param {boolean} own */
function hitNode({ id, question, probability }, own) {
  const name = own ? "This article as published" : question;
  return row(own ? el("span", {}, name) : el("a", { href: `#${encodeURIComponent(id)}` }, name), probability, percent(probability), `Probability: ${name}`, own);
}

/** @param {import("./articles_api.js").Trial} found */
function closenessNodes({ hits, closeness }) {
  const titles = new Map(hits.map(({ id, question }) => [id, question]));
  const rows = [
    ...Object.entries(closeness.others).filter(([id]) => titles.has(id)).map(([id, near]) => ({ name: titles.get(id) ?? id, near, own: false })),
    { name: "This text", near: closeness.draft, own: true },
  ];
  return rows
    .filter(({ near }) => near !== null)
    .sort((a, b) => (b.near ?? 0) - (a.near ?? 0))
    .map(({ name, near, own }) => row(el("span", {}, name), Math.max(0, near ?? 0), (near ?? 0).toFixed(2), `Closeness: ${name}`, own));
}

/** @param {Node} name @param {number} value @param {string} shown @param {string} label @param {boolean} own */
function row(name, value, shown, label, own) {
  return el("li", { class: own ? "hit own" : "hit" }, name, el("span", { class: "number" }, shown), el("meter", { min: 0, max: 1, value, "aria-label": label }));
}

/** @param {{draft: number|null, others: Record<string, number|null>}} closeness */
function standing({ draft, others }) {
  const end = " An estimate from closeness of meaning alone: once published, single words and all other articles count too.";
  if (draft === null) return "Write a question or a phrasing first.";
  const rivals = Object.values(others).filter((near) => near !== null);
  const closer = rivals.filter((near) => (near ?? 0) > draft).length;
  if (!rivals.length) return `Nothing to compare with.${end}`;
  if (!closer) return `This text is closest to the question.${end}`;
  if (closer === rivals.length) return `The other articles are closer to the question than this text. Add phrasings like it if it belongs here.${end}`;
  return `This text is among the closest.${end}`;
}
