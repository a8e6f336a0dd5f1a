/** What an agent can do and what the server tells us, applied to the store. The views only read the store. */

import { ApiError } from "./api.js";
import { lastQuestion } from "./timeline.js";

/** A customer's typing event stands for this long. */
const TYPING_SHOWN_MS = 5000;
/** A suggestion is worth reading when it fits one time in ten; it is a calibrated probability. */
const SUGGEST_FROM = 0.1;
const SUGGESTIONS = 3;
/** Enough for the customer to see dots without a call per key. */
const TYPING_SENT_EVERY_MS = 3500;

export class Actions {
  #typingTimers = new Map();
  #typingSentAt = 0;
  /** @type {Set<string>[]} per running queue fetch: the conversations heard of meanwhile */
  #fetches = [];

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./store.js").Store} store
   * @param {{say: (text: string) => void, warn: (text: string) => void, arrivals: (before: Map<string, import("./types.js").Row>) => void, message: (row: import("./types.js").Row|null, event: import("./types.js").ChatEvent) => void}} tell
   */
  constructor(api, store, tell) {
    this.api = api;
    this.store = store;
    this.tell = tell;
  }

  async refreshQueue() {
    const { store } = this;
    const view = store.tab === "all" || store.loaded.all ? "all" : "open";
    const newer = new Set();
    this.#fetches.push(newer);
    try {
      const { conversations } = await this.api.queue(view);
      const before = store.loaded.open ? store.rows : null;
      store.replaceRows(conversations, view, newer);
      store.emit("rows");
      if (before) this.tell.arrivals(before);
    } finally {
      this.#fetches = this.#fetches.filter((one) => one !== newer);
    }
  }

  /** @param {import("./types.js").Tab} tab */
  showTab(tab) {
    this.store.tab = tab;
    this.store.emit("tab");
    if (tab === "all" && !this.store.loaded.all) this.refreshQueue().catch((error) => this.#report(error));
  }

  /** @param {string|null} id */
  async select(id) {
    const { store } = this;
    if (store.selected === id) return;
    store.selected = id;
    store.mode = "reply";
    store.articles = { conversation: id, state: "loading", list: [] };
    store.emit("selection");
    if (id) await this.reload(id);
  }

  /** @param {string} id */
  async reload(id) {
    const { store } = this;
    try {
      store.setDetail(id, await this.api.conversation(id));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.status === 401) return;
      if (error.status === 404) store.details.delete(id);
      // What was loaded before stays on the screen: the connection bar says that it may be old.
      if (!store.details.has(id)) store.loadProblems.set(id, error.status === 404 ? "This conversation does not exist or was erased." : error.message);
    }
    store.emit("detail");
    if (store.selected === id) this.#suggest(id);
  }

