/** What the article page knows, and who wants to hear of a change. No I/O. */

import { Topics } from "./topics.js";

/** @typedef {"rows"|"build"|"opened"|"content"|"saving"|"conflict"} Topic */
/** @typedef {"saved"|"unsaved"|"saving"|"failed"} Saving */

/** @type {import("./articles_api.js").Content} */
const EMPTY = { question: "", phrasings: [], answer: "", tags: [], human_only: false, url: null };

/** @extends {Topics<Topic>} */
export class ArticleStore extends Topics {
  /** @type {import("./articles_api.js").Row[]} */
  rows = [];
  loaded = false;
  /** @type {string|null} what keeps anything from being published */
  problem = null;
  /** @type {import("./articles_api.js").Build|null} */
  build = null;
  /** @type {string|null} */
  selected = null;
  /** @type {import("./articles_api.js").Opened|null} as the server has it */
  opened = null;
  /** @type {string|null} why the selected article could not be loaded */
  loadProblem = null;
  /** The field to begin with once the article is open. */
  startAt = "";
  /** @type {import("./articles_api.js").Content} as it stands in the form */
  content = EMPTY;
  /** @type {Saving} */
  saving = "saved";
  /** @type {string} why saving failed */
  saveProblem = "";
  /**
   * Somebody else saved meanwhile; one of the two is in the form.
   * @type {{mine: import("./articles_api.js").Content, theirs: import("./articles_api.js").Opened, shown: "mine"|"theirs", text: string}|null}
   */
  conflict = null;

  /** The opened article as it would be edited further. */
  get current() {
    return contentOf(this.opened);
  }

  /** Whether something here is not with customers. */
  get publishable() {
    return Boolean(this.opened && (this.opened.draft || this.saving !== "saved"));
  }

  get mark() {
    if (!this.opened) return "";
    if (!this.opened.published) return this.opened.draft ? "Draft" : "Archived";
    return this.opened.draft ? "Changed since published" : "Published";
  }
}

/** @param {import("./articles_api.js").Opened|null} opened */
export function contentOf(opened) {
  return opened?.draft ?? opened?.published ?? EMPTY;
}

/** @param {import("./articles_api.js").Content} a @param {import("./articles_api.js").Content} b */
export function same(a, b) {
  return JSON.stringify(tidied(a)) === JSON.stringify(tidied(b));
}

/** As the server stores it. @param {import("./articles_api.js").Content} content */
function tidied({ question, phrasings, answer, tags, human_only, url }) {
  const line = (/** @type {string} */ text) => text.trim().replace(/\s+/g, " ");
  const lines = (/** @type {string[]} */ texts) => texts.map(line).filter(Boolean);
  return [line(question), lines(phrasings), answer.trim(), lines(tags), human_only, line(url ?? "") || null];
}
