/**
 * The gateway's desk endpoints. Every call resolves with the JSON body or rejects with an ApiError.
 */

/** Longer than a slow gateway needs, shorter than an agent's patience. */
const REQUEST_TIMEOUT_MS = 15_000;

/** A refused or failed call. `status` 0 means that no answer came at all. */
export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} detail @param {number} retryAfterSeconds */
  constructor(status, code, detail, retryAfterSeconds = 0) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** Whether sending the same thing again may succeed. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export class Api {
  /** Called whenever a call other than signing in is answered with 401. */
  onUnauthorized = () => {};

  /** Server clock minus this computer's clock, so that waiting times are right on a wrong clock. */
  clockOffsetMs = 0;

  /** @param {string} username @param {string} password */
  signIn(username, password) {
    return this.#call("POST", "/sessions", { username, password }, false);
  }

  signOut() {
    return this.#call("DELETE", "/sessions", undefined, false);
  }

  /** @param {{quiet?: boolean}} [options]  quiet: a 401 is an answer here, not an interruption */
  me({ quiet = false } = {}) {
    return this.#call("GET", "/me", undefined, !quiet);
  }

  /** @param {"open"|"all"} view */
  queue(view) {
    return this.#call("GET", `/queue?view=${view}`);
  }

  /** @param {string} id @returns {Promise<import("./types.js").Detail>} */
  conversation(id) {
    return this.#call("GET", this.#path(id));
  }

  /** @param {string} id */
  claim(id) {
    return this.#call("POST", this.#path(id, "claim"), {});
  }

  /** @param {string} id @param {import("./types.js").Pending} pending */
  send(id, { kind, client_message_id, text }) {
    return this.#call("POST", this.#path(id, kind === "note" ? "notes" : "messages"), { client_message_id, text });
  }

  /** @param {string} id */
  returnToAssistant(id) {
    return this.#call("POST", this.#path(id, "return"), {});
  }

  /** @param {string} id @param {string} note */
  resolve(id, note) {
    return this.#call("POST", this.#path(id, "resolve"), note ? { note } : {});
  }

  /** @param {string} id */
  typing(id) {
    return this.#call("POST", this.#path(id, "typing"), {});
  }

  /** @param {string} id @param {string} handoff_id @param {string} verdict @returns {Promise<{event: import("./types.js").ChatEvent}>} */
  judge(id, handoff_id, verdict) {
    return this.#call("POST", this.#path(id, "handoff-verdict"), { handoff_id, verdict });
  }

  /** @param {string} text @returns {Promise<{articles: import("./types.js").Article[]}>} */
  articles(text) {
    return this.#call("GET", `/articles?q=${encodeURIComponent(text)}`);
  }

  /** @param {string} id @param {string} event @returns {Promise<{id: string}>} a draft made of an agent's message */
  articleFromReply(id, event) {
    return this.call("POST", "/library/articles/from-reply", { conversation_id: id, event_id: event });
  }

  /** Any other call of the desk. @param {string} method @param {string} path @param {unknown} [body] */
  call(method, path, body) {
    return this.#call(method, path, body);
  }

  /** The live stream; the session cookie goes with it. */
  stream() {
    return new EventSource("/v1/desk/events");
  }

  now() {
    return Date.now() + this.clockOffsetMs;
  }

  /** @param {string} id @param {string} [action] */
  #path(id, action) {
    return `/conversations/${encodeURIComponent(id)}${action ? `/${action}` : ""}`;
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @param {boolean} [needsSession] */
  async #call(method, path, body, needsSession = true) {
    const response = await this.#fetch(method, path, body);
    this.#readClock(response);
    if (response.ok) return response.status === 204 ? null : response.json();
    if (response.status === 401 && needsSession) this.onUnauthorized();
    throw await this.#problem(response);
  }

  /** @param {string} method @param {string} path @param {unknown} body */
  async #fetch(method, path, body) {
    /** @type {RequestInit} */
    const request = {
      method,
      credentials: "same-origin",
      cache: "no-store",
      headers: { Accept: "application/json" },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    };
    if (body !== undefined) {
      request.headers = { Accept: "application/json", "Content-Type": "application/json" };
      request.body = JSON.stringify(body);
    }
    try {
      return await fetch(`/v1/desk${path}`, request);
    } catch {
      throw new ApiError(0, "unreachable", "The server did not answer.");
    }
  }

  /** @param {Response} response */
  #readClock(response) {
    const at = Date.parse(response.headers.get("Date") ?? "");
    if (Number.isNaN(at)) return;
    const offset = at - Date.now();
    // The header counts whole seconds: a smaller difference is rounding, not a wrong clock.
    this.clockOffsetMs = Math.abs(offset) < 2000 ? 0 : offset;
  }

  /** @param {Response} response */
  async #problem(response) {
    const body = await response.json().catch(() => ({}));
    const detail = typeof body.detail === "string" ? body.detail : body.title ?? "The server refused this.";
    return new ApiError(response.status, body.code ?? "", detail, Number(response.headers.get("Retry-After")) || 0);
  }
}
