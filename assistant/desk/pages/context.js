/** The right pane: who writes, how they feel, what is known, and articles that could help. */

import { preference, setPreference } from "./drafts.js";
import { byId, el, svg } from "./dom.js";
import { channelName, counted, mood, percent, sentence } from "./wording.js";

const CHART = { width: 300, height: 64, pad: 6 };

export class Context {
  /** @param {import("./store.js").Store} store @param {(article: import("./types.js").Article) => void} insert */
  constructor(store, insert) {
    this.store = store;
    this.insert = insert;
    this.#keepFolds();
    byId("export").addEventListener("click", () => this.#export());
    store.on(["selection", "detail", "session"], () => this.render());
    store.on(["selection", "articles"], () => this.#renderArticles());
  }

  #keepFolds() {
    const folded = new Set(preference("folded", "").split(" "));
    const sections = /** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("[data-section]"));
    for (const section of sections) {
      section.open = !folded.has(section.dataset.section ?? "");
      section.addEventListener("toggle", () => {
        const names = [...sections].filter((one) => !one.open).map((one) => one.dataset.section);
        setPreference("folded", names.join(" "));
      });
    }
  }

  render() {
    const { selected, row, detail } = this.store;
    const shown = Boolean(selected && !this.store.loadProblems.has(selected));
    byId("context-empty").hidden = shown;
    byId("context-sections").hidden = !shown;
    byId("context-sections").classList.toggle("loading", !detail);
    if (!shown) return;
    if (!row) return this.#renderUnknown();
    byId("context-customer").replaceChildren(customer(row, detail?.bundle ?? null));
    byId("context-sentiment").replaceChildren(...sentiment(row, detail));
    byId("context-facts").replaceChildren(facts(detail));
    byId("export").disabled = !detail?.bundle;
  }

  /** The row is on its way: keep the sections' places, show nothing of somebody else. */
  #renderUnknown() {
    byId("context-customer").replaceChildren(el("span", { class: "bone" }), el("span", { class: "bone short" }));
    byId("context-sentiment").replaceChildren(el("div", { class: "trend-space" }));
    byId("context-facts").replaceChildren(el("span", { class: "bone short" }));
    byId("export").disabled = true;
  }

  #renderArticles() {
    const { state, list } = this.store.articles;
    const root = byId("context-articles");
    root.setAttribute("aria-busy", String(state === "loading"));
    if (state === "loading") root.replaceChildren(...Array.from({ length: 3 }, () => el("div", { class: "article skeleton", "aria-hidden": "true" }, el("span", { class: "bone" }), el("span", { class: "bone short" }))));
    else if (state === "failed") root.replaceChildren(el("p", { class: "muted" }, "Suggestions cannot be loaded at the moment."));
    else if (!list.length) root.replaceChildren(el("p", { class: "muted" }, "No article fits the last question."));
    else root.replaceChildren(...list.map((article, index) => this.#article(article, index + 1)));
  }

  /** @param {import("./types.js").Article} article @param {number} number */
  #article(article, number) {
    return el("button", { class: "article", type: "button", title: "Insert into the composer", onclick: () => this.insert(article) },
      el("span", { class: "article-top" }, el("strong", {}, article.question), el("kbd", {}, `Alt ${number}`)),
      el("span", { class: "article-answer" }, words(article)),
      el("span", { class: "muted article-fit" }, `${percent(article.probability)} match · click to insert`));
  }

  #export() {
    const bundle = this.store.detail?.bundle;
    if (!bundle) return;
    const url = URL.createObjectURL(new Blob([JSON.stringify(bundle, null, 2)], { type: "application/json" }));
    el("a", { href: url, download: `handoff-${bundle.handoff_id}.json` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 0);
  }
}

/** An article as text for the composer. @param {import("./types.js").Article} article */
export function plain(article) {
  return article.answer || words(article);
}

/** An article without its markup. @param {import("./types.js").Article} article */
function words({ html }) {
  return new DOMParser().parseFromString(html, "text/html").body.textContent ?? "";
}

/** @param {import("./types.js").Row} row @param {import("./types.js").Bundle|null} bundle */
function customer({ customer: who, channel, agent }, bundle) {
  const mail = who.email ? el("a", { href: `mailto:${who.email}` }, who.email) : "not given";
  return el("dl", { class: "pairs" },
    ...pair("Name", who.name ?? "not given"),
    ...pair("Email", mail),
    ...(who.tier ? pair("Tier", sentence(who.tier)) : []),
    ...pair("Channel", channelName(channel)),
    ...pair("Page", page(bundle?.page_url ?? null)),
    ...(agent ? pair("Agent", agent.name) : []));
}

/** @param {string|null} url */
function page(url) {
  if (!url) return "unknown";
  if (!/^https?:\/\//.test(url)) return url;
  const { host, pathname } = new URL(url);
  return el("a", { href: url, target: "_blank", rel: "noopener noreferrer", title: url }, pathname === "/" ? host : pathname);
}

/** @param {import("./types.js").Row} row @param {import("./types.js").Detail|null} detail */
function sentiment(row, detail) {
  const trend = (detail?.bundle?.sentiment?.trend ?? tracedTrend(detail)).map(({ negative }) => negative);
  const now = trend.at(-1) ?? row.negative;
  if (typeof now !== "number") return [el("div", { class: "trend-space" }, el("p", { class: "muted" }, "Nothing to judge by yet."))];
  const words = trendWords(trend, now);
  return [el("div", { class: "trend-space" }, chart(trend.length ? trend : [now], words)), el("p", { class: "trend-words" }, words)];
}

/** Newer than the hand-off record, or the only source when there is none. @param {import("./types.js").Detail|null} detail */
function tracedTrend(detail) {
  return (detail?.transcript ?? []).flatMap(({ kind, trace }) => (kind === "trace" && typeof trace?.negative === "number" ? [{ negative: trace.negative }] : []));
}

/** @param {number[]} trend @param {number} now */
function trendWords(trend, now) {
  const current = mood(now).word.toLowerCase();
  const first = mood(trend[0] ?? now).word;
  if (trend.length > 1 && first.toLowerCase() !== current) return `${first} at first, ${current} now (${percent(now)} negative)`;
  return `${mood(now).word} (${percent(now)} negative)`;
}

/** @param {number[]} trend @param {string} words */
function chart(trend, words) {
  const { width, height, pad } = CHART;
  const x = (/** @type {number} */ i) => width - pad - ((trend.length - 1 - i) * (width - 2 * pad)) / Math.max(1, trend.length - 1);
  const y = (/** @type {number} */ negative) => height - pad - negative * (height - 2 * pad);
  const points = trend.map((negative, i) => `${x(i).toFixed(1)},${y(negative).toFixed(1)}`).join(" ");
  const dots = trend.map((negative, i) => svg("circle", { cx: x(i).toFixed(1), cy: y(negative).toFixed(1), r: i === trend.length - 1 ? 4.5 : 3, class: `dot ${mood(negative).level}` }));
  const middle = svg("line", { x1: pad, x2: width - pad, y1: y(0.5), y2: y(0.5), class: "middle" });
  return svg("svg", { class: "trend", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Sentiment over ${counted(trend.length, "message", "messages")}, higher is more negative. ${words}` }, middle, svg("polyline", { points, class: "line" }), ...dots);
}

/** @param {import("./types.js").Detail|null} detail */
function facts(detail) {
  const bundle = detail?.bundle;
  const found = (bundle?.facts ?? []).map(({ kind, value }) => [kind, value]);
  const values = new Set(found.map(([, value]) => value));
  const slots = Object.entries(bundle?.slots ?? {}).filter(([, value]) => ["string", "number"].includes(typeof value) && value !== "" && !values.has(String(value)));
  const pairs = [...found, ...slots].flatMap(([kind, value]) => pair(sentence(kind), String(value)));
  return pairs.length ? el("dl", { class: "pairs" }, ...pairs) : el("p", { class: "muted" }, detail ? "None found in what the customer wrote." : " ");
}

/** @param {string} name @param {string|Node} value */
function pair(name, value) {
  return [el("dt", {}, name), el("dd", {}, value)];
}
