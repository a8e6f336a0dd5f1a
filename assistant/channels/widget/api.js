/**
 * The customer's side of the HTTP API; a line to it that stays up whatever the network does; and what this browser
 * keeps: its conversation, and what was done that the server has not yet confirmed.
 */

/** The server says something every 15 s or so: after three misses the line is dead. */
const SILENCE_MS = 45_000;
const REQUEST_MS = 20_000;
const FIRST_WAIT_MS = 1_000;
const RETRY_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;
/** Over HTTP/1.1 a browser has six connections to a server: tabs nobody looks at ask now and then instead. */
const HIDDEN_AFTER_MS = 30_000;
const HIDDEN_POLL_MS = 20_000;
/** A stream that ends sooner may end at once again: something on the way does not like streams. */
const SHORT_STREAM_MS = 5_000;

/** @implements {Problem} */
export class ApiError extends Error {
  constructor(status, detail, retryAfterMs = 0) {
    super(detail);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
  get isGone() {
    return this.status === 401;
  }
  get isTemporary() {
    return !this.status || this.status === 429 || this.status >= 500;
  }
}

const noAnswer = (error) => {
  throw new ApiError(0, error);
};
const request = async (path, token, options) => {
  const headers = {
    Accept: options.method ? "application/json" : "text/event-stream",
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(options.body && { "Content-Type": "application/json" }),
  };
  const response = await fetch(`/v1/conversations${path}`, { credentials: "omit", cache: "no-store", ...options, headers }).catch(noAnswer);
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw new ApiError(response.status, problem.detail ?? problem.title, (Number(response.headers.get("Retry-After")) || 0) * 1000);
};
const json = async (method, path, token, body) => {
  const response = await request(path, token, { method, body: body && JSON.stringify(body), signal: AbortSignal.timeout(REQUEST_MS) });
  const content = await response.text().catch(noAnswer);
  return content && JSON.parse(content);
};

/** @type {(body: object) => Promise<{conversation_id: string, token: string, greeting?: ChatEvent}>} */
export const createConversation = (body) => json("POST", "", undefined, { channel: "web", ...body });

/** @type {(conversation: {id: string, token: string}) => Api} */
export const connect = ({ id, token }) => {
  const path = `/${encodeURIComponent(id)}`;
  return {
    state: () => json("GET", path, token),
    message: (body) => json("POST", `${path}/messages?wait=0`, token, body),
    feedback: (body) => json("POST", `${path}/feedback`, token, body),
    handoff: () => json("POST", `${path}/handoff`, token, {}),
    backToAssistant: () => json("DELETE", `${path}/handoff`, token),
    typing: () => json("POST", `${path}/typing`, token, {}),
    erase: () => json("DELETE", path, token),
    events: (after) => json("GET", `${path}/events?after=${after}&wait=0`, token),
    stream: (after, signal, on) => stream(`${path}/events?after=${after}`, token, signal, on),
  };
};
const stream = async (path, token, signal, on) => {
  const silence = new AbortController();
  let timer = 0;
  const listen = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => silence.abort(), SILENCE_MS);
  };
  listen();
  try {
    const { body } = await request(path, token, { signal: AbortSignal.any([signal, silence.signal]) });
    on.opened();
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let rest = "";
    for (;;) {
      const { done, value } = await reader.read().catch(noAnswer);
      if (done) return;
      listen();
      const frames = (rest + value).replace(/\r\n/g, "\n").split("\n\n");
      rest = frames.pop() ?? "";
      for (const frame of frames) {
        const data = frame.split("\n").filter((row) => row.startsWith("data:")).map((row) => row.slice(5)).join("\n");
        if (data) on.event(JSON.parse(data));
      }
    }
  } finally {
    clearTimeout(timer);
  }
};

