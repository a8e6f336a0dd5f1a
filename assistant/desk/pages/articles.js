/** Builds the article page: one store, the gateway, the views, and what connects them. */

import { Api, ApiError } from "./api.js";
import { ArticleActions } from "./articles_actions.js";
import { ArticlesApi } from "./articles_api.js";
import { BuildStrip } from "./articles_build.js";
import { ConflictBanner, Form } from "./articles_form.js";
import { History } from "./articles_history.js";
import { ArticleList } from "./articles_list.js";
import { Preview } from "./articles_preview.js";
import { Saver } from "./articles_saver.js";
import { ArticleStore, contentOf } from "./articles_store.js";
import { Trial } from "./articles_try.js";
import { showHelp } from "./dialogs.js";
import { byId, el, icon } from "./dom.js";
import { Login } from "./login.js";
import { listenToTabs, markTab } from "./tabs.js";

/** How often the list looks for what colleagues did. */
const REFRESH_MS = 20_000;
const TOAST_MS = 5000;

const session = new Api();
const api = new ArticlesApi(session);
const store = new ArticleStore();
const tabs = [byId("tab-preview"), byId("tab-try"), byId("tab-history")];
let username = "";
let toastTimer = 0;

const list = new ArticleList(store);
const saver = new Saver(api, store, () => username, showSaved);
const form = new Form(store, saver, () => session.now());
new ConflictBanner(store, saver);
const preview = new Preview(api, store, (findings) => form.showProblems(findings));
const trial = new Trial(api, store);
const strip = new BuildStrip(api, store, published);
const actions = new ArticleActions(api, store, saver, preview, {
  say,
  changed: refreshList,
  building: (build) => strip.show(build),
  reload: load,
  restored: () => showTab("preview"),
});
const history = new History(api, store, (entry) => actions.restore(entry), () => session.now());
const login = new Login(session, enter);

/** @param {string} text */
function say(text) {
  const toast = byId("toast");
  toast.textContent = text;
  toast.classList.add("on");
  clearTimeout(toastTimer);
  toastTimer = window.setTimeout(() => toast.classList.remove("on"), TOAST_MS);
}

/** @param {import("./types.js").Agent} agent */
async function enter(agent) {
  // What somebody else had open here is kept under their name.
  if (username && username !== agent.username) Object.assign(store, { selected: null, opened: null });
  username = agent.username;
  byId("agent-name").textContent = agent.name;
  await refreshList();
  await followAddress();
  await saver.flush();
}

async function refreshList() {
  try {
    const { articles, problem, build } = await api.library();
    Object.assign(store, { rows: articles, problem, loaded: true });
    store.emit("rows");
    strip.show(build);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // the next look at the list tries again
  }
}

/** The row of a saved article, without reading all others again. @param {import("./articles_api.js").Opened} opened */
function showSaved(opened) {
  const { question, tags, human_only } = contentOf(opened);
  const state = opened.draft ? (opened.published ? "changed" : "draft") : "published";
  store.rows = store.rows.map((row) => (row.id === opened.id ? { ...row, question, tags, human_only, state, saved: opened.saved } : row));
  store.emit("rows");
}

/** Take up what colleagues did, unless something here is unsaved. */
async function lookAgain() {
  if (!username || login.visible || document.hidden) return;
  await refreshList();
  const row = store.rows.find(({ id }) => id === store.selected);
  const { opened } = store;
  if (!row || !opened || store.saving !== "saved" || store.conflict) return;
  if (row.saved?.at !== opened.saved?.at || (row.state === "archived") === Boolean(opened.published)) await load(opened.id);
}

/** @param {string} id */
async function load(id) {
  try {
    const opened = await api.open(id);
    if (store.selected === id && (store.opened?.id !== id || store.saving === "saved")) saver.takeUp(opened);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    store.loadProblem = error.message;
    store.emit("opened");
  }
}

