/** The first card: why this conversation needs a person, told so that an agent understands it in ten seconds. */

import { byId, el } from "./dom.js";
import { verdictRow } from "./verdict.js";
import { clock, percent, sentence } from "./wording.js";

/** Longer quotes are cut; the message itself is one click away. */
const QUOTE_LENGTH = 64;
/** So many equal characters mean that the reason quotes the message. */
const TELLING_LENGTH = 24;

/** @type {Record<string, string>} */
const DECISIONS = { answer: "answered", suggest: "offered as a choice", none: "not sure enough to answer" };

/**
 * @param {import("./types.js").Detail} detail
 * @param {(messageId: string) => void} goTo
 */
export function renderWhy({ conversation, bundle, transcript }, goTo) {
  const root = byId("why");
  const messages = new Map(transcript.filter((event) => event.kind === "message").map((event) => [event.id ?? "", event]));
  root.classList.remove("loading");
  if (!bundle) {
    root.replaceChildren(title(), el("p", { class: "why-reason" }, withoutBundle(conversation)));
    return;
  }
  root.replaceChildren(
    title(),
    el("p", { class: "why-reason" }, bundle.reason.text),
    ...evidence(bundle, messages, goTo),
    el("div", { class: "why-grid" },
      ...section("In their words", summary(bundle, messages, goTo)),
      ...section("Already tried", attempts(bundle, goTo)),
      ...section("Facts", facts(bundle))),
    verdictRow(bundle),
  );
}

/** Keeps the card's place while the conversation loads. */
export function renderWhySkeleton() {
  const root = byId("why");
  root.classList.add("loading");
  root.replaceChildren(title(), el("span", { class: "bone" }), el("span", { class: "bone short" }), el("span", { class: "bone" }));
}

function title() {
  return el("h3", { id: "why-title", class: "why-title" }, "Why you are here");
}

/** @param {import("./types.js").Row} row */
function withoutBundle(row) {
  if (row.owner === "bot") return "Nobody has asked for you: the assistant is answering. Claim to take over.";
  return row.reason?.text ?? "No hand-off record was made for this conversation.";
}

/** @param {string} name @param {HTMLElement|null} content */
function section(name, content) {
  return content ? [el("h4", {}, name), el("div", {}, content)] : [];
}

/**
 * Each trigger with the messages that fired it; a message quoted once is afterwards named by its time.
 *
 * @param {import("./types.js").Bundle} bundle
 * @param {Map<string, import("./types.js").ChatEvent>} messages
 * @param {(id: string) => void} goTo
 */
function evidence(bundle, messages, goTo) {
  const inReason = ([, message]) => message.text && bundle.reason.text.includes(flat(message.text).slice(0, TELLING_LENGTH));
  const quoted = new Set([...messages].filter(inReason).map(([id]) => id));
  const items = bundle.reason.triggers.map((trigger) => {
    const ids = trigger.message_ids ?? [];
    const beginning = ids.length && quoted.has(ids[0]) ? "See " : null;
    const links = ids.map((id) => {
      const first = !quoted.has(id);
      quoted.add(id);
      return quoteLink(messages.get(id), id, goTo, first);
    });
    const said = trigger.explanation && trigger.explanation !== bundle.reason.text ? `${trigger.explanation.replace(/\.$/, "")} ` : null;
    if (!said && !links.some(Boolean)) return null;
    return el("li", {}, said ?? beginning, ...links.flatMap((link, i) => (i && link ? [", ", link] : [link])), said ? scoreOf(trigger) : null);
  });
  const shown = items.filter((item) => item !== null);
  return shown.length ? [el("ul", { class: "evidence" }, ...shown)] : [];
}

/** @param {import("./types.js").Trigger} trigger */
function scoreOf({ score, threshold }) {
  if (typeof score !== "number" || typeof threshold !== "number") return null;
  const say = (/** @type {number} */ n) => (n <= 1 && threshold <= 1 ? percent(n) : String(Math.round(n * 100) / 100));
  return el("span", { class: "score" }, ` ${say(score)}, acts from ${say(threshold)}`);
}

/**
 * @param {import("./types.js").ChatEvent|undefined} message
 * @param {string} id
 * @param {(id: string) => void} goTo
 * @param {boolean} [words]  false: name it by its time only
 */
function quoteLink(message, id, goTo, words = true) {
  if (!message) return null;
  const label = words ? `“${short(message.text ?? "")}”` : `the message at ${clock(message.at ?? "")}`;
  return messageLink(label, id, goTo);
}

/** @param {string} label @param {string} id @param {(id: string) => void} goTo */
function messageLink(label, id, goTo) {
  const onclick = (/** @type {Event} */ event) => {
    event.preventDefault();
    goTo(id);
  };
  const conversation = location.hash.slice(1).split("/")[0];
  return el("a", { class: "quote", href: `#${conversation}/${encodeURIComponent(id)}`, title: "Show this message", "data-message-id": id, onclick }, label);
}

/**
 * @param {import("./types.js").Bundle} bundle
 * @param {Map<string, import("./types.js").ChatEvent>} messages
 * @param {(id: string) => void} goTo
 */
function summary({ summary: lines }, messages, goTo) {
  if (!lines?.length) return null;
  return el("ul", { class: "summary" }, ...lines.map((line) => {
    const source = [...messages.values()].find((m) => m.author?.role === "customer" && m.text?.includes(line));
    const content = source?.id ? quoteLink({ ...source, text: line }, source.id, goTo) : null;
    return el("li", {}, content ?? line);
  }));
}

/** @param {import("./types.js").Bundle} bundle @param {(id: string) => void} goTo */
function attempts({ attempts: tried }, goTo) {
  if (!tried?.length) return el("p", { class: "muted", "data-testid": "attempts" }, "Nothing yet: the assistant gave no answer.");
  return el("ol", { class: "attempts", "data-testid": "attempts" }, ...tried.map((attempt) => attemptLine(attempt, goTo)));
}

/** @param {import("./types.js").Attempt} attempt @param {(id: string) => void} goTo */
function attemptLine({ question, message_id, article_id, article_title, decision, score, feedback }, goTo) {
  const found = article_title ?? article_id;
  const sure = typeof score === "number" ? `${percent(score)} sure, ` : "";
  return el("li", {},
    el("span", { class: "attempt-found" },
      found ? el("strong", {}, found) : el("strong", {}, "No article"),
      el("span", { class: "muted" }, `${sure}${DECISIONS[decision] ?? sentence(decision ?? "")}`),
      feedback ? el("span", { class: `verdict ${feedback}` }, feedback === "helpful" ? "Customer: helpful" : "Customer: not helpful") : null),
    el("span", { class: "attempt-for" }, "for ", messageLink(`“${short(question)}”`, message_id, goTo)));
}

/** @param {import("./types.js").Bundle} bundle */
function facts({ facts: found }) {
  if (!found?.length) return null;
  return el("p", { class: "facts" }, ...found.map(({ kind, value }) =>
    el("span", { class: "fact" }, el("span", { class: "muted" }, `${sentence(kind)} `), el("strong", {}, value))));
}

/** As the server quotes it: on one line. @param {string} text */
function flat(text) {
  return text.split(/\s+/).filter(Boolean).join(" ");
}

/** @param {string} text */
function short(text) {
  if (text.length <= QUOTE_LENGTH) return text;
  const cut = text.slice(0, QUOTE_LENGTH);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), QUOTE_LENGTH / 2)).replace(/[\s.,;:!?]+$/, "")}…`;
}
