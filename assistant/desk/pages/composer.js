/** Reply or private note. Each conversation keeps a draft of both; every conversation opens in Reply. */

import { byId } from "./dom.js";
import { plain } from "./context.js";
import { listenToTabs, markTab } from "./tabs.js";

/** From here on the number of characters left is shown. */
const COUNT_FROM = 3500;
const LONGEST_TEXT = 4000;

export class Composer {
  /** @type {string|null} */
  #shown = null;

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./actions.js").Actions} actions
   * @param {import("./outbox.js").Outbox} outbox
   * @param {() => import("./drafts.js").Drafts} drafts
   */
  constructor(store, actions, outbox, drafts) {
    this.store = store;
    this.actions = actions;
    this.outbox = outbox;
    this.drafts = drafts;
    this.form = byId("composer-form");
    this.field = /** @type {HTMLTextAreaElement} */ (byId("composer"));
    this.tabs = /** @type {HTMLElement[]} */ ([byId("mode-reply"), byId("mode-note")]);
    listenToTabs(this.tabs, (tab, byArrow) => this.setMode(/** @type {any} */ (tab.dataset.mode), !byArrow));
    this.form.addEventListener("submit", (/** @type {Event} */ event) => {
      event.preventDefault();
      this.send();
    });
    this.field.addEventListener("keydown", (event) => this.#key(event));
    this.field.addEventListener("input", () => this.#typed());
    store.on(["selection"], () => this.#load());
    store.on(["rows", "detail", "session"], () => this.render());
  }

  /** @param {import("./types.js").Mode} mode */
  setMode(mode, focus = true) {
    this.store.mode = mode;
    this.#load();
    this.store.emit("mode");
    if (focus) this.field.focus();
  }

  focus() {
    this.field.focus();
  }

  /** @param {import("./types.js").Article} article */
  insert(article) {
    if (!this.store.selected || this.#closed) return;
    const { selectionStart, selectionEnd, value } = this.field;
    const before = value.slice(0, selectionStart);
    const gap = before && !/\s$/.test(before) ? "\n\n" : "";
    this.field.setRangeText((gap + plain(article)).slice(0, LONGEST_TEXT - value.length), selectionStart, selectionEnd, "end");
    this.#typed();
    this.field.focus();
  }

  /** What could not be sent comes back to be changed. @param {import("./types.js").Pending} pending */
  takeBack(pending) {
    this.setMode(pending.kind === "note" ? "note" : "reply");
    this.field.value = [this.field.value, pending.text].filter(Boolean).join("\n");
    this.#typed();
  }

  send() {
    const { selected, mode } = this.store;
    const text = this.field.value.trim();
    if (!selected || !text || this.#blocked) return;
    this.outbox.add(selected, mode === "note" ? "note" : "message", text);
    this.field.value = "";
    this.#typed();
    this.field.focus();
  }

  render() {
    const { mode } = this.store;
    const note = mode === "note";
    this.form.dataset.mode = mode;
    for (const tab of this.tabs) this.#renderTab(tab);
    byId("composer-panel").setAttribute("aria-labelledby", `mode-${mode}`);
    this.field.setAttribute("aria-label", note ? "Private note for the team" : "Reply to the customer");
    this.field.placeholder = this.#placeholder;
    this.field.disabled = this.#closed;
    const send = byId("send");
    send.textContent = note ? "Add note" : "Send";
    send.disabled = Boolean(this.#blocked) || !this.field.value.trim();
    byId("composer-hint").textContent = this.#hint;
  }

  get #closed() {
    return this.store.row?.owner === "closed" || this.#missing;
  }

  get #missing() {
    return this.store.loadProblems.has(this.store.selected ?? "");
  }

  /** Why the present text cannot go out, in words; empty when it can. */
  get #blocked() {
    const { row, mode } = this.store;
    if (this.#missing) return "Nothing can be sent until the conversation is shown.";
    if (!row) return "Loading…";
    if (row.owner === "closed") return "Resolved. If the customer writes again, it opens again.";
    if (mode === "note" || this.store.isMine(row)) return "";
    if (row.owner === "human") return `${row.agent?.name ?? "A colleague"} is answering. You can leave a private note.`;
    return "Claim to reply (Alt C). You can already write.";
  }

  get #hint() {
    const left = LONGEST_TEXT - this.field.value.length;
    if (left <= LONGEST_TEXT - COUNT_FROM) return `${left} characters left`;
    return this.#blocked || (this.store.mode === "note" ? "Only your team sees this." : "Enter sends, Shift Enter breaks the line");
  }

  get #placeholder() {
    if (this.#missing) return "";
    if (this.#closed) return "This conversation is resolved";
    return this.store.mode === "note" ? "Write a note for your team" : "Write to the customer";
  }

  /** @param {HTMLElement} tab */
  #renderTab(tab) {
    const selected = tab.dataset.mode === this.store.mode;
    markTab(tab, selected);
    const other = !selected && this.store.selected && this.drafts().get(this.store.selected, /** @type {any} */ (tab.dataset.mode));
    tab.classList.toggle("has-draft", Boolean(other));
    tab.textContent = (tab.dataset.mode === "note" ? "Private note" : "Reply") + (other ? " (draft)" : "");
  }

  /** Show the draft as it is stored now. */
  reload() {
    this.#shown = null;
    this.#load();
  }

  #load() {
    const { selected, mode } = this.store;
    const shown = selected ? `${mode} ${selected}` : null;
    if (shown !== this.#shown) {
      this.#shown = shown;
      this.field.value = selected ? this.drafts().get(selected, mode) : "";
    }
    this.render();
  }

  #typed() {
    const { selected, mode, row } = this.store;
    if (!selected) return;
    const had = this.drafts().any(selected);
    this.drafts().set(selected, mode, this.field.value);
    if (had !== this.drafts().any(selected)) this.store.emit("mode");
    if (mode === "reply" && this.field.value.trim() && this.store.isMine(row)) this.actions.typing(selected);
    this.render();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }
}
