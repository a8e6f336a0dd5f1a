/** The right pane's first tab: the answer as customers see it, and what to know before publishing. */

import { ApiError } from "./api.js";
import { byId, el } from "./dom.js";
import { percent } from "./wording.js";

/** Typing pauses this long before the preview follows. */
const PREVIEW_PAUSE_MS = 250;
/** Looking texts up costs the assistant some work, so it waits for a longer pause. */
const OVERLAP_PAUSE_MS = 1500;

export class Preview {
  #timer = 0;
  #overlapTimer = 0;
  #overlapKey = "";
  #asked = 0;
  /** @type {import("./articles_api.js").Finding[]} */
  findings = [];
  /** @type {import("./articles_api.js").Overlap[]} */
  #overlapping = [];

  /**
   * @param {import("./articles_api.js").ArticlesApi} api
   * @param {import("./articles_store.js").ArticleStore} store
   * @param {(findings: import("./articles_api.js").Finding[]) => void} found
   */
  constructor(api, store, found) {
    this.api = api;
    this.store = store;
    this.found = found;
    store.on(["opened"], () => this.#follow(0));
    store.on(["content"], () => this.#follow(PREVIEW_PAUSE_MS));
  }

  /** @param {number} ms */
  #follow(ms) {
    this.#renderFrame();
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.refresh(), ms);
    this.#followOverlaps();
  }

  #renderFrame() {
    const { content } = this.store;
    const title = content.question.trim() || "…";
    byId("preview-question").textContent = title;
    const web = /^(https?:\/\/|\/)/.test(content.url ?? "");
    byId("preview-source").replaceChildren("From: ", web ? el("a", { href: content.url, target: "_blank", rel: "noopener noreferrer" }, title) : title);
    byId("preview-after").hidden = !content.human_only;
  }

  /** Ask the server for the answer's HTML and for what is wrong. */
  async refresh() {
    clearTimeout(this.#timer);
    const { opened, content } = this.store;
    if (!opened) return;
    const asked = ++this.#asked;
    try {
      const { html, findings } = await this.api.check(opened.id, content);
      if (asked !== this.#asked || this.store.opened?.id !== opened.id) return;
      byId("preview-answer").innerHTML = html || "<p>…</p>"; // made safe by the server; the page's policy runs no inline script either
      this.findings = findings;
      byId("findings").replaceChildren(...findingNodes(findings));
      this.found(findings);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (asked === this.#asked) byId("findings").replaceChildren(line("warning", "Unchecked", error.message));
    }
  }

  /** All that is worth a thought before publishing. @returns {import("./articles_api.js").Finding[]} */
  get concerns() {
    const titles = [...new Set(this.#overlapping.map(({ question }) => `“${question}”`))];
    if (!titles.length) return this.findings;
    const message = `Some of its texts are answered with ${titles.join(", ")} now`;
    return [...this.findings, { level: "warning", rule: "overlap", message, field: null }];
  }

  #followOverlaps() {
    const { opened, content } = this.store;
    const key = opened ? JSON.stringify([opened.id, content.question.trim(), content.phrasings]) : "";
    if (key === this.#overlapKey) return;
    this.#overlapKey = key;
    this.#overlapping = [];
    byId("overlaps").replaceChildren();
    clearTimeout(this.#overlapTimer);
    if (opened) this.#overlapTimer = window.setTimeout(() => this.#overlaps(key), OVERLAP_PAUSE_MS);
  }

  /** @param {string} key */
  async #overlaps(key) {
    const { opened, content } = this.store;
    if (!opened) return;
    try {
      const { overlaps } = await this.api.overlaps(opened.id, content);
      if (key !== this.#overlapKey) return;
      this.#overlapping = overlaps;
      byId("overlaps").replaceChildren(...overlapNodes(overlaps));
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (key === this.#overlapKey) byId("overlaps").replaceChildren(el("h3", {}, "Close to other articles"), el("p", { class: "muted" }, "The assistant cannot be asked at the moment."));
    }
  }
}

/** @param {import("./articles_api.js").Finding[]} findings */
export function findingNodes(findings) {
  if (!findings.length) return [line("fine", "Good", "Nothing to repair.")];
  return findings.map(({ level, rule, message }) => {
    const personal = rule === "personal-data";
    const text = personal ? `${message}. Every customer would see it: take it out unless it is the shop's own.` : `${message}.`;
    return line(`${level}${personal ? " personal" : ""}`, personal ? "Personal" : level === "error" ? "Error" : "Warning", text);
  });
}

/** @param {string} kind @param {string} word @param {string} text */
function line(kind, word, text) {
  return el("li", { class: kind }, el("span", { class: "kind" }, word), el("span", {}, text));
}

/** @param {import("./articles_api.js").Overlap[]} overlaps */
function overlapNodes(overlaps) {
  if (!overlaps.length) return [];
  const nodes = overlaps.map(({ text, id, question, probability }) =>
    el("p", { class: "overlap" }, `“${text}” is answered with `, el("a", { href: `#${encodeURIComponent(id)}` }, question), ` (${percent(probability)})`));
  return [el("h3", {}, "Other articles answer some of this now"), el("p", { class: "hint" }, "Is it the same topic? Then extend that article. If not, tell the two apart in their phrasings."), ...nodes];
}
