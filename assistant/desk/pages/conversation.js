/** The middle pane: header with the state and the actions, the card, the transcript, and where it is scrolled. */

import { byId, el, icon, reconcile, scrolling } from "./dom.js";
import { itemNode } from "./messages.js";
import { articleTitle, timelineOf } from "./timeline.js";
import { showVerdict } from "./verdict.js";
import { renderProblem, renderWhy, renderWhySkeleton } from "./why.js";
import { channelName, customerName, ownerWords, waited } from "./wording.js";

/** Drawn at first; earlier ones on demand. */
const ITEMS_DRAWN = 150;
/** Nearer to the end than this counts as reading along. */
const AT_END_PX = 80;
const FLASH_MS = 1600;
/** Screen readers collect changes for a moment before they speak. */
const SETTLE_MS = 1000;

export class Conversation {
  #drawn = ITEMS_DRAWN;
  /** @type {string|null} the conversation whose first position was chosen */
  #placed = null;
  #why = "";

  /**
   * @param {import("./store.js").Store} store
   * @param {import("./api.js").Api} api
   * @param {import("./outbox.js").Outbox} outbox
   * @param {(pending: import("./types.js").Pending) => void} takeBack
   */
  constructor(store, api, outbox, takeBack) {
    this.store = store;
    this.api = api;
    this.outbox = outbox;
    this.takeBack = takeBack;
    this.scroll = byId("scroll");
    this.transcript = byId("transcript");
    byId("latest").addEventListener("click", () => this.toEnd());
    this.scroll.addEventListener("scroll", () => this.#hideLatest(), { passive: true });
    store.on(["selection"], () => this.#selected());
    store.on(["detail", "rows", "session"], () => this.render());
    store.on(["outbox"], () => this.#renderTranscript());
    store.on(["typing"], () => this.#renderTyping());
    setInterval(() => this.#renderState(), 1000);
  }

  #selected() {
    this.#drawn = ITEMS_DRAWN;
    this.#placed = null;
    this.#why = "";
    this.transcript.ariaLive = "off"; // an opened transcript is not news
    this.transcript.replaceChildren();
    byId("latest").hidden = true;
    this.render();
  }

  render() {
    const { selected, row, detail } = this.store;
    this.#renderNothing(!selected);
    byId("open").hidden = !selected;
    this.#renderHeader(row);
    this.#renderTyping();
    if (!selected) return;
    if (!detail) return this.#renderLoading();
    this.scroll.setAttribute("aria-busy", "false");
    this.#renderWhy(detail);
    this.#renderTranscript();
  }

  /** @param {boolean} shown */
  #renderNothing(shown) {
    byId("nothing-open").hidden = !shown;
    const idle = this.store.loaded.open && !this.store.rowsOf("waiting").length;
    byId("nothing-title").textContent = idle ? "All caught up" : "No conversation open";
    byId("nothing-pick").hidden = idle;
    byId("nothing-idle").hidden = !idle;
  }

  /** @param {import("./types.js").Detail} detail */
  #renderWhy(detail) {
    const { owner, reason } = detail.conversation;
    const version = JSON.stringify([detail.bundle, owner, reason, this.store.selected, detail.transcript.length && detail.transcript[0].id]);
    if (version !== this.#why) renderWhy(detail, (id) => this.goTo(id));
    this.#why = version;
    showVerdict(byId("why"), detail, this.store.agent?.name ?? "");
  }

  #renderLoading() {
    const problem = this.store.loadProblems.get(this.store.selected ?? "");
    this.scroll.setAttribute("aria-busy", String(!problem));
    this.#why = "";
    this.transcript.replaceChildren();
    if (problem) renderProblem(problem, Boolean(this.store.row));
    else renderWhySkeleton();
  }

  /** @param {import("./types.js").Row|null} row */
  #renderHeader(row) {
    byId("customer-name").textContent = row ? customerName(row) : "Conversation";
    this.#renderState();
    byId("claim").hidden = !row || this.store.loadProblems.has(row.conversation_id) || (row.owner !== "waiting" && row.owner !== "bot");
    byId("return").hidden = !this.store.isMine(row);
    byId("resolve").hidden = !this.store.isMine(row);
  }

  #renderState() {
    const { row, me } = this.store;
    const wait = row?.owner === "waiting" && row.waiting_since ? `Waiting for ${waited(this.api.now() - Date.parse(row.waiting_since))}` : null;
    const text = row ? `${wait ?? ownerWords(row, me)} · ${channelName(row.channel)}` : " ";
    const node = byId("conversation-state");
    if (node.textContent !== text) node.textContent = text;
  }

