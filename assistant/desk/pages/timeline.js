/** From the log of a conversation to what the transcript shows, in order. Pure. */

import { day } from "./wording.js";

/**
 * @typedef {object} Item
 * @property {string} key
 * @property {"day"|"message"|"note"|"status"|"trace"|"pending"} kind
 * @property {string} [label]
 * @property {import("./types.js").ChatEvent} [event]
 * @property {import("./types.js").Pending} [pending]
 * @property {number|null} [negative]  of a customer's message
 * @property {boolean|null} [helpful]  what the customer said of an answer
 */

/**
 * @param {import("./types.js").Detail} detail
 * @param {import("./types.js").Pending[]} pending
 * @param {number} now
 * @returns {Item[]}
 */
export function timelineOf(detail, pending, now) {
  const { transcript, bundle } = detail;
  const traces = byQuestion(transcript);
  const negatives = negativesOf(transcript, bundle);
  const feedback = new Map(transcript.filter((e) => e.kind === "feedback").map((e) => [e.event_id, e.helpful ?? null]));
  const messages = new Set(transcript.filter((e) => e.kind === "message").map((e) => e.id));
  /** @type {Item[]} */
  const items = [];
  let today = "";
  for (const event of transcript) {
    if (event.kind === "feedback" || event.kind === "typing" || event.kind === "verdict") continue;
    if (event.kind === "trace" && messages.has(event.reply_to)) continue;
    const label = event.at ? day(event.at, now) : today;
    if (label !== today) items.push({ key: `day ${label}`, kind: "day", label });
    today = label;
    items.push(itemOf(event, negatives, feedback));
    for (const trace of traces.get(event.id) ?? []) items.push(itemOf(trace, negatives, feedback));
  }
  const confirmed = new Set(transcript.map((event) => event.client_message_id));
  for (const waiting of pending) {
    if (confirmed.has(waiting.client_message_id)) continue;
    items.push({ key: `mine ${waiting.client_message_id}`, kind: "pending", pending: waiting });
  }
  return items;
}

/**
 * @param {import("./types.js").ChatEvent} event
 * @param {Map<string|undefined, number>} negatives
 * @param {Map<string|undefined, boolean|null>} feedback
 * @returns {Item}
 */
function itemOf(event, negatives, feedback) {
  const kind = event.kind === "note" || event.kind === "status" || event.kind === "trace" ? event.kind : "message";
  return {
    key: event.client_message_id ? `mine ${event.client_message_id}` : event.id ?? "",
    kind,
    event,
    negative: event.author?.role === "customer" ? negatives.get(event.id) ?? null : null,
    helpful: feedback.get(event.id) ?? null,
  };
}

/** @param {import("./types.js").ChatEvent[]} transcript */
function byQuestion(transcript) {
  /** @type {Map<string|undefined, import("./types.js").ChatEvent[]>} */
  const traces = new Map();
  for (const event of transcript) {
    if (event.kind === "trace") traces.set(event.reply_to, [...(traces.get(event.reply_to) ?? []), event]);
  }
  return traces;
}

/** @param {import("./types.js").ChatEvent[]} transcript @param {import("./types.js").Bundle|null} bundle */
function negativesOf(transcript, bundle) {
  /** @type {Map<string|undefined, number>} */
  const negatives = new Map((bundle?.sentiment?.trend ?? []).map((point) => [point.message_id, point.negative]));
  for (const { kind, trace, reply_to } of transcript) {
    if (kind === "trace" && typeof trace?.negative === "number") negatives.set(reply_to, trace.negative);
  }
  return negatives;
}

/** "Yes please" finds no article: a later message counts as a question from this many words on. */
const QUESTION_WORDS = 4;

/** What the customer wants to know now, for suggestions. @param {import("./types.js").Detail} detail */
export function lastQuestion({ transcript, bundle }) {
  const asked = transcript.filter((event) => event.kind === "message" && event.author?.role === "customer");
  const created = bundle?.created_at ?? "";
  const later = asked.filter((event) => (event.at ?? "") > created && (event.text ?? "").split(/\s+/).length >= QUESTION_WORDS);
  return later.at(-1)?.text ?? bundle?.last_question ?? asked.at(-1)?.text ?? "";
}

/** The title of an article that this conversation has met, else its id. @param {string} id @param {import("./types.js").Detail} detail */
export function articleTitle(id, { bundle, transcript }) {
  const tried = bundle?.attempts?.find(({ article_id, article_title }) => article_id === id && article_title);
  const answered = transcript.find(({ article_id, source }) => article_id === id && source);
  return tried?.article_title ?? answered?.source?.title ?? id;
}
