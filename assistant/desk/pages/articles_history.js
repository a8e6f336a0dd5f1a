/** The right pane's third tab: what was published when, by whom, and what changed. */

import { ApiError } from "./api.js";
import { byId, el } from "./dom.js";
import { clock, day, sentence } from "./wording.js";

/** @type {Record<string, string>} */
const CHANGES = { published: "Published", archived: "Archived", found: "Before the desk changed it" };
/** @type {Record<string, string>} */
const PARTS = { human_only: "For people only", url: "Page" };

export class History {
  /**
   * @param {import("./articles_api.js").ArticlesApi} api
   * @param {import("./articles_store.js").ArticleStore} store
   * @param {(entry: import("./articles_api.js").Entry) => void} restore
   * @param {() => number} now
   */
  constructor(api, store, restore, now) {
    this.api = api;
    this.store = store;
    this.restore = restore;
    this.now = now;
  }

  async load() {
    const id = this.store.selected;
    if (!id) return;
    try {
      const { entries } = await this.api.history(id);
      if (this.store.selected === id) this.#render(entries);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      byId("history").replaceChildren(el("p", { class: "warning" }, error.message));
    }
  }

  /** @param {import("./articles_api.js").Entry[]} entries */
  #render(entries) {
    const nodes = entries.map((entry) => this.#entry(entry));
    const none = el("p", { class: "muted" }, "Nothing was published from the desk yet. What was there before is recorded when you publish for the first time.");
    byId("history").replaceChildren(...(nodes.length ? nodes : [none]));
  }

  /** @param {import("./articles_api.js").Entry} entry */
  #entry(entry) {
    const when = `${day(entry.at, this.now())}, ${clock(entry.at)}`;
    return el("article", { class: "entry", "data-testid": "history-entry" },
      el("div", { class: "entry-top" }, el("strong", {}, CHANGES[entry.change]), el("span", { class: "muted" }, entry.by ? `${when}, ${entry.by}` : when)),
      entry.diff.length ? el("details", { open: entry.number === 0 }, el("summary", {}, entry.change === "found" ? "What it said" : "What changed"), diffNode(entry.diff)) : el("p", { class: "muted" }, "No change in the text."),
      el("button", { class: "link", type: "button", "data-testid": "restore", onclick: () => this.restore(entry) }, "Restore as a draft"));
  }
}

/** @param {import("./articles_api.js").Entry["diff"]} lines */
function diffNode(lines) {
  const root = el("div", { class: "diff" });
  let part = "";
  for (const line of lines) {
    if (line.part !== part) root.append(el("h4", {}, PARTS[line.part] ?? sentence(line.part)));
    part = line.part;
    const spoken = line.kind === "same" ? null : el("span", { class: "visually-hidden" }, `${sentence(line.kind)}: `);
    root.append(el("p", { class: line.kind }, el("span", {}, spoken, line.text || " ")));
  }
  return root;
}