  #renderTyping() {
    const { selected, row, typing } = this.store;
    const root = byId("typing");
    const shown = Boolean(selected && row && typing.has(selected));
    if (shown === root.classList.contains("on")) return;
    root.classList.toggle("on", shown);
    root.replaceChildren(...(shown && row ? [el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i")), `${customerName(row)} is typing`] : []));
  }

  #renderTranscript() {
    const { store } = this;
    const { selected, detail, row } = store;
    if (!selected || !detail || !row) return;
    const follow = this.#atEnd;
    const items = timelineOf(detail, store.pendingOf(selected), this.api.now());
    const drawn = items.slice(-this.#drawn);
    const grew = this.transcript.lastElementChild?.getAttribute("data-key") !== drawn.at(-1)?.key;
    reconcile(this.transcript, drawn, {
      key: (item) => item.key,
      version: (item) => JSON.stringify([item.event?.id, item.pending, item.negative, item.helpful, item.label]),
      build: (item) => itemNode(item, this.#reader(selected, row, detail)),
    });
    this.#earlier(items.length - drawn.length);
    this.#place(selected, follow, grew);
  }

  /** @param {string} id @param {import("./types.js").Row} row @param {import("./types.js").Detail} detail */
  #reader(id, row, detail) {
    return {
      me: this.store.agent?.name ?? "",
      customer: customerName(row),
      articleTitle: (/** @type {string} */ article) => articleTitle(article, detail),
      retry: (/** @type {import("./types.js").Pending} */ pending) => this.outbox.retry(id, pending),
      takeBack: (/** @type {import("./types.js").Pending} */ pending) => {
        this.outbox.discard(id, pending);
        this.takeBack(pending);
      },
    };
  }

  /** @param {number} hidden */
  #earlier(hidden) {
    this.scroll.querySelector(".earlier")?.remove();
    if (hidden <= 0) return;
    const onclick = () => {
      this.#drawn += ITEMS_DRAWN;
      this.#renderTranscript();
    };
    this.transcript.before(el("button", { class: "link earlier", type: "button", onclick }, `Show ${hidden} earlier`));
  }

  /** A new problem opens on the card, a running conversation on its end; later the reader's place is kept. */
  #place(/** @type {string} */ selected, /** @type {boolean} */ follow, /** @type {boolean} */ grew) {
    if (this.#placed !== selected) {
      this.#placed = selected;
      setTimeout(() => (this.transcript.ariaLive = "polite"), SETTLE_MS);
      if (this.store.isMine(this.store.row)) this.toEnd();
      else this.scroll.scrollTop = 0;
      return;
    }
    if (!grew) return;
    const own = this.transcript.lastElementChild?.classList.contains("sending");
    if (follow || own) this.toEnd();
    else byId("latest").hidden = false;
  }

  get #atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < AT_END_PX;
  }

  #hideLatest() {
    if (this.#atEnd) byId("latest").hidden = true;
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    byId("latest").hidden = true;
  }

  /** Show a message and flash it. @param {string} id */
  goTo(id) {
    const find = () => this.transcript.querySelector(`[data-event-id="${CSS.escape(id)}"]`);
    if (!find()) {
      this.#drawn = Infinity;
      this.#renderTranscript();
    }
    const node = find();
    if (!node) return;
    node.scrollIntoView({ block: "center", behavior: scrolling() });
    node.focus({ preventScroll: true });
    node.classList.add("flash");
    setTimeout(() => node.classList.remove("flash"), FLASH_MS);
  }
}

/** The header's small buttons get their icons once. */
export function furnish() {
  byId("back").append(icon("back"));
  byId("details-open").append(icon("details"));
  byId("details-close").append(icon("close"));
}
