/** Building and keeping DOM nodes, without markup in strings. */

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element with attributes, listeners (`onclick`) and children; null children are left out.
 *
 * @param {string} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Node|string|null|undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...present(children));
  return node;
}

/** @param {string} tag @param {Record<string, string|number>} attributes @param {...Node} children */
export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

/** @param {string} name  a symbol of icons/icons.svg */
export function icon(name) {
  return svg("svg", { class: "icon", "aria-hidden": "true" }, svg("use", { href: `/desk/icons/icons.svg#${name}` }));
}

/** An element of the page that is known to be there. @param {string} id @returns {any} */
export function byId(id) {
  const node = document.getElementById(id);
  if (!node) throw new Error(`the page has no #${id}`);
  return node;
}

/** How to scroll for somebody who may want no motion. @returns {ScrollBehavior} */
export function scrolling() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
}

/**
 * Make `parent` show `items` in order, keeping the nodes of unchanged items, so that focus, selection and
 * scroll position survive and a live region reads only what is new.
 *
 * @template T
 * @param {HTMLElement} parent
 * @param {T[]} items
 * @param {{key: (item: T) => string, version: (item: T) => string, build: (item: T) => HTMLElement}} how
 *   version: equal strings mean that the built node would be the same
 */
export function reconcile(parent, items, { key, version, build }) {
  const wanted = new Set(items.map(key));
  /** @type {Map<string, HTMLElement>} */
  const existing = new Map();
  for (const node of /** @type {HTMLElement[]} */ ([...parent.children])) {
    if (wanted.has(node.dataset.key ?? "")) existing.set(node.dataset.key ?? "", node);
    else node.remove();
  }
  /** @type {Element|null} */
  let cursor = parent.firstElementChild;
  for (const item of items) {
    const before = existing.get(key(item));
    const node = before?.dataset.version === version(item) ? before : build(item);
    node.dataset.key = key(item);
    node.dataset.version = version(item);
    if (before && before !== node) {
      if (cursor === before) cursor = node;
      replaceKeepingFocus(before, node);
    }
    if (node === cursor) cursor = cursor.nextElementSibling;
    else parent.insertBefore(node, cursor);
  }
}

/** @param {HTMLElement} before @param {HTMLElement} after */
function replaceKeepingFocus(before, after) {
  const hadFocus = before.contains(document.activeElement);
  before.replaceWith(after);
  const target = after.matches("a, button") ? after : after.querySelector("a, button");
  if (hadFocus && target instanceof HTMLElement) target.focus({ preventScroll: true });
}

/** @param {(Node|string|null|undefined)[]} children @returns {(Node|string)[]} */
function present(children) {
  return /** @type {(Node|string)[]} */ (children.filter((child) => child !== null && child !== undefined));
}
