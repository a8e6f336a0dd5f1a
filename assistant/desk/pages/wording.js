/** How codes, numbers and times are said to an agent. Pure. */

/** @type {Record<string, string>} */
const REASON_BADGES = {
  asked_for_human: "Wants a person",
  customer_button: "Wants a person",
  sensitive_topic: "Sensitive",
  negative_sentiment: "Upset",
  abuse: "Abusive",
  loop: "In circles",
  no_answer: "No answer",
  unhelpful: "Unhelpful",
  bot_unavailable: "Bot was down",
  taken_over: "Taken over",
};

/** What a sensitive message is about; else it is the id of an article for people only. @type {Record<string, string>} */
const TOPIC_BADGES = {
  fraud: "Fraud",
  account_takeover: "Stolen account",
  legal: "Legal",
  injury: "Injury or unsafe",
  self_harm: "Life at risk",
  data_breach: "Data leak",
  bereavement: "Bereavement",
};

/** @type {Record<string, string>} */
const DECISIONS = {
  answer: "answered",
  follow_up: "answered with part of it",
  repeat: "not given again",
  suggest: "choices offered",
  human_only: "left to a person",
  none: "no sure answer",
};

/** @type {Record<string, string>} */
const CHANNELS = { web: "Website", app: "Mobile app", slack: "Slack" };

/** The words only describe a score on this page; what escalates is decided by the server's thresholds. */
const UPSET_FROM = 0.7;
const UNEASY_FROM = 0.4;

/** Nameless visitors are told apart by the end of their conversation's id. @param {import("./types.js").Row} row */
export function customerName(row) {
  return row.customer.name || row.customer.email || `Visitor ${row.conversation_id.slice(-4)}`;
}

/** @param {{code: string, topic?: string|null}} reason */
export function reasonBadge({ code, topic }) {
  if (topic) return TOPIC_BADGES[topic] ?? sentence(topic);
  return REASON_BADGES[code] ?? sentence(code);
}

/** What the assistant did with what it found. @param {string|null|undefined} decision */
export function decisionWords(decision) {
  return DECISIONS[decision ?? ""] ?? sentence(decision ?? "").toLowerCase();
}

/** @param {string} channel */
export function channelName(channel) {
  return CHANNELS[channel] ?? sentence(channel);
}

/** "order_number" → "Order number". @param {string} code */
export function sentence(code) {
  const words = code.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** @param {number} probability 0..1 */
export function percent(probability) {
  return `${Math.round(probability * 100)} %`;
}

/** @param {number} negative 0..1 @returns {{word: string, level: "upset"|"uneasy"|"calm"}} */
export function mood(negative) {
  if (negative >= UPSET_FROM) return { word: "Upset", level: "upset" };
  if (negative >= UNEASY_FROM) return { word: "Uneasy", level: "uneasy" };
  return { word: "Calm", level: "calm" };
}

/** A running wait: "0:42", "12:05", "1 h 04". @param {number} ms */
export function waited(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours >= 24) return `${Math.floor(hours / 24)} d`;
  if (hours) return `${hours} h ${two(minutes % 60)}`;
  return `${minutes}:${two(seconds % 60)}`;
}

/** How long ago: "now", "5 min", "2 h", "3 d". @param {number} ms */
export function ago(ms) {
  const minutes = Math.max(0, Math.floor(ms / 60_000));
  if (minutes < 1) return "now";
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}

/** @param {string} at */
export function clock(at) {
  return new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

/** @param {string} at @param {number} now */
export function day(at, now) {
  const date = new Date(at);
  if (date.toDateString() === new Date(now).toDateString()) return "Today";
  return date.toLocaleDateString([], { weekday: "long", day: "numeric", month: "long" });
}

/** @param {number} n @param {string} one @param {string} many */
export function counted(n, one, many) {
  return `${n} ${n === 1 ? one : many}`;
}

/** The state of a conversation without its waiting time. @param {import("./types.js").Row} row @param {string} me */
export function ownerWords(row, me) {
  if (row.owner === "waiting") return "Waiting for a person";
  if (row.owner === "bot") return "With the assistant";
  if (row.owner === "closed") return "Resolved";
  return row.agent?.username === me ? "With you" : `With ${row.agent?.name ?? "a colleague"}`;
}

/** @param {number} n */
function two(n) {
  return String(n).padStart(2, "0");
}
