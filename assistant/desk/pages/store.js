/** What the desk knows, and who wants to hear of a change. No I/O. */

import { Topics } from "./topics.js";

/** @typedef {"session"|"rows"|"selection"|"detail"|"outbox"|"typing"|"connection"|"tab"|"mode"|"articles"} Topic */

/** Opened conversations kept in memory; the oldest is dropped and simply loaded again when wanted. */
const DETAILS_KEPT = 30;

/** @extends {Topics<Topic>} */
export class Store extends Topics {
  /** @type {import("./types.js").Agent|null} */
  agent = null;
  /** @type {Map<string, import("./types.js").Row>} */
  rows = new Map();
  loaded = { open: false, all: false };
  /** @type {string|null} */
  selected = null;
  /** @type {Map<string, import("./types.js").Detail>} */
  details = new Map();
  /** @type {Map<string, string>} why a conversation could not be loaded */
  loadProblems = new Map();
  /** @type {Map<string, import("./types.js").Pending[]>} */
  outbox = new Map();
  /** @type {Set<string>} conversations whose customer is typing */
  typing = new Set();
  /** @type {{online: boolean, retryAt: number|null}} */
  connection = { online: true, retryAt: null };
  /** @type {import("./types.js").Tab} */
  tab = "waiting";
  /** @type {"newest"|"longest"} */
  order = "longest";
  /** @type {import("./types.js").Mode} */
  mode = "reply";
  /** @type {{conversation: string|null, state: "loading"|"ready"|"failed", list: import("./types.js").Article[]}} */
  articles = { conversation: null, state: "loading", list: [] };

  get me() {
    return this.agent?.username ?? "";
  }

  /** The selected conversation's row: from the list, or from the opened conversation once it left the list. */
  get row() {
    if (!this.selected) return null;
    return this.rows.get(this.selected) ?? this.detail?.conversation ?? null;
  }

  get detail() {
    return this.selected ? this.details.get(this.selected) ?? null : null;
  }

  /** @param {import("./types.js").Row|null} row */
  isMine(row) {
    return row?.owner === "human" && row.agent?.username === this.me;
  }

  /** @param {import("./types.js").Row} row */
  needsReply(row) {
    return this.isMine(row) && row.last_message?.role === "customer";
  }

  /** @param {import("./types.js").Tab} tab */
  rowsOf(tab) {
    const rows = [...this.rows.values()].filter((row) => this.#belongs(row, tab));
    const direction = this.order === "newest" ? -1 : 1;
    return rows.sort((a, b) => direction * since(a).localeCompare(since(b)) || a.conversation_id.localeCompare(b.conversation_id));
  }

  /** @param {import("./types.js").Row} row @param {import("./types.js").Tab} tab */
  #belongs(row, tab) {
    if (tab === "waiting") return row.owner === "waiting";
    if (tab === "mine") return this.isMine(row);
    return true;
  }

  /**
   * Replace the listed rows by a fresh answer.
   *
   * @param {import("./types.js").Row[]} rows
   * @param {"open"|"all"} view
   * @param {Set<string>} newer  conversations of which a newer row came by the stream meanwhile
   */
  replaceRows(rows, view, newer) {
    const kept = [...this.rows.values()].filter(
      (row) => newer.has(row.conversation_id) || (view === "open" && row.owner === "bot"),
    );
    const fresh = rows.filter((row) => !newer.has(row.conversation_id));
    this.rows = new Map([...kept, ...fresh].map((row) => [row.conversation_id, row]));
    this.loaded = { open: true, all: this.loaded.all || view === "all" };
    for (const row of fresh) this.#refreshDetailRow(row);
  }

  /** @param {string} id @param {import("./types.js").Row|null} row  null: it left the lists */
  setRow(id, row) {
    if (row && row.owner !== "closed") this.rows.set(id, row);
    else this.rows.delete(id);
    if (row) this.#refreshDetailRow(row);
  }

  /** @param {import("./types.js").Row} row */
  #refreshDetailRow(row) {
    const detail = this.details.get(row.conversation_id);
    if (detail) detail.conversation = row;
  }

  /** @param {string} id @param {import("./types.js").Detail} detail */
  setDetail(id, detail) {
    const known = this.details.get(id)?.transcript ?? [];
    this.details.delete(id);
    this.details.set(id, { ...detail, transcript: merged(detail.transcript, known) });
    this.loadProblems.delete(id);
    for (const old of this.details.keys()) {
      if (this.details.size <= DETAILS_KEPT) break;
      if (old !== this.selected) this.details.delete(old);
    }
  }

  /** @param {string} id @param {import("./types.js").ChatEvent} event */
  addEvent(id, event) {
    const detail = this.details.get(id);
    if (!detail || !event.id) return;
    detail.transcript = merged(detail.transcript, [event]);
    if (event.kind === "status" && event.owner) detail.conversation = { ...detail.conversation, owner: event.owner };
  }

  /** @param {string} id */
  pendingOf(id) {
    return this.outbox.get(id) ?? [];
  }

  /** Forget everything of the agent who leaves. */
  clear() {
    this.agent = null;
    this.rows = new Map();
    this.loaded = { open: false, all: false };
    this.details = new Map();
    this.outbox = new Map();
    this.typing = new Set();
  }
}

/** When a conversation last became somebody's problem. @param {import("./types.js").Row} row */
function since(row) {
  return row.waiting_since ?? row.last_message?.at ?? "";
}

/**
 * Both lists in log order, each event once.
 *
 * @param {import("./types.js").ChatEvent[]} a
 * @param {import("./types.js").ChatEvent[]} b
 */
function merged(a, b) {
  const byId = new Map([...b, ...a].map((event) => [event.id ?? "", event]));
  byId.delete("");
  return [...byId.values()].sort(byOffset);
}

/** Ids are "milliseconds-sequence". @param {import("./types.js").ChatEvent} a @param {import("./types.js").ChatEvent} b */
function byOffset(a, b) {
  const [aMs, aSequence = 0] = (a.id ?? "").split("-").map(Number);
  const [bMs, bSequence = 0] = (b.id ?? "").split("-").map(Number);
  return aMs - bMs || aSequence - bSequence;
}