  /** @param {string} id */
  async #suggest(id) {
    const { store } = this;
    const detail = store.details.get(id);
    if (!detail) return;
    const question = lastQuestion(detail);
    if (store.articles.state === "ready" && this.asked === `${id} ${question}`) return;
    this.asked = `${id} ${question}`;
    /** @type {typeof store.articles} */
    let answer = { conversation: id, state: "ready", list: [] };
    try {
      if (question) answer.list = (await this.api.articles(question)).articles.filter(({ probability }) => probability >= SUGGEST_FROM).slice(0, SUGGESTIONS);
    } catch {
      answer = { conversation: id, state: "failed", list: [] };
    }
    if (store.selected !== id) return;
    store.articles = answer;
    store.emit("articles");
  }

  /** @param {string} id */
  async claim(id) {
    const { owner, agent } = await this.#attempt(id, () => this.api.claim(id)) ?? {};
    if (!owner) return false;
    const row = this.store.rows.get(id) ?? this.store.details.get(id)?.conversation;
    if (row) this.store.setRow(id, { ...row, owner, agent });
    this.store.emit("rows", "detail");
    this.reload(id);
    return true;
  }

  /** @param {string} id */
  async returnToAssistant(id) {
    if (await this.#attempt(id, () => this.api.returnToAssistant(id))) {
      this.tell.say("Returned to the assistant.");
      this.#afterwards(id, "bot");
      return true;
    }
    return false;
  }

  /** @param {string} id @param {string} note */
  async resolve(id, note) {
    if (await this.#attempt(id, () => this.api.resolve(id, note))) {
      this.tell.say("Resolved.");
      this.#afterwards(id, "closed");
      return true;
    }
    return false;
  }

  /** @param {string} id @param {string} handoff @param {string} verdict */
  async judge(id, handoff, verdict) {
    const { event } = await this.#attempt(id, () => this.api.judge(id, handoff, verdict)) ?? {};
    if (!event) return;
    this.store.addEvent(id, event);
    this.store.emit("detail");
  }

  /** @param {string} id @param {import("./types.js").Owner} owner */
  #afterwards(id, owner) {
    const { store } = this;
    const row = store.rows.get(id) ?? store.details.get(id)?.conversation;
    if (row) store.setRow(id, { ...row, owner, agent: null });
    store.emit("rows", "detail");
    this.reload(id);
  }

  /** @param {string} id */
  typing(id) {
    const now = Date.now();
    if (now - this.#typingSentAt < TYPING_SENT_EVERY_MS) return;
    this.#typingSentAt = now;
    this.api.typing(id).catch(() => {}); // dots are worth no error
  }

  /** @param {{conversation_id: string, event: import("./types.js").ChatEvent|null, row: import("./types.js").Row|null}} frame */
  receive({ conversation_id: id, event, row }) {
    const { store } = this;
    if (event?.kind === "typing") return this.#customerTypes(id, event);
    if (!event) {
      store.setRow(id, null); // erased by the customer
      return store.emit("rows", "detail");
    }
    for (const newer of this.#fetches) newer.add(id);
    const before = new Map(store.rows);
    store.setRow(id, row);
    store.addEvent(id, event);
    if (event.author?.role === "customer") this.#stopTyping(id);
    store.emit("rows", "detail");
    this.tell.arrivals(before);
    if (event.kind === "message") this.tell.message(row, event);
    if (this.#bundleMayHaveChanged(event) && store.details.has(id)) this.reload(id);
    else if (store.selected === id && event.author?.role === "customer") this.#suggest(id);
  }

  /** @param {import("./types.js").ChatEvent} event */
  #bundleMayHaveChanged(event) {
    return event.kind === "status" && ["handoff_requested", "agent_joined", "reopened"].includes(event.status ?? "");
  }

  /** @param {string} id @param {import("./types.js").ChatEvent} event */
  #customerTypes(id, event) {
    if (event.author?.role !== "customer") return;
    clearTimeout(this.#typingTimers.get(id));
    this.#typingTimers.set(id, setTimeout(() => this.#stopTyping(id), TYPING_SHOWN_MS));
    this.store.typing.add(id);
    this.store.emit("typing");
  }

  /** @param {string} id */
  #stopTyping(id) {
    if (this.store.typing.delete(id)) this.store.emit("typing");
  }

  /**
   * One step that another agent may have taken first: say so and show the truth.
   *
   * @param {string} id @param {() => Promise<any>} step @returns {Promise<any>} null when refused
   */
  async #attempt(id, step) {
    try {
      return (await step()) ?? {};
    } catch (error) {
      this.#report(error);
      if (error instanceof ApiError && error.status === 409) {
        await Promise.all([this.refreshQueue(), this.reload(id)]).catch(() => {});
      }
      return null;
    }
  }

  /** @param {unknown} error */
  #report(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === 401) return;
    if (error.code === "already_claimed") this.tell.warn(`Somebody was faster. ${error.message}`);
    else if (error.code === "not_yours") this.tell.warn(`This conversation is no longer yours. ${error.message}`);
    else this.tell.warn(`That did not work. ${error.message}`);
  }
}
