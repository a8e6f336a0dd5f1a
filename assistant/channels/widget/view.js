/** The screen: the log in the order of the server, then what is still on its way. */
import { site } from "./host.js";
import { queueLine, text } from "./text.js";

const THUMB = "M7 10.5v9H4v-9zm0 0 4-7c1.5 0 2.5 1 2.5 2.6v3.4h5.2c1.2 0 2 1 1.8 2.2l-1.2 6.2c-.2 1-1 1.6-2 1.6H7";
const TYPING_MS = 5_000;
/** Nearer than this to its end, the log follows new messages. */
const NEAR_PX = 120;

/** @type {(id: string) => any} */
export const byId = (id) => document.getElementById(id);

/** Whether event id `a` comes after `b`. @type {(a: string, b: string) => boolean} */
export const isLater = (a, b) => {
  const [ams, aseq] = a.split("-").map(Number);
  const [bms, bseq] = b.split("-").map(Number);
  return ams > bms || (ams === bms && aseq > bseq);
};
const validLocale = (locale) => {
  try {
    return Intl.getCanonicalLocales(locale)[0];
  } catch { /* not a locale: the browser's own */ }
};

const element = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const name in attributes) node.setAttribute(name, attributes[name]);
  node.append(...children);
  return node;
};

/** At most two letters. */
const initials = (name) => {
  const words = name.trim().split(/\s+/);
  return [words[0], words.slice(1).pop()].map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase();
};

/** A relative link in an article means a page of the shop, not of ours. */
const fixLink = (link) => {
  try {
    const { href, protocol } = new URL(link.getAttribute("href") ?? "", site);
    if (!/^(https?|mailto|tel):$/.test(protocol)) throw 0;
    link.setAttribute("href", href);
  } catch {
    link.removeAttribute("href");
  }
  link.setAttribute("target", "_blank");
  link.setAttribute("rel", "noopener noreferrer nofollow");
};
const bubble = ({ html, text, author }) => {
  const isHtml = html && author.role !== "customer";
  const node = element("div", { class: isHtml ? "bubble" : "bubble plain" }, isHtml ? "" : text ?? "");
  if (isHtml) node.innerHTML = html;
  node.querySelectorAll("a").forEach(fixLink);
  return node;
};
const time = (at, locale) => {
  const date = new Date(at);
  const title = date.toLocaleString(locale, { dateStyle: "medium", timeStyle: "short" });
  return element("time", { datetime: at, title }, date.toLocaleTimeString(locale, { timeStyle: "short" }));
};
const choiceButtons = (choices, choose) =>
  element("div", { class: "choices", role: "group", "aria-label": text.choices }, ...choices.map((choice) => {
    const button = element("button", { type: "button", "data-testid": "choice" }, choice.label);
    button.onclick = () => choose(choice);
    return button;
  }));

/** Thumbs and source. */
const about = ({ source }, rate) => {
  const row = element("div", { class: "about" });
  if (source?.title) {
    const title = element(source.url ? "a" : "span", source.url ? { href: source.url } : {}, source.title);
    if (source.url) fixLink(title);
    row.append(element("span", {}, `${text.source}: `, title));
  }
  for (const helpful of [true, false]) {
    const label = helpful ? text.helpful : text.unhelpful;
    const button = element("button", {
      type: "button", class: "icon", title: label, "aria-label": label, "aria-pressed": false,
      "data-testid": helpful ? "thumbs-up" : "thumbs-down",
    });
    button.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${THUMB}"/></svg>`;
    button.onclick = () => rate(helpful);
    row.append(button);
  }
  return row;
};

const messageElement = (event, on) => {
  const { role, name } = event.author;
  const shown = role === "agent" ? name || text.support : role === "customer" ? text.you : text.bot;
  const body = element("div", { class: "body" }, element("span", { class: "name" }, shown), bubble(event), time(event.at, on.locale()));
  const node = element("div", { class: `message ${role}`, "data-testid": "message", "data-role": role }, body);
  if (role === "agent") node.prepend(element("span", { class: "avatar", "aria-hidden": true }, initials(shown)));
  if (role === "bot" && event.article_id) node.append(about(event, (helpful) => on.rate(event, helpful)));
  if (event.choices?.length) node.append(choiceButtons(event.choices, on.choose));
  return node;
};

const statusElement = (line, status = "") =>
  element("p", { class: "status", "data-testid": "status", "data-status": status }, line);

