/**
 * Unsent text and folded sections, kept by the browser. Drafts live in the tab's session, under the agent's name,
 * one for the reply and one for the note of each conversation: text meant for colleagues never turns into a reply.
 */

export class Drafts {
  /** @param {string} username */
  constructor(username) {
    this.prefix = `desk.${username}.`;
  }

  /** @param {string} id @param {import("./types.js").Mode} mode */
  get(id, mode) {
    return read(sessionStorage, `${this.prefix}draft.${mode}.${id}`) ?? "";
  }

  /** @param {string} id @param {import("./types.js").Mode} mode @param {string} text */
  set(id, mode, text) {
    write(sessionStorage, `${this.prefix}draft.${mode}.${id}`, text || null);
  }

  /** @param {string} id */
  any(id) {
    return Boolean(this.get(id, "reply").trim() || this.get(id, "note").trim());
  }

  /** @param {string} id */
  discard(id) {
    this.set(id, "reply", "");
    this.set(id, "note", "");
  }

  /** What was sent but not confirmed before a reload. @returns {[string, import("./types.js").Pending[]][]} */
  outbox() {
    try {
      return JSON.parse(read(sessionStorage, `${this.prefix}outbox`) ?? "[]");
    } catch {
      return [];
    }
  }

  /** @param {Map<string, import("./types.js").Pending[]>} outbox */
  saveOutbox(outbox) {
    write(sessionStorage, `${this.prefix}outbox`, outbox.size ? JSON.stringify([...outbox]) : null);
  }
}

/** A choice of this browser that outlives the tab. @param {string} name @param {string} fallback */
export function preference(name, fallback) {
  return read(localStorage, `desk.${name}`) ?? fallback;
}

/** @param {string} name @param {string} value */
export function setPreference(name, value) {
  write(localStorage, `desk.${name}`, value);
}

/** @param {Storage} storage @param {string} key */
function read(storage, key) {
  try {
    return storage.getItem(key);
  } catch {
    return null; // storage switched off: the desk works, it only forgets
  }
}

/** @param {Storage} storage @param {string} key @param {string|null} value */
function write(storage, key, value) {
  try {
    if (value === null) storage.removeItem(key);
    else storage.setItem(key, value);
  } catch {
    // storage switched off or full: the text is still in the composer
  }
}
