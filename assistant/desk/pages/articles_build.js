/** The strip under the top bar: what is being published, whether customers have it, and why it failed. */

import { ApiError } from "./api.js";
import { byId, el } from "./dom.js";
import { preference, setPreference } from "./drafts.js";

const POLL_MS = 1000;
/** Good news goes by itself; a failure stays until it is closed. */
const GOOD_NEWS_MS = 15_000;
/** @type {Record<string, string>} */
const STEPS = { start: "starting", encode: "reading the texts", fit: "learning to tell them apart", calibrate: "measuring how sure it may be" };

export class BuildStrip {
  #timer = 0;
  /** @type {string|null} the publication that was seen running here */
  #watched = null;

  /**
   * @param {import("./articles_api.js").ArticlesApi} api
   * @param {import("./articles_store.js").ArticleStore} store
   * @param {(build: import("./articles_api.js").Build) => void} ended
   */
  constructor(api, store, ended) {
    this.api = api;
    this.store = store;
    this.ended = ended;
    store.on(["build", "rows"], () => this.render());
  }

  /** @param {import("./articles_api.js").Build} build */
  show(build) {
    const before = this.store.build;
    this.store.build = build;
    const running = build.stage === "building" || (build.stage === "built" && !build.serving);
    if (running) this.#watched = build.article_id;
    clearTimeout(this.#timer);
    if (running) this.#timer = window.setTimeout(() => this.#poll(), POLL_MS);
    else if (build.serving && this.#watched) this.#timer = window.setTimeout(() => this.dismiss(), GOOD_NEWS_MS);
    this.store.emit("build", "saving");
    if (before?.stage === "building" && build.stage !== "building") this.ended(build);
  }

  dismiss() {
    this.#watched = null;
    this.render();
  }

  async #poll() {
    try {
      this.show(await this.api.build());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#timer = window.setTimeout(() => this.#poll(), POLL_MS * 3);
    }
  }

  render() {
    const { build, problem } = this.store;
    const strip = byId("strip");
    const [kind, ...nodes] = this.#content(build, problem);
    strip.hidden = !nodes.length;
    strip.className = `strip ${kind}`;
    const version = JSON.stringify([kind, build, problem, this.#watched]);
    if (strip.dataset.version === version) return;
    strip.dataset.version = version;
    strip.replaceChildren(.../** @type {Node[]} */ (nodes));
  }

  /** @param {import("./articles_api.js").Build|null} build @param {string|null} problem @returns {[string, ...Node[]]} */
  #content(build, problem) {
    const title = `“${build?.question ?? ""}”`;
    const archiving = build?.change === "archived";
    if (build?.stage === "building") {
      const text = `${archiving ? "Archiving" : "Publishing"} ${title}: ${STEPS[build.step] ?? build.step}. Customers get the version before until this is done.`;
      return ["", el("p", {}, text), el("progress", { max: 1, value: build.done, "aria-label": "Of this step" })];
    }
    if (build?.stage === "failed" && (this.#watched === build.article_id || this.#unseen(build))) {
      return ["bad", el("p", {}, `${archiving ? "Archiving" : "Publishing"} ${title} failed: ${build.problem} Customers still get the version before; the draft is kept.`), this.#close()];
    }
    if (problem) return ["warm", el("p", {}, `${problem} Drafts are kept, but nothing can be published.`)];
    if (build?.stage === "built" && this.#watched === build.article_id) {
      if (!build.serving) return ["", el("p", {}, `${title} is built. The assistant takes it up within seconds.`)];
      return ["", el("p", {}, archiving ? `${title} is archived. Customers no longer get it.` : `Customers now get ${title}.`), this.#close()];
    }
    return [""];
  }

  /** A failure stays visible for whoever comes next, until it is closed here. @param {import("./articles_api.js").Build} build */
  #unseen(build) {
    return preference("seen-failure", "") !== build.at;
  }

  #close() {
    const onclick = () => {
      if (this.store.build?.stage === "failed") setPreference("seen-failure", this.store.build.at ?? "");
      this.dismiss();
    };
    return el("button", { class: "button", type: "button", onclick }, "Close");
  }
}