/** @type {(on: Pick<MessageEvents, "choose" | "rate">) => View} */
export const createView = (on) => {
  const log = byId("log");
  const latest = byId("latest");
  const { classList } = document.body;
  const dots = element("div", { class: "typing", "aria-hidden": true }, element("i"), element("i"), element("i"));
  const divider = element("p", { class: "divider", role: "separator" }, element("span", {}, text.unread));
  const shown = new Map();
  const pending = new Map();
  let locale;
  let typingTimer = 0;
  let isAtEnd = true;

  const isNearEnd = () => log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
  const end = () => (dots.parentNode ? dots : null);
  const follow = (node) => {
    log.scrollTop = Math.min(log.scrollHeight - log.clientHeight, node ? node.offsetTop - 12 : Infinity);
    latest.hidden = true;
  };
  log.onscroll = () => {
    isAtEnd = isNearEnd();
    if (isAtEnd) latest.hidden = true;
  };
  new ResizeObserver(() => isAtEnd && follow()).observe(log);
  const firstAfter = (id, role = "") =>
    [...log.children].find(({ dataset }) => dataset.id && isLater(dataset.id, id) && (dataset.role ?? "").match(role));

  const place = (node, id) => {
    node.dataset.id = id;
    log.insertBefore(node, firstAfter(id) ?? pending.values().next().value ?? end());
    shown.set(id, node);
  };

  /** What was tapped can't be tapped twice. */
  const settle = (group, isTaken) => {
    if (group.contains(document.activeElement)) log.focus();
    for (const button of group.querySelectorAll("button")) {
      button.disabled = true;
      button.setAttribute("aria-pressed", `${isTaken(button)}`);
    }
  };

  /** Now or before a reload. */
  const takeChoice = (label) => {
    const isTaken = (button) => button.textContent === label;
    const group = [...log.querySelectorAll(".choices")].reverse().find(({ children }) => [...children].some(isTaken));
    if (group) settle(group, isTaken);
  };
  const markRated = (id, helpful) => {
    const row = shown.get(id ?? "")?.querySelector(".about");
    if (row) settle(row, ({ dataset }) => (dataset.testid === "thumbs-up") === helpful);
  };

  const labelPending = () => {
    const isOffline = classList.contains("offline");
    for (const node of pending.values()) {
      const tried = node.classList.contains("tried") ? text.trying : "";
      const label = node.classList.contains("failed") ? text.failed : isOffline ? text.unsent : tried;
      (node.querySelector(".sending")).textContent = label;
    }
  };
  const typing = (isTyping, ms = TYPING_MS) => {
    const stay = isNearEnd();
    clearTimeout(typingTimer);
    dots.remove();
    if (!isTyping) return;
    log.append(dots);
    if (stay) follow();
    typingTimer = window.setTimeout(typing, ms, false);
  };
  const draw = (event) => {
    if (event.kind === "message" && event.author.role !== "system") return messageElement(event, { locale: () => locale, ...on });
    if (/message|status/.test(event.kind) && event.text) return statusElement(event.text, event.status);
  };

  /** a message that has no place in the log yet */
  const drawLocal = (role, text) =>
    messageElement({ id: "", at: new Date().toISOString(), kind: "message", author: { role }, text }, { locale: () => locale, ...on });
  const add = (event) => {
    if (event.kind === "feedback") markRated(event.event_id, event.helpful);
    const node = shown.has(event.id) ? undefined : draw(event);
    if (!node) return;
    const isOwn = event.author.role === "customer";
    const key = event.client_message_id ?? "";
    const waiting = pending.get(key);
    const stay = isNearEnd() || waiting;
    waiting?.remove();
    pending.delete(key);
    if (!isOwn) typing(false);
    if (waiting) node.classList.add("still");
    place(node, event.id);
    if (isOwn) takeChoice(event.text ?? "");
    if (stay) follow(isOwn ? undefined : node);
    else latest.hidden = isOwn;
  };

  return {
    add,
    typing,
    markRated,
    follow,
    addAll(events) {
      log.setAttribute("aria-busy", true);
      log.classList.add("still");
      events.forEach(add);
      if (events.length) follow();
      setTimeout(() => {
        log.setAttribute("aria-busy", false);
        log.classList.remove("still");
      }, 300);
    },
    addPending({ key, text }) {
      if (!text || pending.has(key)) return;
      const node = drawLocal("customer", text);
      node.classList.add("pending");
      node.querySelector(".body")?.append(element("span", { class: "sending" }));
      log.insertBefore(node, end());
      pending.set(key, node);
      labelPending();
      takeChoice(text);
      divider.remove();
      follow();
    },
    markPending(key, how) {
      pending.get(key)?.classList.add(how);
      labelPending();
      if (how === "failed") pending.delete(key);
    },
    note(line) {
      log.append(statusElement(line));
      follow();
    },
    placeholder(line) {
      if (shown.size || log.querySelector(".first")) return;
      const node = drawLocal("bot", line);
      node.classList.add("first");
      log.prepend(node);
    },
    dropPlaceholder: () => log.querySelector(".first")?.remove(),
    divide(id) {
      const first = firstAfter(id, "bot|agent");
      divider.remove();
      if (!first) return;
      first.before(divider);
      follow(divider);
    },
    clear() {
      shown.clear();
      pending.clear();
      typing(false);
      log.replaceChildren();
    },
    settings({ title, theme, accent, ...rest }) {
      const root = document.documentElement;
      locale = validLocale(rest.locale);
      byId("name").textContent = document.title = title || text.name;
      root.dataset.theme = theme ?? "auto";
      if (accent) root.style.setProperty("--accent", accent);
    },
    online(isOnline) {
      classList.toggle("offline", !isOnline);
      byId("bar").textContent = isOnline ? "" : text.offline;
      byId("composer").placeholder = isOnline ? text.compose : text.unsent;
      labelPending();
    },
    state({ owner, agent, queue }) {
      const isHuman = owner === "human";
      const isWaiting = owner === "waiting";
      const name = (isHuman && agent?.name) || "";
      const place = isWaiting ? queueLine(queue) : "";
      document.body.dataset.owner = owner;
      byId("role").textContent = isWaiting ? text.waiting : isHuman ? [name, text.support].filter(Boolean).join(" · ") : text.assistant;
      byId("avatar").textContent = initials(name);
      byId("queue").textContent = place;
      byId("queue").hidden = !place;
      byId("person").hidden = isHuman;
      byId("talk").lastElementChild.textContent = isWaiting ? text.back : text.talk;
    },
  };
};
