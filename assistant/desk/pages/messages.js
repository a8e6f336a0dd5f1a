/** One node for each thing in the transcript. Who speaks is said by name, icon and side, not by colour alone. */

import { el, icon } from "./dom.js";
import { clock, decisionWords, mood, percent, sentence } from "./wording.js";

/** @type {Record<string, string>} */
const ROLE_ICONS = { customer: "person", agent: "agent" };

/**
 * @typedef {object} Reader
 * @property {string} me  the agent's name
 * @property {string} customer
 * @property {(articleId: string) => string} articleTitle
 * @property {(pending: import("./types.js").Pending) => void} retry
 * @property {(pending: import("./types.js").Pending) => void} takeBack
 */

/** @param {import("./timeline.js").Item} item @param {Reader} reader */
export function itemNode(item, reader) {
  const { event, pending } = item;
  if (item.kind === "day") return el("p", { class: "day" }, el("span", {}, item.label));
  if (item.kind === "pending" && pending) return pendingNode(pending, reader);
  if (!event) return el("span");
  if (item.kind === "status") return el("p", { class: "status", "data-testid": "status" }, event.text ?? sentence(event.status ?? ""), time(event.at));
  if (item.kind === "trace") return traceNode(event, reader);
  if (item.kind === "note") return noteNode(event, reader);
  return messageNode(item, event, reader);
}

/** @param {import("./timeline.js").Item} item @param {import("./types.js").ChatEvent} event @param {Reader} reader */
function messageNode(item, event, reader) {
  const role = event.author?.role ?? "system";
  return el("article", { class: `message ${role}`, "data-testid": "message", "data-role": role, "data-event-id": event.id, tabindex: "-1" },
    el("header", { class: "message-head" }, icon(ROLE_ICONS[role] ?? "assistant"), el("span", { class: "author" }, authorName(event, reader)), time(event.at), moodNode(item.negative)),
    el("div", { class: "bubble" }, body(event), source(event), choices(event)),
    role === "agent" ? articleButton(event) : null,
    verdict(item.helpful));
}

/** The page listens for it: the transcript itself makes no articles. @param {import("./types.js").ChatEvent} event */
function articleButton({ id }) {
  return el("button", { class: "link make-article", type: "button", "data-make-article": id, "data-testid": "make-article" }, "Make an article of this");
}

/** @param {import("./types.js").ChatEvent} event @param {Reader} reader */
function authorName({ author }, reader) {
  if (author?.role === "customer") return reader.customer;
  if (author?.role === "agent") return author.name === reader.me ? "You" : author.name ?? "Agent";
  return "Assistant";
}

/** @param {import("./types.js").ChatEvent} event */
function body({ html, text, author }) {
  if (!html || author?.role === "customer") return el("p", { class: "plain" }, text ?? "");
  const node = el("div", { class: "rich" });
  node.innerHTML = html; // made safe by the server; the page's policy runs no inline script either
  for (const link of node.querySelectorAll("a")) {
    link.target = "_blank";
    link.rel = "noopener noreferrer";
  }
  return node;
}

/** @param {import("./types.js").ChatEvent} event */
function source({ source: from }) {
  if (!from) return null;
  const web = /^https?:\/\//.test(from.url ?? "");
  return el("p", { class: "source" }, "Source: ", web ? el("a", { href: from.url, target: "_blank", rel: "noopener noreferrer" }, from.title) : from.title);
}

/** @param {import("./types.js").ChatEvent} event */
function choices({ choices: offered }) {
  if (!offered?.length) return null;
  return el("ul", { class: "choices", "aria-label": "Choices offered" }, ...offered.map(({ label }) => el("li", {}, label)));
}

/** @param {number|null|undefined} negative */
function moodNode(negative) {
  if (typeof negative !== "number") return null;
  const { word, level } = mood(negative);
  return el("span", { class: `mood ${level}`, title: `Negative: ${percent(negative)}` }, word);
}

/** @param {boolean|null|undefined} helpful */
function verdict(helpful) {
  if (typeof helpful !== "boolean") return null;
  return el("p", { class: `verdict ${helpful ? "helpful" : "unhelpful"}` }, helpful ? "Customer: helpful" : "Customer: not helpful");
}

/** @param {import("./types.js").ChatEvent} event @param {Reader} reader */
function noteNode(event, reader) {
  return el("article", { class: "message note", "data-testid": "note", "data-event-id": event.id },
    el("header", { class: "message-head" }, icon("lock"), el("span", { class: "author" }, `Private note, ${authorName(event, reader).replace("You", "you")}`), time(event.at)),
    el("div", { class: "bubble" }, el("p", { class: "plain" }, event.text ?? "")));
}

/** @param {import("./types.js").ChatEvent} event @param {Reader} reader */
function traceNode({ trace }, reader) {
  return el("p", { class: "trace", "data-testid": "trace" }, icon("search"), traceWords(trace ?? {}, reader));
}

/** @param {import("./types.js").Trace} trace @param {Reader} reader */
function traceWords({ intent, hits, decision, asked_for_human }, reader) {
  const best = hits?.[0];
  const wantsPerson = asked_for_human === true || (typeof asked_for_human === "number" && asked_for_human >= 0.5);
  if (!best && !decision) return wantsPerson ? "Understood: asks for a person" : `Understood: ${sentence(intent ?? "nothing in particular")}`;
  const looked = "Looked for an answer";
  if (!best) return `${looked}, found nothing that fits`;
  const outcome = decisionWords(decision);
  return `${looked}: best match “${reader.articleTitle(best.article_id)}” ${percent(best.probability)}${outcome ? `, ${outcome}` : ""}`;
}

/** @param {import("./types.js").Pending} pending @param {Reader} reader */
function pendingNode(pending, reader) {
  const note = pending.kind === "note";
  const failed = pending.state === "failed";
  return el("article", { class: `message ${note ? "note" : "agent"} ${pending.state}`, "data-testid": note ? "note" : "message", "data-role": note ? null : "agent" },
    el("header", { class: "message-head" }, icon(note ? "lock" : "agent"), el("span", { class: "author" }, note ? "Private note, you" : "You"), el("span", { class: "muted" }, failed ? "Not sent" : "Sending…")),
    el("div", { class: "bubble" }, el("p", { class: "plain" }, pending.text)),
    failed ? failure(pending, reader) : null);
}

/** @param {import("./types.js").Pending} pending @param {Reader} reader */
function failure(pending, reader) {
  return el("p", { class: "failure" }, `${pending.problem ?? "Not sent."} `,
    el("button", { class: "link", type: "button", "data-testid": "retry", onclick: () => reader.retry(pending) }, "Try again"), " · ",
    el("button", { class: "link", type: "button", onclick: () => reader.takeBack(pending) }, "Back to the composer"));
}

/** @param {string} [at] */
function time(at) {
  return at ? el("time", { datetime: at, title: new Date(at).toLocaleString() }, clock(at)) : null;
}
