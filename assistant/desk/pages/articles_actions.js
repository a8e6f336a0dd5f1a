/** What an agent can do with an article as a whole: create, publish, archive, discard, restore. */

import { ApiError } from "./api.js";
import { problemWords } from "./articles_form.js";
import { findingNodes } from "./articles_preview.js";
import { ask, askConfirm } from "./dialogs.js";
import { byId } from "./dom.js";

export class ArticleActions {
  /**
   * @param {import("./articles_api.js").ArticlesApi} api
   * @param {import("./articles_store.js").ArticleStore} store
   * @param {import("./articles_saver.js").Saver} saver
   * @param {import("./articles_preview.js").Preview} preview
   * @param {{say: (text: string) => void, changed: () => Promise<void>, building: (build: import("./articles_api.js").Build) => void, reload: (id: string) => Promise<void>, restored: () => void}} tell
   *   changed: the list is out of date; building: customers are to get something else
   */
  constructor(api, store, saver, preview, tell) {
    this.api = api;
    this.store = store;
    this.saver = saver;
    this.preview = preview;
    this.tell = tell;
  }

  async create() {
    byId("new-question").value = "";
    if (!(await ask("new-dialog"))) return;
    const opened = await this.#tried(() => this.api.create(byId("new-question").value));
    if (!opened) return;
    await this.tell.changed();
    this.store.startAt = "answer";
    location.hash = encodeURIComponent(opened.id);
  }

  async publish() {
    if (byId("publish").disabled || !(await this.saver.flush())) return;
    await this.preview.refresh();
    const { opened } = this.store;
    if (!opened?.draft) return this.tell.say("Nothing has changed since this article was published.");
    this.#describe(this.preview.concerns);
    if (!(await ask("publish-dialog"))) return;
    await this.#build(() => this.api.publish(opened.id, opened.revision));
  }

  /** What the dialog says before publishing. @param {import("./articles_api.js").Finding[]} concerns */
  #describe(concerns) {
    const errors = concerns.filter(({ level }) => level === "error").length;
    const told = problemWords(errors, concerns.length - errors);
    byId("publish-lead").textContent = errors
      ? `${told}. Repair the errors first; the draft is kept.`
      : `${told ? `${told}. ` : ""}Customers get it as soon as the assistant has learned it, usually within a minute.`;
    byId("publish-findings").replaceChildren(...(concerns.length ? findingNodes(concerns) : []));
    byId("publish-confirm").disabled = errors > 0;
  }

  async archive() {
    const { opened } = this.store;
    if (!opened) return;
    const draft = opened.draft ? " The changes that are not published stay as a draft." : "";
    const text = `Customers no longer get this answer. Its history stays, and you can restore it.${draft}`;
    if (!(await askConfirm("Archive this article?", text, "Archive")) || !(await this.saver.flush())) return;
    await this.#build(() => this.api.archive(opened.id, this.#revisionOf(opened)));
  }

  async discard() {
    const { opened } = this.store;
    if (!opened) return;
    const text = opened.published ? "The article goes back to what is published." : "This draft was never published. It cannot be brought back.";
    if (!(await askConfirm("Discard what is not published?", text, "Discard"))) return;
    await this.saver.flush();
    this.saver.drop();
    const done = await this.#tried(async () => {
      await this.api.discard(opened.id, this.#revisionOf(opened));
      return true;
    });
    if (!done) return;
    await this.tell.changed();
    if (opened.published) return this.tell.reload(opened.id);
    this.store.opened = null;
    location.hash = "";
  }

  /** @param {import("./articles_api.js").Entry} entry */
  async restore(entry) {
    if (!(await this.saver.flush()) || !this.store.opened) return;
    const { id, revision } = this.store.opened;
    const opened = await this.#tried(() => this.api.restore(id, entry.number, revision));
    if (!opened) return;
    this.saver.takeUp(opened);
    await this.tell.changed();
    this.tell.restored();
    this.tell.say("Restored as a draft. Publish it to give it to customers.");
  }

  /** Saving may have made a newer one since it was opened. @param {import("./articles_api.js").Opened} opened */
  #revisionOf(opened) {
    return this.store.opened?.revision ?? opened.revision;
  }

  /** @param {() => Promise<import("./articles_api.js").Build>} step */
  async #build(step) {
    const build = await this.#tried(step);
    if (build) this.tell.building(build);
  }

  /** What `step` resolves with; a refusal is told and gives null. @template T @param {() => Promise<T>} step */
  async #tried(step) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.tell.say(error.message);
      return null;
    }
  }
}