/** Keeps one conversation in step with the server's log. @type {(on: ConnectionEvents) => Connection} */
export const keepConnected = (on) => {
  const ended = new AbortController();
  const { signal } = ended;
  let attempt = new AbortController();
  let isAsleep = false;
  let hasHistory = false;
  let failures = 0;
  let sleepTimer = 0;
  let wake = () => {};

  const pause = (ms) => new Promise((resolve) => {
    setTimeout(resolve, ms);
    wake = () => resolve();
  });
  const retry = () => { attempt.abort(); wake(); };
  const lost = () => { on.online(false); attempt.abort(); };

  addEventListener("online", retry, { signal });
  addEventListener("offline", lost, { signal });
  document.addEventListener("visibilitychange", () => {
    clearTimeout(sleepTimer);
    if (document.hidden) sleepTimer = window.setTimeout(() => { isAsleep = true; attempt.abort(); }, HIDDEN_AFTER_MS);
    else if (isAsleep) { isAsleep = false; wake(); }
  }, { signal });

  const catchUp = async (api) => {
    const all = [];
    for (let after = on.last(); ; ) {
      const { events, next } = await api.events(after);
      if (!events.length) break;
      all.push(...events);
      after = next;
    }
    if (signal.aborted) return;
    if (hasHistory) all.forEach(on.event);
    else on.history(all);
    hasHistory = true;
  };

  const follow = async () => {
    const api = await on.open();
    if (signal.aborted) return;
    if (!hasHistory || isAsleep) await catchUp(api);
    if (isAsleep) return void (await pause(HIDDEN_POLL_MS));
    await api.stream(on.last(), attempt.signal, {
      opened() { failures = 0; on.online(true); },
      event: (event) => signal.aborted || on.event(event),
    });
  };

  (async () => {
    while (!signal.aborted) {
      attempt = new AbortController();
      const began = Date.now();
      const slept = isAsleep;
      try {
        await follow();
        if (!slept && Date.now() - began < SHORT_STREAM_MS) await pause(FIRST_WAIT_MS * (1 + Math.random()));
      } catch (error) {
        const { status } = error;
        if (signal.aborted) return;
        if (status === 401 || status === 404) return on.gone();
        if (attempt.signal.aborted && navigator.onLine) continue;
        on.online(false);
        await pause(Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures++) * (0.5 + Math.random() / 2));
      }
    }
  })();

  return {
    lost,
    end() { ended.abort(); retry(); clearTimeout(sleepTimer); },
  };
};

/** Apart for each shop; where storage is off, the same works until the page is left. @type {(site: string) => Store} */
export const openStore = (site) => {
  const prefix = `offramp ${site} `;
  const memory = {};
  const get = (key) => {
    let json = memory[key];
    try {
      json = localStorage.getItem(prefix + key) ?? "null";
    } catch { /* storage is off */ }
    return JSON.parse(json ?? "null");
  };
  const set = (key, value) => {
    memory[key] = JSON.stringify(value);
    try {
      value ? localStorage.setItem(prefix + key, memory[key]) : localStorage.removeItem(prefix + key);
    } catch { /* storage is off */ }
  };
  return {
    conversation: () => get("conversation"),
    keepConversation: (value) => set("conversation", value),
    outgoing: () => get("outgoing") ?? [],
    keepOutgoing: (value) => set("outgoing", value.length ? value : null),
    draft: () => get("draft") ?? "",
    keepDraft: (value) => set("draft", value || null),
    watch: (listener) => addEventListener("storage", (event) => event.key === `${prefix}conversation` && listener()),
  };
};

/** Runs in one tab at a time. @type {(name: string, work: () => Promise<any>) => Promise<any>} */
export const alone = (name, work) => (navigator.locks ? navigator.locks.request(`offramp-${name}`, work) : work());

/** 32 hexadecimal digits; crypto.randomUUID is missing on plain http. */
const newKey = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

/** @type {(store: Store, on: OutboxEvents) => Outbox} */
export const createOutbox = (store, on) => {
  let isBusy = false;
  let again = false;
  let timer = 0;

  const remove = (key) => store.keepOutgoing(store.outgoing().filter((item) => item.key !== key));

  /** whether to stop for now */
  const hold = (item, error) => {
    if (error.isGone) return on.gone(), true;
    if (!error.isTemporary) return remove(item.key), on.failed(item, error), false;
    on.delayed(item);
    if (error.status) timer = window.setTimeout(flush, error.retryAfterMs || RETRY_MS * (1 + Math.random()));
    else on.lost();
    return true;
  };

  const drain = async () => {
    for (let item; (item = store.outgoing()[0]); ) {
      try {
        await on.send(item);
        remove(item.key);
      } catch (error) {
        if (hold(item, (error))) return;
      }
    }
  };

  const flush = async () => {
    again = isBusy;
    if (isBusy) return;
    isBusy = true;
    clearTimeout(timer);
    await alone("outbox", drain);
    isBusy = false;
    if (again) flush();
  };

  return {
    flush,
    items: store.outgoing,
    add(item) {
      const entry = { ...item, key: newKey() };
      store.keepOutgoing([...store.outgoing(), entry]);
      return entry;
    },
    carryOver: () => store.keepOutgoing(store.outgoing()
      .filter(({ kind }) => kind === "message" || kind === "handoff").map((item) => ({ ...item, choice: undefined }))),
    clear: () => store.keepOutgoing([]),
  };
};
