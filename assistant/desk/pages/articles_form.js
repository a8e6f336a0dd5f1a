/** The middle pane: the article as a form, how it is saved, and what is wrong beside each field. */

import { byId, el } from "./dom.js";
import { clock, counted, day } from "./wording.js";

/** As many words as fit a chat; the check says so too. */
const ANSWER_WORDS = 120;

export class Form {
  /**
   * @param {import("./articles_store.js").ArticleStore} store
   * @param {import("./articles_saver.js").Saver} saver
   * @param {() => number} now
   */
  constructor(store, saver, now) {
    this.store = store;
    this.saver = saver;
    this.now = now;
    this.root = byId("form");
    this.fields = ["question", "answer", "phrasings", "tags", "url"].map(byId);
    this.root.addEventListener("input", () => this.saver.change(this.#read()));
    this.root.addEventListener("submit", (/** @type {Event} */ event) => event.preventDefault());
    for (const button of this.root.querySelectorAll("[data-mark]")) button.addEventListener("click", () => this.#mark(button.dataset.mark));
    byId("answer").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => this.#key(event));
    store.on(["opened"], () => this.render());
    store.on(["content"], () => this.#renderCounts());
    store.on(["saving", "conflict", "opened"], () => this.#renderState());
  }

  /** @returns {import("./articles_api.js").Content} */
  #read() {
    const [question, answer, phrasings, tags, url] = this.fields.map((field) => field.value);
    return {
      question,
      answer,
      phrasings: phrasings.split("\n").filter((/** @type {string} */ line) => line.trim()),
      tags: tags.split(",").map((/** @type {string} */ tag) => tag.trim()).filter(Boolean),
      human_only: byId("human-only").checked,
      url: url.trim() || null,
    };
  }

  /** Put the content into the form; a field that says the same keeps its cursor. */
  render() {
    const { opened, content, selected, loadProblem } = this.store;
    byId("nothing-open").hidden = Boolean(selected);
    byId("open").hidden = !selected;
    byId("form").hidden = !opened;
    byId("missing").hidden = !loadProblem;
    byId("side").hidden = !opened;
    byId("publish").hidden = !opened;
    if (!opened) {
      byId("article-title").textContent = loadProblem ?? "Loading…";
      byId("article-mark").textContent = "";
      byId("save-state").textContent = "";
      return;
    }
    const texts = [content.question, content.answer, content.phrasings.join("\n"), content.tags.join(", "), content.url ?? ""];
    const now = this.#read();
    const shown = [now.question, now.answer, now.phrasings.join("\n"), now.tags.join(", "), now.url ?? ""];
    this.fields.forEach((field, n) => {
      if (shown[n] !== texts[n]) field.value = texts[n];
    });
    byId("human-only").checked = content.human_only;
    byId("from").hidden = !opened.conversation_id;
    if (opened.conversation_id) byId("from").href = `/desk#${encodeURIComponent(opened.conversation_id)}`;
    this.#renderCounts();
  }

  #renderCounts() {
    const { content } = this.store;
    const words = content.answer.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
    byId("article-title").textContent = content.question.trim() || "No question yet";
    byId("answer-count").textContent = `${words} of ${ANSWER_WORDS} words`;
    byId("phrasings-count").textContent = content.phrasings.length ? `(${content.phrasings.length})` : "";
  }

  #renderState() {
    const { store } = this;
    const { opened, conflict } = store;
    if (!opened) return;
    byId("article-mark").textContent = store.mark;
    byId("article-mark").className = `badge ${{ Draft: "note", "Changed since published": "warm" }[store.mark] ?? ""}`;
    const node = byId("save-state");
    const text = this.#saveWords();
    if (node.textContent !== text) node.textContent = text;
    node.title = `Revision ${opened.revision}`;
    node.className = store.saving === "failed" || conflict ? "failed" : "";
    byId("publish").disabled = !store.publishable || Boolean(conflict) || store.build?.stage === "building";
    const publishing = store.build?.stage === "building" && store.build.draft_id === opened.id;
    byId("discard").hidden = !opened.draft || publishing;
    byId("discard").textContent = opened.published ? "Discard changes" : "Discard draft";
    byId("archive").hidden = !opened.published;
    const readOnly = conflict?.shown === "theirs";
    for (const field of this.fields) field.readOnly = readOnly;
    byId("human-only").disabled = readOnly;
  }

  #saveWords() {
    const { saving, saveProblem, opened, conflict } = this.store;
    if (conflict) return "Not saved";
    if (saving === "saving") return "Saving…";
    if (saving === "unsaved") return "Not saved yet";
    if (saving === "failed") return `Not saved: ${saveProblem}`;
    if (!opened?.saved) return opened?.draft ? "Saved" : "No changes";
    const label = day(opened.saved.at, this.now());
    const when = label === "Today" ? clock(opened.saved.at) : label;
    return `Saved ${when} by ${opened.saved.by}`;
  }

  /** @param {import("./articles_api.js").Finding[]} findings */
  showProblems(findings) {
    for (const name of ["question", "answer", "phrasings", "tags"]) {
      const own = findings.filter(({ field, rule }) => field === name && !(rule.startsWith("no-") && !this.#begun));
      const nodes = own.map(({ level, message }) => el("li", { class: level }, message));
      byId(`${name}-problems`).replaceChildren(...nodes);
      const wrong = own.some(({ level }) => level === "error");
      if (wrong) byId(name).setAttribute("aria-invalid", "true");
      else byId(name).removeAttribute("aria-invalid");
    }
  }

  /** An empty new article is not yet a mistake. */
  get #begun() {
    return Boolean(this.store.opened?.published || (this.store.content.answer && this.store.content.question));
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const mark = { b: "bold", i: "italic", k: "link" }[event.key.toLowerCase()];
    if (!mark || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    this.#mark(mark);
  }

  /** Put Markdown around what is selected in the answer. @param {string|undefined} mark */
  #mark(mark) {
    const area = byId("answer");
    if (area.readOnly) return;
    const chosen = area.value.slice(area.selectionStart, area.selectionEnd);
    area.focus();
    if (mark === "list") {
      const lines = (chosen || "…").split("\n").map((/** @type {string} */ line) => `- ${line}`).join("\n");
      return this.#insert(area, lines, 2, lines.length);
    }
    const [before, after, sample] = { bold: ["**", "**", "important"], italic: ["*", "*", "this"], link: ["[", "](https://)", "page"] }[mark ?? ""] ?? ["", "", ""];
    const inner = chosen || sample;
    this.#insert(area, before + inner + after, before.length, before.length + inner.length);
  }

  /** @param {HTMLTextAreaElement} area @param {string} text @param {number} from @param {number} to */
  #insert(area, text, from, to) {
    const start = area.selectionStart;
    area.setRangeText(text, start, area.selectionEnd, "end");
    area.setSelectionRange(start + from, start + to);
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

/** The banner over the form while two versions compete. */
export class ConflictBanner {
  /** @param {import("./articles_store.js").ArticleStore} store @param {import("./articles_saver.js").Saver} saver */
  constructor(store, saver) {
    store.on(["conflict"], () => {
      const { conflict } = store;
      const banner = byId("notice");
      banner.hidden = !conflict;
      if (!conflict) return banner.replaceChildren();
      const mine = conflict.shown === "mine";
      banner.replaceChildren(
        el("p", {}, `${conflict.text} ${mine ? "You see your text. It is kept on this computer and not saved." : "You see theirs. Yours is kept on this computer."}`),
        el("div", { class: "banner-actions" },
          el("button", { class: "button", type: "button", "data-testid": "show-other", onclick: () => saver.show(mine ? "theirs" : "mine") }, mine ? "Show theirs" : "Show mine"),
          el("button", { class: "button", type: "button", "data-testid": "settle", onclick: () => saver.settle() }, mine ? "Save mine over theirs" : "Go on with theirs")));
    });
  }
}

/** @param {number} errors @param {number} warnings */
export function problemWords(errors, warnings) {
  const parts = [];
  if (errors) parts.push(counted(errors, "error", "errors"));
  if (warnings) parts.push(counted(warnings, "warning", "warnings"));
  return parts.join(", ");
}
