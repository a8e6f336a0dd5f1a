/** The desk's live stream: opens it, opens it again with growing pauses, says when it is there and when it is not. */

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;
/** A drop that heals this fast is not worth a warning. */
const GRACE_MS = 1500;

export class Stream {
  /** @type {EventSource|null} */
  #source = null;
  #failures = 0;
  #timer = 0;
  #graceTimer = 0;
  #running = false;

  /**
   * @param {import("./api.js").Api} api
   * @param {{frame: (frame: any) => void, up: () => void, down: (retryAt: number) => void}} listeners
   *   up: connected, frames before this moment may be missing; down: lost, trying again at that time
   */
  constructor(api, listeners) {
    this.api = api;
    this.listeners = listeners;
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => this.#lost());
  }

  start() {
    this.#running = true;
    this.#failures = 0;
    this.#connect();
  }

  stop() {
    this.#running = false;
    this.#close();
  }

  retryNow() {
    if (this.#running && !this.#connected) this.#connect();
  }

  get #connected() {
    return this.#source?.readyState === EventSource.OPEN;
  }

  #close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#graceTimer);
    this.#source?.close();
    this.#source = null;
  }

  #connect() {
    this.#close();
    const source = this.api.stream();
    this.#source = source;
    source.onopen = () => {
      this.#failures = 0;
      clearTimeout(this.#graceTimer);
      this.listeners.up();
    };
    source.onmessage = ({ data }) => this.listeners.frame(JSON.parse(data));
    source.onerror = () => this.#lost();
  }

  #lost() {
    if (!this.#running) return;
    this.#close();
    this.#failures += 1;
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (this.#failures - 1)) * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => this.#connect(), pause);
    const warn = () => this.listeners.down(Date.now() + pause);
    if (this.#failures > 1) warn();
    else this.#graceTimer = setTimeout(warn, GRACE_MS);
    // An ended session closes the stream without a status: asking who we are brings the login screen.
    this.api.me().catch(() => {});
  }
}
