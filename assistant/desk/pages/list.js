/** The left pane: tabs with counts, rows of two lines, and what to do when there are none. */

import { byId, el, icon, reconcile } from "./dom.js";
import { moreButton } from "./more.js";
import { listenToTabs, markTab } from "./tabs.js";
import { ago, counted, customerName, ownerWords, reasonBadge, waited } from "./wording.js";

/** Rows drawn at first and with every "more". */
const ROWS_A_PAGE = 60;
const SKELETON_ROWS = 4;

/** @type {Record<import("./types.js").Tab, {title: string, text: string, tab: import("./types.js").Tab|null, action: string}>} */
const EMPTY = {
  waiting: { title: "Nobody is waiting", text: "New requests appear here on their own. Meanwhile you can follow what the assistant answers.", tab: "all", action: "Show all conversations" },
  mine: { title: "Nothing is yours yet", text: "Open a waiting conversation and claim it to answer.", tab: "waiting", action: "Show who is waiting" },
  all: { title: "No conversations today", text: "As soon as a customer writes to the assistant, it shows up here.", tab: null, action: "" },
};

export class List {
  #shown = ROWS_A_PAGE;

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./actions.js").Actions} actions
   * @param {import("./api.js").Api} api
   * @param {(id: string) => boolean} hasDraft
   * @param {(order: "newest"|"longest") => void} saveOrder
   */
  constructor(store, actions, api, hasDraft, saveOrder) {
    this.store = store;
    this.actions = actions;
    this.api = api;
    this.hasDraft = hasDraft;
    this.root = byId("list");
    this.tabs = /** @type {HTMLElement[]} */ ([...document.querySelectorAll(".list-pane [role=tab]")]);
    listenToTabs(this.tabs, (tab) => actions.showTab(/** @type {any} */ (tab.dataset.tab)));
    byId("order").addEventListener("click", () => {
      store.order = store.order === "newest" ? "longest" : "newest";
      saveOrder(store.order);
      this.render();
    });
    store.on(["rows", "selection", "session", "mode"], () => this.render());
    store.on(["tab"], () => {
      this.#shown = ROWS_A_PAGE;
      this.root.scrollTop = 0;
      this.render();
    });
    setInterval(() => this.tick(), 1000);
  }

  render() {
    const { store } = this;
    for (const tab of this.tabs) this.#renderTab(tab);
    this.root.setAttribute("aria-labelledby", `tab-${store.tab}`);
    const loaded = store.tab === "all" ? store.loaded.all : store.loaded.open;
    const rows = store.rowsOf(store.tab);
    byId("list-count").textContent = loaded ? counted(rows.length, "conversation", "conversations") : " ";
    const order = byId("order");
    order.textContent = store.order === "newest" ? "Newest first" : "Longest wait first";
    order.title = store.order === "newest" ? "Show the longest wait first" : "Show the newest first";
    this.root.setAttribute("aria-busy", String(!loaded));
    if (!loaded) this.root.replaceChildren(...skeleton());
    else if (!rows.length) this.root.replaceChildren(this.#empty());
    else this.#renderRows(rows);
  }

  /** The waiting times, once a second, without touching anything else. */
  tick() {
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (this.root.querySelectorAll("[data-since]"))) {
      const text = this.#age(node.dataset.since ?? "", node.dataset.waiting !== undefined);
      if (node.textContent !== text) node.textContent = text;
    }
  }

  /** The conversation after (1) or before (-1) the selected one in what is shown. @param {1|-1} step */
  neighbour(step) {
    const rows = this.store.rowsOf(this.store.tab);
    if (!rows.length) return null;
    const at = rows.findIndex((row) => row.conversation_id === this.store.selected);
    if (at < 0) return rows[step > 0 ? 0 : rows.length - 1].conversation_id;
    return rows[Math.min(rows.length - 1, Math.max(0, at + step))].conversation_id;
  }

  /** Bring the selected row into view, drawing more pages when it lies beyond them. */
  reveal() {
    const at = this.store.rowsOf(this.store.tab).findIndex((row) => row.conversation_id === this.store.selected);
    if (at >= this.#shown) {
      this.#shown = Math.ceil((at + 1) / ROWS_A_PAGE) * ROWS_A_PAGE;
      this.render();
    }
    this.root.querySelector("[aria-current=true]")?.scrollIntoView({ block: "nearest" });
  }

  get hidden() {
    return this.root.offsetParent === null;
  }

