/**
 * Saves the form by itself, one request at a time. What is typed is also kept by the browser until the server has it,
 * so that a reload, a lost connection or an ended session costs nothing.
 */

import { ApiError } from "./api.js";
import { contentOf, same } from "./articles_store.js";

/** Typing pauses this long before a save. */
const PAUSE_MS = 800;
const RETRY_MS = 5000;

export class Saver {
  #timer = 0;
  /** @type {Promise<void>|null} */
  #running = null;

  /**
   * @param {import("./articles_api.js").ArticlesApi} api
   * @param {import("./articles_store.js").ArticleStore} store
   * @param {() => string} username
   * @param {(opened: import("./articles_api.js").Opened) => void} saved
   */
  constructor(api, store, username, saved) {
    this.api = api;
    this.store = store;
    this.username = username;
    this.saved = saved;
  }

  /** The form was changed. @param {import("./articles_api.js").Content} content */
  change(content) {
    const { store } = this;
    store.content = content;
    this.#keep();
    if (store.conflict) {
      store.conflict.mine = content;
    } else {
      this.#state(same(content, store.current) ? "saved" : "unsaved");
      this.#later(PAUSE_MS);
    }
    store.emit("content");
  }

  /** Save what is unsaved now. @returns {Promise<boolean>} whether everything is saved */
  async flush() {
    clearTimeout(this.#timer);
    await this.#running;
    if (this.store.opened && !this.store.conflict && !same(this.store.content, this.store.current)) {
      this.#running = this.#save().finally(() => (this.#running = null));
      await this.#running;
    }
    return this.store.saving === "saved" && !this.store.conflict;
  }

  /** What was typed into an article and never saved. @param {import("./articles_api.js").Opened} opened */
  takeUp(opened) {
    const { store } = this;
    const kept = this.#kept(opened.id);
    store.opened = opened;
    store.conflict = null;
    store.content = contentOf(opened);
    store.saving = "saved";
    if (kept && !same(kept.content, store.content)) {
      store.content = kept.content;
      store.saving = "unsaved";
      if (kept.revision === opened.revision) this.#later(0);
      else this.#clash(opened, opened.saved ? `${opened.saved.by} saved revision ${opened.revision} since you wrote this.` : `Revision ${opened.revision} was published since you wrote this.`);
    } else this.#forget(opened.id);
    store.emit("opened", "content", "saving", "conflict");
  }

  /** Put the other version into the form. @param {"mine"|"theirs"} which */
  show(which) {
    const { conflict } = this.store;
    if (!conflict) return;
    conflict.shown = which;
    this.store.content = which === "mine" ? conflict.mine : contentOf(conflict.theirs);
    this.store.emit("opened", "content", "conflict");
  }

  /** End a conflict with the version that is shown. */
  async settle() {
    const { store } = this;
    const { conflict } = store;
    if (!conflict) return;
    store.conflict = null;
    store.opened = conflict.theirs;
    if (conflict.shown === "theirs") this.#forget(conflict.theirs.id);
    this.#keep();
    store.emit("opened", "content", "conflict");
    this.#state(same(store.content, store.current) ? "saved" : "unsaved");
    await this.flush();
  }

  /** Nothing that is in the form is wanted any more. */
  drop() {
    clearTimeout(this.#timer);
    if (this.store.opened) this.#forget(this.store.opened.id);
  }

  async #save() {
    const { store } = this;
    const { opened, content } = store;
    if (!opened) return;
    this.#state("saving");
    try {
      const stored = await this.api.save(opened.id, opened.revision, content);
      if (store.opened?.id !== opened.id) return this.#forget(opened.id);
      store.opened = stored;
      this.#state(same(store.content, store.current) ? "saved" : "unsaved");
      if (store.saving === "saved") this.#forget(opened.id);
      else this.#later(PAUSE_MS);
      this.saved(stored);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      await this.#refused(opened, error);
    }
  }

  /** @param {import("./articles_api.js").Opened} opened @param {ApiError} error */
  async #refused(opened, error) {
    const { store } = this;
    if (store.opened?.id !== opened.id) return;
    if (error.code === "newer_revision") {
      const theirs = await this.api.open(opened.id).catch(() => null);
      if (theirs && store.opened?.id === opened.id) return this.#clash(theirs, error.message);
    }
    store.saveProblem = error.message;
    this.#state("failed");
    if (error.passing || error.code === "newer_revision") this.#later(RETRY_MS);
  }

  /** @param {import("./articles_api.js").Opened} theirs @param {string} text */
  #clash(theirs, text) {
    this.store.conflict = { mine: this.store.content, theirs, shown: "mine", text };
    this.#state("unsaved");
    this.store.emit("conflict");
  }

  /** @param {import("./articles_store.js").Saving} saving */
  #state(saving) {
    this.store.saving = saving;
    this.store.emit("saving");
  }

  /** @param {number} ms */
  #later(ms) {
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.flush(), ms);
  }

  /** @param {string} id */
  #key(id) {
    return `desk.${this.username()}.article.${id}`;
  }

  #keep() {
    const { opened, content } = this.store;
    if (!opened) return;
    try {
      if (same(content, this.store.current)) localStorage.removeItem(this.#key(opened.id));
      else localStorage.setItem(this.#key(opened.id), JSON.stringify({ revision: opened.revision, content }));
    } catch {
      // storage switched off or full: the text is still in the form
    }
  }

  /** @param {string} id @returns {{revision: number, content: import("./articles_api.js").Content}|null} */
  #kept(id) {
    try {
      return JSON.parse(localStorage.getItem(this.#key(id)) ?? "null");
    } catch {
      return null;
    }
  }

  /** @param {string} id */
  #forget(id) {
    try {
      localStorage.removeItem(this.#key(id));
    } catch {
      // storage switched off: nothing was kept
    }
  }
}