/** The address names the open article: reload, links and the back button work. */
async function followAddress() {
  const id = decodeURIComponent(location.hash.slice(1)) || null;
  if (id === store.selected && store.opened) return;
  await saver.flush();
  const before = store.selected;
  Object.assign(store, { selected: id, opened: null, loadProblem: null, conflict: null, saving: "saved" });
  byId("library").dataset.pane = id ? "article" : "list";
  store.emit("opened", "conflict");
  trial.clear();
  list.reveal();
  document.title = "Articles";
  if (!id && before) list.focusRow(before);
  if (!id) return;
  const stacked = byId("list").offsetParent === null;
  if (stacked) byId("article-title").focus();
  await load(id);
  document.title = `${store.content.question || id} · Articles`;
  byId("form").scrollTop = 0;
  if (store.startAt) byId(store.startAt).focus();
  store.startAt = "";
  if (shownTab() === "history") await history.load();
}

const shownTab = () => tabs.find((tab) => tab.ariaSelected === "true")?.dataset.tab ?? "preview";

/** @param {string} shown */
function showTab(shown) {
  for (const tab of tabs) {
    markTab(tab, tab.dataset.tab === shown);
    byId(`panel-${tab.dataset.tab}`).hidden = tab.dataset.tab !== shown;
  }
  if (shown === "history") history.load();
}

/** A publication ended: what it changed is shown. @param {import("./articles_api.js").Build} build */
async function published(build) {
  await refreshList();
  if (build.stage === "built" && build.draft_id !== build.article_id && store.selected === build.draft_id) location.replace(`#${encodeURIComponent(build.article_id)}`);
  else if (store.selected === build.article_id && store.saving === "saved" && !store.conflict) await load(build.article_id);
  if (shownTab() === "history") await history.load();
}

function interrupted() {
  if (login.visible) return;
  login.show(username ? "Your session has ended. Sign in to go on; what you wrote is kept." : "Sign in to edit articles.", username);
}

async function signOut() {
  await saver.flush();
  await session.signOut().catch(() => {}); // without a connection the screen still closes
  location.assign("/desk");
}

/** @param {1|-1} step */
function move(step) {
  const id = list.neighbour(step);
  if (id) location.hash = encodeURIComponent(id);
}

function tryQuestion() {
  if (!store.opened) return;
  showTab("try");
  byId("try-question").focus();
}

/** @param {KeyboardEvent} event */
function key(event) {
  if (login.visible || document.querySelector("dialog[open]")) return;
  const writing = event.target instanceof HTMLElement && event.target.matches("input, textarea");
  const save = (event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s";
  /** @type {Record<string, () => void>} */
  const withAlt = { KeyJ: () => move(1), KeyK: () => move(-1), KeyN: () => actions.create(), KeyT: tryQuestion, KeyP: () => actions.publish() };
  /** @type {Record<string, () => void>} */
  const plain = { "/": () => byId("search").focus(), "?": showHelp };
  const bare = !event.ctrlKey && !event.metaKey;
  const command = save ? () => saver.flush() : event.altKey && bare ? withAlt[event.code] : !writing && bare ? plain[event.key] : null;
  if (!command) return;
  event.preventDefault();
  command();
}

function listen() {
  byId("help-open").append(icon("help"), el("span", {}, "Keys"));
  byId("sign-out").append(icon("leave"), el("span", {}, "Sign out"));
  byId("back").append(icon("back"));
  byId("help-open").addEventListener("click", showHelp);
  byId("sign-out").addEventListener("click", signOut);
  byId("back").addEventListener("click", () => (location.hash = ""));
  byId("new").addEventListener("click", () => actions.create());
  // Not a submit button: Enter in the question would press the first of these.
  byId("new-cancel").addEventListener("click", () => byId("new-dialog").close());
  byId("publish").addEventListener("click", () => actions.publish());
  byId("archive").addEventListener("click", () => actions.archive());
  byId("discard").addEventListener("click", () => actions.discard());
  listenToTabs(tabs, (tab) => showTab(tab.dataset.tab ?? "preview"));
  addEventListener("keydown", key);
  addEventListener("hashchange", followAddress);
  document.addEventListener("visibilitychange", lookAgain);
  addEventListener("pagehide", () => saver.flush());
  setInterval(lookAgain, REFRESH_MS);
}

async function start() {
  listen();
  showTab("preview");
  list.render();
  session.onUnauthorized = interrupted;
  try {
    const agent = await session.me({ quiet: true });
    login.hide();
    await enter(agent);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    login.show(error.status === 401 ? "Sign in to edit articles." : "The server cannot be reached. Try again in a moment.");
  }
}

start();
