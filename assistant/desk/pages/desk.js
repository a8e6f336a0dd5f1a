/** Builds the desk: one store, the gateway, the views, and what connects them. */

import { Actions } from "./actions.js";
import { Alerts } from "./alerts.js";
import { Api, ApiError } from "./api.js";
import { Composer } from "./composer.js";
import { Context } from "./context.js";
import { Conversation, furnish } from "./conversation.js";
import { askConfirm, askResolve, showHelp } from "./dialogs.js";
import { byId, el, icon } from "./dom.js";
import { Drafts, preference, setPreference } from "./drafts.js";
import { listenForKeys } from "./keys.js";
import { List } from "./list.js";
import { Login } from "./login.js";
import { Outbox } from "./outbox.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";

const api = new Api();
const store = new Store();
let drafts = new Drafts("");

const alerts = new Alerts(store);
const actions = new Actions(api, store, {
  say: (text) => alerts.say(text),
  warn: (text) => alerts.warn(text),
  arrivals: (before) => alerts.arrivals(before),
  message: (row, event) => alerts.message(row, event),
});
const outbox = new Outbox(api, store, () => drafts);
const list = new List(store, actions, api, (id) => drafts.any(id), (order) => setPreference("order", order));
const composer = new Composer(store, actions, outbox, () => drafts);
const conversation = new Conversation(store, api, outbox, (pending) => composer.takeBack(pending));
new Context(store, (article) => composer.insert(article));
const login = new Login(api, enter);
const stream = new Stream(api, {
  frame: (frame) => actions.receive(frame),
  up: refetch,
  down: (retryAt) => {
    store.connection = { online: false, retryAt };
    store.emit("connection");
  },
});

/** Everything may have changed while the stream was down. */
async function refetch() {
  try {
    await actions.refreshQueue();
    if (store.selected) await actions.reload(store.selected);
    store.connection = { online: true, retryAt: null };
    store.emit("connection");
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // the next frame or reconnect tries again
  }
}

/** @param {import("./types.js").Agent} agent */
function enter(agent) {
  if (store.agent && store.agent.username !== agent.username) store.clear();
  store.agent = agent;
  drafts = new Drafts(agent.username);
  byId("agent-name").textContent = agent.name;
  store.emit("session");
  composer.reload();
  outbox.restore();
  stream.start();
  followAddress();
}

function interrupted() {
  stream.stop();
  if (login.visible) return;
  const again = Boolean(store.agent);
  login.show(again ? "Your session has ended. Sign in to go on; your drafts are kept." : "Sign in to see who is waiting.", store.me);
}

async function signOut() {
  stream.stop();
  await api.signOut().catch(() => {}); // without a connection the screen still closes
  store.clear();
  location.hash = "";
  store.emit("session", "rows");
  login.show("You are signed out.");
}

/** The address names the open conversation, and a message in it: reload, links and the back button work. */
async function followAddress() {
  const [conversationId, message] = location.hash.slice(1).split("/").map(decodeURIComponent);
  const id = conversationId || null;
  const before = store.selected;
  const moved = id !== before;
  byId("panes").dataset.pane = id ? "conversation" : "list";
  if (moved) alerts.unwarn();
  closeDetails();
  const opened = actions.select(id);
  list.reveal();
  if (moved) moveFocus(before);
  await opened;
  if (message && store.selected === id) conversation.goTo(message);
}

/** Where only one pane is shown, focus follows the pane; from a row it follows the selection. @param {string|null} before */
function moveFocus(before) {
  if (!store.selected && before) list.focusRow(before);
  else if (list.hidden) byId("customer-name").focus();
  else if (document.activeElement?.matches(".row") && store.selected) list.focusRow(store.selected);
}

/** @param {1|-1} step */
function move(step) {
  const id = list.neighbour(step);
  if (id) location.hash = encodeURIComponent(id);
}

/** @param {string} button @param {(id: string) => Promise<unknown>} step */
async function press(button, step) {
  const node = byId(button);
  const id = store.selected;
  if (!id || node.hidden || node.ariaBusy === "true") return;
  node.ariaBusy = "true";
  try {
    alerts.unwarn();
    await step(id);
  } finally {
    node.ariaBusy = "false";
    if (node.hidden && document.activeElement === document.body) byId("customer-name").focus();
  }
}

const claim = () => press("claim", async (id) => {
  if (!(await actions.claim(id))) return;
  if (store.tab === "waiting") actions.showTab("mine");
  composer.setMode("reply");
});

