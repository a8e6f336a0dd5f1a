/** Telling an agent who looks elsewhere: the tab's title, a soft sound, a system notification, a live region. */

import { preference, setPreference } from "./drafts.js";
import { byId, el, icon } from "./dom.js";
import { customerName, reasonBadge } from "./wording.js";

const TOAST_MS = 5000;
const TONE = { from_hz: 660, to_hz: 880, seconds: 0.35, loudness: 0.06 };

export class Alerts {
  #toastTimer = 0;
  /** @type {AudioContext|null} made by a click, as browsers ask */
  #audio = null;

  /** @param {import("./store.js").Store} store */
  constructor(store) {
    this.store = store;
    this.sound = preference("sound", "off") === "on";
    this.notify = preference("notify", "off") === "on" && globalThis.Notification?.permission === "granted";
    byId("sound").addEventListener("click", () => this.#toggleSound());
    byId("notify").addEventListener("click", () => this.#toggleNotify());
    byId("notify").hidden = !("Notification" in globalThis);
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => this.sound && this.#wakeAudio(), { once: true });
    store.on(["rows", "selection", "session"], () => this.renderTitle());
    this.#renderTools();
  }

  /** "(2) Desk": who waits, and whose last word is unanswered by this agent. */
  renderTitle() {
    const due = this.store.agent ? [...this.store.rows.values()].filter((row) => row.owner === "waiting" || (this.store.needsReply(row) && !this.#watching(row))) : [];
    document.title = due.length ? `(${due.length}) Desk` : "Desk";
  }

  /** Announce those who wait now and did not before. @param {Map<string, import("./types.js").Row>} before */
  arrivals(before) {
    for (const row of this.store.rows.values()) {
      if (row.owner !== "waiting" || before.get(row.conversation_id)?.owner === "waiting") continue;
      const why = row.reason ? `: ${reasonBadge(row.reason).toLowerCase()}` : "";
      this.#tell(row, `${customerName(row)} is waiting${why}`, row.reason?.text ?? "");
    }
  }

  /** A customer wrote to this agent. @param {import("./types.js").Row|null} row @param {import("./types.js").ChatEvent} event */
  message(row, event) {
    if (!row || event.author?.role !== "customer" || !this.store.isMine(row) || this.#watching(row)) return;
    this.#tell(row, `${customerName(row)} replied`, event.text ?? "");
  }

  /** @param {string} text */
  say(text) {
    const toast = byId("toast");
    toast.textContent = text;
    toast.classList.add("on");
    clearTimeout(this.#toastTimer);
    this.#toastTimer = setTimeout(() => toast.classList.remove("on"), TOAST_MS);
  }

  /** Stays until dismissed or the agent moves on. @param {string} text */
  warn(text) {
    const notice = byId("notice");
    const dismiss = el("button", { class: "tool", type: "button", "aria-label": "Dismiss", onclick: () => this.unwarn() }, icon("close"));
    notice.replaceChildren(el("span", {}, text), dismiss);
    notice.hidden = false;
  }

  unwarn() {
    byId("notice").hidden = true;
  }

  /** @param {import("./types.js").Row} row */
  #watching(row) {
    return row.conversation_id === this.store.selected && !document.hidden;
  }

  /** @param {import("./types.js").Row} row @param {string} title @param {string} text */
  #tell(row, title, text) {
    byId("announcer").textContent = title;
    if (this.sound) this.#play();
    if (!this.notify || !document.hidden) return;
    const notification = new Notification(title, { body: text, tag: row.conversation_id });
    notification.onclick = () => {
      focus();
      location.hash = encodeURIComponent(row.conversation_id);
      notification.close();
    };
  }

  #toggleSound() {
    this.sound = !this.sound;
    setPreference("sound", this.sound ? "on" : "off");
    this.#renderTools();
    this.#wakeAudio();
    if (this.sound) this.#play();
  }

  async #toggleNotify() {
    const allowed = this.notify || (await Notification.requestPermission()) === "granted";
    if (!allowed) this.say("The browser does not allow notifications for this page.");
    this.notify = allowed && !this.notify;
    setPreference("notify", this.notify ? "on" : "off");
    this.#renderTools();
  }

  #renderTools() {
    tool("sound", this.sound, this.sound ? "sound-on" : "sound-off", "Sound");
    tool("notify", this.notify, this.notify ? "bell" : "bell-off", "Notifications");
  }

  #wakeAudio() {
    this.#audio ??= new AudioContext();
    this.#audio.resume();
  }

  #play() {
    const audio = this.#audio;
    if (!audio || audio.state !== "running") return;
    const { from_hz, to_hz, seconds, loudness } = TONE;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.setValueAtTime(from_hz, audio.currentTime);
    tone.frequency.setValueAtTime(to_hz, audio.currentTime + seconds / 3);
    volume.gain.setValueAtTime(loudness, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + seconds);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + seconds);
  }
}

/** @param {string} id @param {boolean} on @param {string} picture @param {string} name */
function tool(id, on, picture, name) {
  const button = byId(id);
  button.setAttribute("aria-pressed", String(on));
  button.replaceChildren(icon(picture), el("span", {}, `${name} ${on ? "on" : "off"}`));
}
