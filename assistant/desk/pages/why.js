/** The first card: why this conversation needs a person, told so that an agent understands it in ten seconds. */

import { byId, el } from "./dom.js";
import { articleTitle } from "./timeline.js";
import { verdictRow } from "./verdict.js";
import { decisionWords, percent, sentence } from "./wording.js";

/** Longer quotes are cut, the evidence later; the message itself is one click away. */
const QUOTE_LENGTH = 64;
const EVIDENCE_LENGTH = 140;
/** The last ones tell the most; the transcript has them all. */
const EVIDENCE_SHOWN = 3;
/** How the server's reason ends when it quotes a message: the card links the quote instead. */
const QUOTE_AT_END = /([,;] the last)?( to|:) “.*”\.?$/s;

/**
 * @param {import("./types.js").Detail} detail
 * @param {(messageId: string) => void} goTo
 */
export function renderWhy(detail, goTo) {
  const { conversation, bundle, transcript } = detail;
  const root = byId("why");
  const messages = new Map(transcript.filter((event) => event.kind === "message").map((event) => [event.id ?? "", event]));
  root.className = "why";
  if (!bundle) {
    root.replaceChildren(title(), el("p", { class: "why-reason" }, withoutBundle(conversation)));
    return;
  }
  const evidence = evidenceOf(bundle, messages);
  root.replaceChildren(
    title(),
    el("p", { class: "why-reason" }, reasonOf(bundle, evidence.length > 0)),
    ...evidenceList(evidence, goTo),
    el("div", { class: "why-grid" },
      ...section("In their words", summary(bundle, messages, evidence, goTo)),
      ...section("Already tried", attempts(detail, goTo)),
      ...section("Facts", facts(bundle))),
    verdictRow(bundle),
  );
}

/** In the card's place when there is nothing to show. @param {string} problem @param {boolean} again  whether to offer it */
export function renderProblem(problem, again) {
  const root = byId("why");
  root.className = "why problem";
  root.replaceChildren(...[
    el("h3", { id: "why-title" }, "Cannot show this conversation"),
    el("p", {}, problem),
    again && el("button", { class: "button", type: "button", "data-reload": true }, "Try again"),
  ].filter((node) => node instanceof Node));
}

/** Keeps the card's place while the conversation loads. */
export function renderWhySkeleton() {
  const root = byId("why");
  root.className = "why loading";
  root.replaceChildren(title("Loading…"), el("span", { class: "bone" }), el("span", { class: "bone short" }), el("span", { class: "bone" }));
}

function title(text = "Why you are here") {
  return el("h3", { id: "why-title", class: "why-title" }, text);
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
 * The rule in plain words, without the quote when it follows as a link.
 *
 * @param {import("./types.js").Bundle} bundle
 * @param {boolean} linked
 */
function reasonOf({ reason }, linked) {
  return (linked ? reason.text.replace(QUOTE_AT_END, "") : reason.text).replace(/\.$/, "");
}

/**
 * The messages that fired the rule, oldest first; of those with the same words the last.
 *
 * @param {import("./types.js").Bundle} bundle
 * @param {Map<string, import("./types.js").ChatEvent>} messages
 * @returns {import("./types.js").ChatEvent[]}
 */
function evidenceOf({ reason }, messages) {
  const ids = new Set(reason.triggers.flatMap(({ message_ids }) => message_ids ?? []));
  /** @type {Map<string, import("./types.js").ChatEvent>} */
  const byWords = new Map();
  for (const [id, message] of messages) {
    const words = flat(message.text ?? "").toLowerCase();
    if (!ids.has(id) || !words) continue;
    byWords.delete(words);
    byWords.set(words, message);
  }
  return [...byWords.values()].slice(-EVIDENCE_SHOWN);
}

/** @param {import("./types.js").ChatEvent[]} evidence @param {(id: string) => void} goTo */
function evidenceList(evidence, goTo) {
  if (!evidence.length) return [];
  const items = evidence.map(({ id, text }) => el("li", {}, messageLink(`“${short(flat(text ?? ""), EVIDENCE_LENGTH)}”`, id ?? "", goTo)));
  return [el("ul", { class: "evidence", "data-testid": "evidence" }, ...items)];
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
 * What the evidence has not said yet.
 *
 * @param {import("./types.js").Bundle} bundle
 * @param {Map<string, import("./types.js").ChatEvent>} messages
 * @param {import("./types.js").ChatEvent[]} evidence
 * @param {(id: string) => void} goTo
 */
function summary({ summary: lines }, messages, evidence, goTo) {
  const news = (lines ?? []).filter((line) => !evidence.some(({ text }) => text?.includes(line)));
  if (!news.length) return null;
  return el("ul", { class: "summary" }, ...news.map((line) => {
    const source = [...messages.values()].find((m) => m.author?.role === "customer" && m.text?.includes(line));
    return el("li", {}, source?.id ? messageLink(`“${short(line)}”`, source.id, goTo) : line);
  }));
}

/** @param {import("./types.js").Detail} detail @param {(id: string) => void} goTo */
function attempts(detail, goTo) {
  const tried = detail.bundle?.attempts;
  if (!tried?.length) return el("p", { class: "muted", "data-testid": "attempts" }, "No article was looked up.");
  return el("ol", { class: "attempts", "data-testid": "attempts" }, ...tried.map((attempt) => attemptLine(attempt, detail, goTo)));
}

/** @param {import("./types.js").Attempt} attempt @param {import("./types.js").Detail} detail @param {(id: string) => void} goTo */
function attemptLine({ question, message_id, article_id, decision, score, feedback }, detail, goTo) {
  const words = decision === "suggest" && article_id ? "given, with choices" : decisionWords(decision);
  const sure = typeof score === "number" ? percent(score) : "";
  const how = article_id ? [words, sure && `${sure} sure`].filter(Boolean).join(", ") : sure && `best match ${sure}`;
  return el("li", {},
    el("span", { class: "attempt-found" },
      el("strong", {}, article_id ? articleTitle(article_id, detail) : sentence(words)),
      el("span", { class: "muted" }, how),
      feedback ? el("span", { class: `verdict ${feedback}` }, feedback === "helpful" ? "Customer: helpful" : "Customer: not helpful") : null),
    el("span", { class: "attempt-for" }, "for ", messageLink(`“${short(question)}”`, message_id, goTo)));
}

/** @param {import("./types.js").Bundle} bundle */
function facts({ facts: found }) {
  if (!found?.length) return null;
  return el("p", { class: "facts" }, ...found.map(({ kind, value }) =>
    el("span", { class: "fact" }, el("span", { class: "muted" }, `${sentence(kind)} `), el("strong", {}, value))));
}

/** On one line. @param {string} text */
function flat(text) {
  return text.split(/\s+/).filter(Boolean).join(" ");
}

/** @param {string} text @param {number} [length]  characters */
function short(text, length = QUOTE_LENGTH) {
  if (text.length <= length) return text;
  const cut = text.slice(0, length);
  return `${cut.slice(0, Math.max(cut.lastIndexOf(" "), length / 2)).replace(/[\s.,;:!?]+$/, "")}…`;
}
