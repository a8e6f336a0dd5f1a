/**
 * What the agent wrote, on its way. Shown at once; sent in the order written; sent again with the same
 * client message id, so that the customer gets it exactly once.
 */

import { ApiError } from "./api.js";

/** Tries before the agent is asked; a longer outage is for the agent to see. */
const TRIES = 3;
const FIRST_PAUSE_MS = 1000;

export class Outbox {
  /** @type {Map<string, Promise<void>>} per conversation, so that order is kept */
  #chains = new Map();

  /**
   * @param {import("./api.js").Api} api
   * @param {import("./store.js").Store} store
   * @param {() => import("./drafts.js").Drafts} drafts
   */
  constructor(api, store, drafts) {
    this.api = api;
    this.store = store;
    this.drafts = drafts;
  }

  /** What an earlier page left unconfirmed is offered again, not sent behind the agent's back. */
  restore() {
    for (const [id, pending] of this.drafts().outbox()) {
      this.store.outbox.set(id, pending.map((one) => ({ ...one, state: "failed", problem: "Not sent yet." })));
    }
    this.store.emit("outbox");
  }

  /** @param {string} id @param {"message"|"note"} kind @param {string} text */
  add(id, kind, text) {
    /** @type {import("./types.js").Pending} */
    const pending = {
      client_message_id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
      kind,
      text,
      at: new Date(this.api.now()).toISOString(),
      state: "sending",
    };
    this.store.outbox.set(id, [...this.store.pendingOf(id), pending]);
    this.#changed();
    this.#enqueue(id, pending);
  }

  /** @param {string} id @param {import("./types.js").Pending} pending */
  retry(id, pending) {
    this.#update(id, pending, { state: "sending", problem: undefined });
    this.#enqueue(id, pending);
  }

  /** @param {string} id @param {import("./types.js").Pending} pending */
  discard(id, pending) {
    const rest = this.store.pendingOf(id).filter((one) => one.client_message_id !== pending.client_message_id);
    if (rest.length) this.store.outbox.set(id, rest);
    else this.store.outbox.delete(id);
    this.#changed();
  }

  /** @param {string} id @param {import("./types.js").Pending} pending */
  #enqueue(id, pending) {
    const before = this.#chains.get(id) ?? Promise.resolve();
    this.#chains.set(id, before.then(() => this.#deliver(id, pending)));
  }

  /** @param {string} id @param {import("./types.js").Pending} pending */
  async #deliver(id, pending) {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { event } = await this.api.send(id, pending);
        this.store.addEvent(id, event);
        this.discard(id, pending);
        this.store.emit("detail");
        return;
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        if (!error.passing || attempt === TRIES) return this.#fail(id, pending, error);
        await pause(Math.max(error.retryAfterSeconds * 1000, FIRST_PAUSE_MS * attempt));
      }
    }
  }

  /** @param {string} id @param {import("./types.js").Pending} pending @param {ApiError} error */
  #fail(id, pending, error) {
    const problem = error.status === 401 ? "You were signed out before this was sent." : `Not sent. ${error.message}`;
    this.#update(id, pending, { state: "failed", problem });
  }

  /** @param {string} id @param {import("./types.js").Pending} pending @param {Partial<import("./types.js").Pending>} change */
  #update(id, pending, change) {
    const list = this.store.pendingOf(id);
    if (!list.some((one) => one.client_message_id === pending.client_message_id)) return;
    this.store.outbox.set(id, list.map((one) => (one.client_message_id === pending.client_message_id ? { ...one, ...change } : one)));
    this.#changed();
  }

  #changed() {
    this.drafts().saveOutbox(this.store.outbox);
    this.store.emit("outbox");
  }
}

/** @param {number} ms */
function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
