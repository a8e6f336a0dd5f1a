/** Who wants to hear of which change. */

/** @template {string} Topic */
export class Topics {
  /** @type {Map<Topic, (() => void)[]>} */
  #listeners = new Map();

  /** @param {Topic[]} topics @param {() => void} listener */
  on(topics, listener) {
    for (const topic of topics) this.#listeners.set(topic, [...(this.#listeners.get(topic) ?? []), listener]);
  }

  /** Each listener is called once. @param {...Topic} topics */
  emit(...topics) {
    for (const listener of new Set(topics.flatMap((topic) => this.#listeners.get(topic) ?? []))) listener();
  }
}
