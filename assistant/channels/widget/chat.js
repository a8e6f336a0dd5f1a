/** The chat inside the frame: brings the page around it, the conversation, the screen and the keyboard together. */
import { ApiError, alone, connect, createConversation, createOutbox, keepConnected, openStore } from "./api.js";
import { emit, isFramed, listen, site, tell } from "./host.js";
import { text } from "./text.js";
import { byId, createView, isLater } from "./view.js";

const QUEUE_REFRESH_MS = 15_000;
const REPLY_TYPING_MS = 20_000;
const TYPING_EVERY_MS = 4_000;
const TALL_LINES = 5;
const LONGEST_MESSAGE = 4_000;
const START = "0-0";

/** The page's events that a status stands for. */
const PAGE_EVENTS = {
  handoff_requested: "handoff", agent_joined: "agentJoined", agent_left: "agentLeft", returned_to_bot: "agentLeft", resolved: "ended",
};

const composer = byId("composer");
const confirmation = byId("confirm");
const store = openStore(site);
const view = createView({ choose: ({ label, id }) => say(label, id), rate });
const outbox = createOutbox(store, {
  send, failed, gone: startAfresh, lost: () => line?.lost(), delayed: ({ key }) => view.markPending(key, "tried"),
});

let line;
let api;
/** The conversation on the screen. */
let current;
/** The ids of the bot's and the agents' messages. */
let received = [];
let last = START;
let owner = "bot";
let isLive = false;
let isOpen = !isFramed;
let isFull = false;
let settings = {};
/** What the shop's page says about itself and the visit. */
let context = {};
let identity;
let typedAt = 0;

// The conversation

function begin() {
  if (line) return;
  outbox.items().forEach(view.addPending);
  line = keepConnected({ open, last: () => last, history, event: receive, online, gone: startAfresh });
}

/** The conversation this browser has, or a new one; tabs that open at once share it. */
async function open() {
  const conversation = await alone("create", async () => store.conversation() ?? create());
  current = conversation.id;
  tell({ type: "talking", on: true });
  return (api = connect(conversation));
}

async function create() {
  const made = await createConversation({ locale: settings.locale, context, identity }).catch((error) => {
    if (identity && [400, 401, 422].includes(error.status)) {
      identity = undefined;
      emit("error", { code: "identity_rejected", message: error.message });
    }
    throw new ApiError(0, error.message);
  });
  const conversation = { id: made.conversation_id, token: made.token, read: START };
  store.keepConversation(conversation);
  view.dropPlaceholder();
  if (made.greeting) receive(made.greeting);
  return conversation;
}
function online(isOnline) {
  view.online(isOnline);
  if (isOnline) {
    refresh();
    outbox.flush();
  } else if (!store.conversation()) view.placeholder(settings.greeting || text.greeting);
}

/** If it fails, the connection finds out and says so. */
const refresh = () => api?.state().then(showState, () => {});
function showState(state) {
  owner = state.owner;
  view.state(state);
}

/** What is already in the log. */
function history(events) {
  view.dropPlaceholder();
  view.addAll(events.filter(note).map(withGreeting));
  isLive = true;
  see();
}

/** The shop may word the first line itself. */
const withGreeting = (event) =>
  settings.greeting && event.id === received[0] && !event.reply_to ? { ...event, text: settings.greeting, html: undefined } : event;

/** Whether it is new. */
function note({ id, kind, author }) {
  if (!isLater(id, last)) return false;
  last = id;
  if (kind === "message" && author.role !== "customer") received.push(id);
  return true;
}

/** As it happens. */
function receive(event) {
  const { id, at, kind, author: { role, name } } = event;
  if (kind === "typing") return void (role === "customer" || view.typing(true));
  if (!note(event)) return;
  view.add(withGreeting(event));
  if (event.owner) {
    showState({ owner: event.owner, agent: role === "agent" && name ? { name } : null });
    refresh();
  }
  const news = PAGE_EVENTS[event.status ?? ""] ?? (kind === "message" && "message");
  if (isLive && news) emit(news, { id, role, at });
  see();
}

/** Marks what came in as read if the customer is looking, or counts it. */
function see() {
  const conversation = store.conversation();
  if (!conversation) return;
  const isSeen = isOpen && !document.hidden;
  const { read } = conversation;
  if (isSeen && isLater(last, read)) store.keepConversation({ ...conversation, read: last });
  emit("unread", { count: isSeen ? 0 : received.filter((id) => isLater(id, read)).length });
}

/** The panel or the tab comes back into view. */
function look() {
  if (!isOpen || document.hidden) return;
  const { read } = store.conversation() ?? { read: START };
  if (read !== START && received.some((id) => isLater(id, read))) view.divide(read);
  see();
}

/** Takes the conversation off the screen. */
function leave() {
  line?.end();
  line = api = current = undefined;
  last = START;
  received = [];
  isLive = false;
  view.clear();
  showState({ owner: "bot" });
  emit("unread", { count: 0 });
}

/** This browser forgets the conversation; the outbox stays. */
function forget() {
  leave();
  store.keepConversation(null);
  tell({ type: "talking", on: false });
}

/** The server does not know the conversation any more: what was not sent goes into a new one. */
function startAfresh() {
  forget();
  outbox.carryOver();
  emit("error", { code: "conversation_gone", message: text.fresh });
  view.note(text.fresh);
  begin();
}