  /** @param {string} id */
  focusRow(id) {
    const row = this.root.querySelector(`[data-conversation-id="${CSS.escape(id)}"]`);
    if (row instanceof HTMLElement) row.focus();
  }

  /** @param {HTMLElement} tab */
  #renderTab(tab) {
    const name = /** @type {import("./types.js").Tab} */ (tab.dataset.tab);
    markTab(tab, name === this.store.tab);
    const label = { waiting: "Waiting", mine: "Mine", all: "All" }[name];
    const known = name !== "all" && this.store.loaded.open;
    const count = known ? this.store.rowsOf(name).length : 0;
    const text = count ? `${label} ${count}` : label;
    if (tab.textContent !== text) tab.replaceChildren(label, ...(count ? [" ", el("span", { class: "count" }, String(count))] : []));
  }

  /** @param {import("./types.js").Row[]} rows */
  #renderRows(rows) {
    let list = this.root.querySelector("ul");
    if (!list) {
      list = /** @type {HTMLUListElement} */ (el("ul", { class: "rows" }));
      this.root.replaceChildren(list);
    }
    reconcile(list, rows.slice(0, this.#shown), {
      key: (row) => row.conversation_id,
      version: (row) => JSON.stringify([row, row.conversation_id === this.store.selected, this.hasDraft(row.conversation_id), this.store.me]),
      build: (row) => this.#row(row),
    });
    this.root.querySelector(".more")?.remove();
    if (rows.length > this.#shown) this.root.append(moreButton(rows.length - this.#shown, ROWS_A_PAGE, () => this.#more()));
  }

  #more() {
    this.#shown += ROWS_A_PAGE;
    this.render();
  }

  /** @param {import("./types.js").Row} row */
  #row(row) {
    const waiting = row.owner === "waiting" && Boolean(row.waiting_since);
    const since = (waiting ? row.waiting_since : row.last_message?.at) ?? "";
    const id = row.conversation_id;
    return el("li", {},
      el("a", { class: "row", href: `#${encodeURIComponent(id)}`, "data-testid": "row", "data-conversation-id": id, "data-owner": row.owner, "aria-current": id === this.store.selected ? "true" : null },
        el("span", { class: "row-top" },
          el("span", { class: "row-name", title: customerName(row) }, customerName(row)),
          this.#badge(row),
          el("span", { class: waiting ? "row-time waiting" : "row-time", "data-since": since, "data-waiting": waiting, title: waiting ? "Waiting" : "Last message" }, this.#age(since, waiting)),
        ),
        this.#lastLine(row),
      ));
  }

  /** @param {import("./types.js").Row} row */
  #badge(row) {
    if (this.store.needsReply(row)) return el("span", { class: "badge accent" }, "Reply due");
    if (row.owner !== "waiting") return el("span", { class: "badge" }, row.owner === "bot" ? "Assistant" : ownerWords(row, this.store.me));
    const reason = row.reason ?? { code: "asked_for_human" };
    return el("span", { class: "badge warm", title: row.reason?.text }, reasonBadge(reason));
  }

  /** @param {import("./types.js").Row} row */
  #lastLine(row) {
    const draft = this.hasDraft(row.conversation_id) ? el("span", { class: "draft" }, "Draft") : null;
    const role = row.last_message?.role ?? "";
    const from = { bot: "Assistant: ", agent: this.store.isMine(row) ? "You: " : "Team: " }[role] ?? "";
    return el("span", { class: "row-last" }, draft, el("span", { class: "row-text" }, row.last_message ? from + row.last_message.text : "No message yet"));
  }

  /** @param {string} since @param {boolean} waiting */
  #age(since, waiting) {
    if (!since) return "";
    const ms = this.api.now() - Date.parse(since);
    return waiting ? waited(ms) : ago(ms);
  }

  #empty() {
    const { title, text, tab, action } = EMPTY[this.store.tab];
    return el("div", { class: "empty" },
      icon(this.store.tab === "waiting" ? "done" : "inbox"),
      el("h2", {}, title),
      el("p", {}, text),
      tab && el("button", { class: "button", type: "button", onclick: () => this.actions.showTab(tab) }, action));
  }
}

function skeleton() {
  return Array.from({ length: SKELETON_ROWS }, () =>
    el("div", { class: "row skeleton", "aria-hidden": "true" }, el("span", { class: "bone short" }), el("span", { class: "bone" })));
}
