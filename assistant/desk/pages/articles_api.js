/** The endpoints of the article editor, and the shapes they send. Calls reject with an ApiError, see api.js. */

/**
 * @typedef {object} Content  What can be edited of an article.
 * @property {string} question
 * @property {string[]} phrasings
 * @property {string} answer  Markdown
 * @property {string[]} tags
 * @property {boolean} human_only
 * @property {string|null} url
 *
 * @typedef {object} Row  An article in the list.
 * @property {string} id
 * @property {string} question
 * @property {string[]} tags
 * @property {boolean} human_only
 * @property {"published"|"changed"|"draft"|"archived"} state
 * @property {{at: string, by: string}|null} saved  the draft
 *
 * @typedef {object} Opened
 * @property {string} id
 * @property {number} revision
 * @property {Content|null} published
 * @property {Content|null} draft
 * @property {{at: string, by: string}|null} saved
 * @property {string|null} conversation_id
 *
 * @typedef {object} Build  The last publication.
 * @property {"idle"|"building"|"built"|"failed"} stage
 * @property {string} article_id
 * @property {string} draft_id  another one for a draft from a conversation, until it is published
 * @property {string} question
 * @property {"published"|"archived"|""} change
 * @property {string} by
 * @property {string|null} at
 * @property {string} step
 * @property {number} done  0..1
 * @property {string} problem
 * @property {boolean} serving
 *
 * @typedef {{level: "error"|"warning", rule: string, message: string, field: string|null}} Finding
 * @typedef {{text: string, id: string, question: string, probability: number}} Overlap
 *
 * @typedef {object} Trial
 * @property {"answer"|"suggest"|"none"} decision
 * @property {number} confidence
 * @property {{id: string, question: string, probability: number}[]} hits
 * @property {{draft: number|null, others: Record<string, number|null>}} closeness
 *
 * @typedef {object} Entry  A published revision.
 * @property {number} number
 * @property {"found"|"published"|"archived"} change
 * @property {string} at
 * @property {string|null} by
 * @property {{part: string, kind: "same"|"added"|"removed", text: string}[]} diff
 */

export class ArticlesApi {
  /** @param {import("./api.js").Api} api */
  constructor(api) {
    this.api = api;
  }

  /** @returns {Promise<{articles: Row[], problem: string|null, build: Build}>} */
  library() {
    return this.api.call("GET", "/library");
  }

  /** @returns {Promise<Build>} */
  build() {
    return this.api.call("GET", "/library/build");
  }

  /** @param {string} id @returns {Promise<Opened>} */
  open(id) {
    return this.api.call("GET", path(id));
  }

  /** @param {string} question @returns {Promise<Opened>} */
  create(question) {
    return this.api.call("POST", "/library/articles", { question });
  }

  /** @param {string} id @param {number} revision @param {Content} article @returns {Promise<Opened>} */
  save(id, revision, article) {
    return this.api.call("PUT", path(id, "draft"), { revision, article });
  }

  /** @param {string} id @param {number} revision */
  discard(id, revision) {
    return this.api.call("DELETE", `${path(id, "draft")}?revision=${revision}`);
  }

  /** @param {string} id @param {Content} article @returns {Promise<{html: string, findings: Finding[]}>} */
  check(id, article) {
    return this.api.call("POST", path(id, "check"), { article });
  }

  /** @param {string} id @param {Content} article @returns {Promise<{overlaps: Overlap[]}>} */
  overlaps(id, article) {
    return this.api.call("POST", path(id, "overlaps"), { article });
  }

  /** @param {string} id @param {string} question @param {Content} article @returns {Promise<Trial>} */
  trial(id, question, article) {
    return this.api.call("POST", path(id, "trial"), { question, article });
  }

  /** @param {string} id @param {number} revision @returns {Promise<Build>} */
  publish(id, revision) {
    return this.api.call("POST", path(id, "publish"), { revision });
  }

  /** @param {string} id @param {number} revision @returns {Promise<Build>} */
  archive(id, revision) {
    return this.api.call("POST", path(id, "archive"), { revision });
  }

  /** @param {string} id @returns {Promise<{entries: Entry[]}>} */
  history(id) {
    return this.api.call("GET", path(id, "history"));
  }

  /** @param {string} id @param {number} number @param {number} revision @returns {Promise<Opened>} */
  restore(id, number, revision) {
    return this.api.call("POST", path(id, "restore"), { number, revision });
  }
}

/** @param {string} id @param {string} [action] */
function path(id, action) {
  return `/library/articles/${encodeURIComponent(id)}${action ? `/${action}` : ""}`;
}