/** Another tab has read, ended or begun a conversation. */
function onOtherTab() {
  const other = store.conversation();
  if (other?.id === current) return see();
  const had = current;
  leave();
  if (other) begin();
  else if (had) view.note(text.elsewhere);
}

// What the customer does
function say(words, choice) {
  const clean = words.trim().slice(0, LONGEST_MESSAGE);
  if (!clean) return;
  view.addPending(outbox.add({ kind: "message", text: clean, choice }));
  if (owner === "bot" && navigator.onLine) view.typing(true, REPLY_TYPING_MS);
  begin();
  outbox.flush();
}
function rate({ id }, helpful) {
  view.markRated(id, helpful);
  outbox.add({ kind: "feedback", event: id, helpful });
  outbox.flush();
}

/** The label changes at once: the second half of a double click must not undo the first. */
function talkOrGoBack({ detail }) {
  if (detail > 1 || outbox.items().some(({ kind }) => kind === "handoff" || kind === "back")) return;
  outbox.add({ kind: owner === "waiting" ? "back" : "handoff" });
  begin();
  if (document.body.classList.contains("offline")) view.note(text.person);
  outbox.flush();
}
async function send({ kind, key, text, choice, event, helpful = false }) {
  const to = api;
  if (!to) throw new ApiError(0, "");
  if (kind === "feedback") await to.feedback({ event_id: event, helpful });
  else if (kind === "message") {
    const sent = await to.message({ client_message_id: key, ...(choice ? { choice_id: choice } : { text }) });
    if (sent.event && api === to) view.add(sent.event);
  } else showState(await (kind === "handoff" ? to.handoff() : to.backToAssistant()));
}
function failed({ key, kind }, { message }) {
  view.typing(false);
  view.markPending(key, "failed");
  emit("error", { code: `${kind}_failed`, message });
  refresh();
}

async function erase() {
  try {
    await api?.erase();
  } catch (error) {
    const { status } = error;
    if (status !== 401 && status !== 404) return void (byId("confirm-error").textContent = text.eraseFailed);
  }
  outbox.clear();
  composer.value = "";
  onInput();
  forget();
  confirmation.close();
  view.note(text.erased);
}

// The keyboard

function grow() {
  composer.style.height = "auto";
  const { lineHeight, paddingTop } = getComputedStyle(composer);
  const tallest = parseFloat(lineHeight) * TALL_LINES + parseFloat(paddingTop) * 2;
  composer.style.overflowY = composer.scrollHeight > tallest + 1 ? "auto" : "hidden";
  composer.style.height = `${Math.min(composer.scrollHeight, tallest)}px`;
}

function onInput() {
  grow();
  store.keepDraft(composer.value);
  if (!composer.value || !/human|waiting/.test(owner) || Date.now() - typedAt < TYPING_EVERY_MS) return;
  typedAt = Date.now();
  api?.typing().catch(() => {});
}
function submit(event) {
  event.preventDefault();
  const words = composer.value;
  composer.value = "";
  onInput();
  say(words);
  composer.focus();
}

/** Full screen, the panel is all there is: Tab goes round in it. */
function onKey(event) {
  if (confirmation.open) return;
  if (event.key === "Escape") tell({ type: "close" });
  if (event.key !== "Tab" || !isFull) return;
  const all = [...document.querySelectorAll("a[href], button:not(:disabled), textarea, #log")].filter((node) => node.getClientRects().length);
  const to = /** @type {any} */ (all.at(event.shiftKey ? -1 : 0));
  if (document.activeElement !== all.at(event.shiftKey ? 0 : -1)) return;
  event.preventDefault();
  to.focus();
}

byId("form").onsubmit = submit;
composer.oninput = onInput;
composer.onkeydown = (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
};
byId("talk").onclick = talkOrGoBack;
byId("close").onclick = () => tell({ type: "close" });
byId("close").hidden = !isFramed;
byId("latest").onclick = () => view.follow();
byId("erase").onclick = () => {
  byId("confirm-error").textContent = "";
  confirmation.showModal();
};
byId("keep").onclick = () => confirmation.close();
byId("delete").onclick = erase;
document.addEventListener("keydown", onKey);
document.addEventListener("visibilitychange", look);
store.watch(onOtherTab);
setInterval(() => owner === "waiting" && !document.hidden && refresh(), QUEUE_REFRESH_MS);

// The page around us
const calls = {
  sendMessage: (words) => say(String(words)),
  identify: (jwt) => { identity = jwt; },
  setLocale: (locale) => view.settings((settings = { ...settings, locale })),
  setContext: (attributes) => { context = { ...context, ...attributes }; },
  reset() {
    forget();
    outbox.clear();
    identity = undefined;
    if (isOpen) begin();
  },
};

listen((message) => {
  if (message.type === "start") {
    settings = message.settings;
    context = { ...message.page, ...context };
    view.settings(settings);
    if (store.conversation() || outbox.items().length) begin();
  } else if (message.type === "panel") {
    isFull = message.full;
    isOpen = message.open;
    if (!isOpen) return;
    begin();
    grow();
    look();
    // On a touch screen the keyboard would cover what there is to read.
    if (message.focus) byId(matchMedia("(pointer: coarse)").matches ? "name" : "composer").focus();
  } else if (Object.hasOwn(calls, message.name)) calls[message.name](message.value);
});

showState({ owner });
view.online(true);
composer.value = store.draft();
if (!isFramed) begin();
