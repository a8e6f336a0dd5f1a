/** The left pane: all articles, searched and filtered. */

import { byId, el, icon, reconcile } from "./dom.js";
import { moreButton } from "./more.js";
import { clock, counted } from "./wording.js";

const ROWS_A_PAGE = 100;
/** Heights are fractions of a pixel, what the list reports is rounded. */
const SLACK_PX = 1;

/** @type {Record<string, (row: import("./articles_api.js").Row) => boolean>} */
const FILTERS = {
  all: (row) => row.state !== "archived",
  drafts: (row) => row.state === "draft" || row.state === "changed",
  human: (row) => row.human_only && row.state !== "archived",
  archived: (row) => row.state === "archived",
};
/** @type {Record<string, string>} */
const EMPTY = {
  all: "No article yet. Start one with New.",
  drafts: "No drafts: everything here is what customers get.",
  human: "No article is for people only.",
  archived: "Nothing is archived.",
};

export class ArticleList {
  #filter = "all";
  #shown = ROWS_A_PAGE;
  #height = 0;
  /** @type {string|null} the open article that stays although the filter no longer fits, as a draft that was published */
  #held = null;

  /** @param {import("./articles_store.js").ArticleStore} store */
  constructor(store) {
    this.store = store;
    this.root = byId("list");
    this.filters = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-filter]")]);
    for (const button of this.filters) button.addEventListener("click", () => this.#choose(button.dataset.filter ?? "all"));
    byId("search").addEventListener("input", () => {
      this.#shown = ROWS_A_PAGE;
      this.#held = null;
      this.render();
    });
    store.on(["rows", "opened"], () => this.#follow());
    store.on(["build"], () => this.#renderServing());
    new ResizeObserver(() => this.#resized()).observe(this.root);
  }

  /** @param {string} filter */
  #choose(filter) {
    this.#filter = filter;
    this.#shown = ROWS_A_PAGE;
    this.#held = null;
    this.root.scrollTop = 0;
    this.render();
  }

  /** What is shown, in order. */
  get rows() {
    const words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    const held = this.#held === this.store.selected ? this.#held : null;
    return this.store.rows.filter((row) => FILTERS[this.#filter](row) || (row.id === held && row.state !== "archived")).filter((row) => {
      const text = `${row.id} ${row.question} ${row.tags.join(" ")}`.toLowerCase();
      return words.every((/** @type {string} */ word) => text.includes(word));
    });
  }

  /** The article after (1) or before (-1) the open one. @param {1|-1} step */
  neighbour(step) {
    const rows = this.rows;
    if (!rows.length) return null;
    const at = rows.findIndex((row) => row.id === this.store.selected);
    return rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, at + step))].id;
  }

  /** Bring a row into view, the selected one unless another is named. @param {string|null} id */
  reveal(id = this.store.selected) {
    this.#held = this.store.selected;
    const at = this.rows.findIndex((row) => row.id === id);
    if (at >= this.#shown) this.#shown = Math.ceil((at + 1) / ROWS_A_PAGE) * ROWS_A_PAGE;
    this.render();
    this.#rowOf(id)?.scrollIntoView({ block: "nearest" });
  }

  /** Or the list, where the filter leaves the row out. @param {string} id */
  focusRow(id) {
    this.reveal(id);
    (this.#rowOf(id) ?? this.root).focus();
  }

  /** The list is another one now: a selected row that was in view stays in view, wherever it moved. */
  #follow() {
    const seen = this.#sees();
    this.render();
    if (seen) this.reveal();
  }

  /** The strip and the line below take room from the list: a selected row that was in view stays in view. */
  #resized() {
    if (this.#sees()) this.#rowOf(this.store.selected)?.scrollIntoView({ block: "nearest" });
    this.#height = this.root.clientHeight;
  }

  /** Whether the selected row is in view, in the height that the list had when it was last looked at. */
  #sees() {
    const row = this.root.querySelector("[aria-current=true]");
    if (!row || !this.root.clientHeight) return false;
    const from = this.root.getBoundingClientRect().top + this.root.clientTop;
    const { top, bottom } = row.getBoundingClientRect();
    return top > from - SLACK_PX && bottom < from + this.#height + SLACK_PX;
  }

  /** @param {string|null} id @returns {HTMLElement|null} */
  #rowOf(id) {
    return id ? this.root.querySelector(`[data-id="${CSS.escape(id)}"]`) : null;
  }

  render() {
    for (const button of this.filters) button.setAttribute("aria-pressed", String(button.dataset.filter === this.#filter));
    if (!this.store.loaded) return;
    const rows = this.rows;
    if (rows.some((row) => row.id === this.store.selected)) this.#held = this.store.selected;
    byId("list-count").textContent = counted(rows.length, "article", "articles");
    if (!rows.length) return this.#renderEmpty();
    let list = this.root.querySelector("ul");
    if (!list) {
      list = /** @type {HTMLUListElement} */ (el("ul"));
      this.root.replaceChildren(list);
    }
    reconcile(list, rows.slice(0, this.#shown), {
      key: (row) => row.id,
      version: (row) => JSON.stringify([row, row.id === this.store.selected]),
      build: (row) => this.#row(row),
    });
    this.root.querySelector(".more")?.remove();
    if (rows.length > this.#shown) this.root.append(moreButton(rows.length - this.#shown, ROWS_A_PAGE, () => this.#more()));
  }

  #renderEmpty() {
    const found = byId("search").value.trim() ? "No article has these words in question, id or tags." : EMPTY[this.#filter];
    this.root.replaceChildren(el("div", { class: "empty" }, icon("search"), el("p", {}, found)));
  }

  #more() {
    this.#shown += ROWS_A_PAGE;
    this.render();
  }

  /** @param {import("./articles_api.js").Row} row */
  #row(row) {
    const current = row.id === this.store.selected;
    return el("li", {},
      el("a", { class: "row article-row", href: `#${encodeURIComponent(row.id)}`, "data-testid": "article-row", "data-id": row.id, "data-state": row.state, "aria-current": current ? "true" : null },
        el("span", { class: "row-name" }, row.question || "No question yet"),
        el("span", { class: "row-marks" },
          row.state === "draft" ? el("span", { class: "badge note" }, "Draft") : null,
          row.state === "changed" ? el("span", { class: "badge warm" }, "Changed since published") : null,
          row.human_only ? el("span", { class: "badge" }, "People only") : null,
          el("span", { class: "row-id", title: row.tags.join(", ") }, [row.tags.join(", "), row.id].filter(Boolean).join(" · ")))));
  }

  #renderServing() {
    const { build } = this.store;
    const known = build?.serving && build.at;
    const what = build?.change === "archived" ? "archiving" : "publishing";
    byId("serving").textContent = known ? `Serving since ${clock(build.at ?? "")}, after ${what} “${build.question}” (${build.by})` : "";
  }
}