const giveBack = () => press("return", async (id) => {
  const text = "What you wrote was not sent and will be discarded.";
  if (drafts.any(id) && !(await askConfirm("Return to the assistant?", text, "Return"))) return;
  if (await actions.returnToAssistant(id)) discardDraft(id);
});

const resolve = () => press("resolve", async (id) => {
  const answer = await askResolve(drafts.any(id));
  if (answer && (await actions.resolve(id, answer.note))) discardDraft(id);
});

/** @param {string} id */
function discardDraft(id) {
  drafts.discard(id);
  if (store.selected === id) composer.reload();
  store.emit("mode");
}

/** @param {Event} event */
async function makeArticle(event) {
  const button = event.target instanceof Element ? event.target.closest("[data-make-article]") : null;
  if (!(button instanceof HTMLElement) || !store.selected) return;
  try {
    const { id } = await api.articleFromReply(store.selected, button.dataset.makeArticle ?? "");
    location.assign(`/desk/articles#${encodeURIComponent(id)}`);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    alerts.warn(error.message);
  }
}

/** @param {Event} event */
async function judge(event) {
  const button = event.target instanceof Element ? event.target.closest("[data-verdict]") : null;
  const row = button?.closest("[data-handoff-id]");
  if (!(button instanceof HTMLElement) || !(row instanceof HTMLElement) || !store.selected || row.ariaBusy === "true") return;
  row.ariaBusy = "true";
  try {
    alerts.unwarn();
    await actions.judge(store.selected, row.dataset.handoffId ?? "", button.dataset.verdict ?? "");
  } finally {
    row.ariaBusy = "false";
  }
}

/** @param {Event} event */
function loadAgain(event) {
  if (event.target instanceof Element && event.target.closest("[data-reload]") && store.selected) actions.reload(store.selected);
}

function closeDetails() {
  byId("panes").classList.remove("details");
  byId("details-open").setAttribute("aria-expanded", "false");
}

function leaveDetails() {
  closeDetails();
  byId("details-open").focus();
}

function toggleDetails() {
  const open = byId("panes").classList.toggle("details");
  byId("details-open").setAttribute("aria-expanded", String(open));
  if (open) byId("details-close").focus();
}

function renderConnection() {
  const { online, retryAt } = store.connection;
  const bar = byId("connection");
  bar.classList.toggle("on", !online);
  if (online) return bar.replaceChildren();
  const seconds = Math.max(0, Math.ceil(((retryAt ?? 0) - Date.now()) / 1000));
  const retry = el("button", { class: "button", type: "button", onclick: () => stream.retryNow() }, "Try now");
  bar.replaceChildren(el("span", {}, seconds ? "Connection lost. What you see may be old; trying again." : "Connection lost. Trying now."), retry);
}

function listen() {
  byId("claim").addEventListener("click", claim);
  byId("return").addEventListener("click", giveBack);
  byId("resolve").addEventListener("click", resolve);
  byId("help-open").append(icon("help"), el("span", {}, "Keys"));
  byId("help-open").addEventListener("click", showHelp);
  byId("sign-out").append(icon("leave"), el("span", {}, "Sign out"));
  byId("sign-out").addEventListener("click", signOut);
  byId("back").addEventListener("click", () => (location.hash = ""));
  byId("details-open").addEventListener("click", toggleDetails);
  byId("details-close").addEventListener("click", leaveDetails);
  byId("transcript").addEventListener("click", makeArticle);
  byId("why").addEventListener("click", judge);
  byId("why").addEventListener("click", loadAgain);
  byId("context").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => event.key === "Escape" && leaveDetails());
  addEventListener("hashchange", followAddress);
  document.addEventListener("visibilitychange", () => alerts.renderTitle());
  store.on(["connection"], renderConnection);
  const article = (/** @type {number} */ index) => {
    const suggested = store.articles.list[index];
    if (suggested) composer.insert(suggested);
  };
  const commands = {
    next: () => move(1), previous: () => move(-1), claim, resolve, article, help: showHelp,
    note: () => store.selected && composer.setMode("note"),
    reply: () => store.selected && composer.setMode("reply"),
  };
  listenForKeys(commands, () => !login.visible);
}

async function start() {
  furnish();
  listen();
  store.order = preference("order", "longest") === "newest" ? "newest" : "longest";
  api.onUnauthorized = interrupted;
  conversation.render();
  try {
    const agent = await api.me({ quiet: true });
    login.hide();
    enter(agent);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    login.show(error.status === 401 ? "Sign in to see who is waiting." : "The server cannot be reached. Try again in a moment.");
  }
}

start();
