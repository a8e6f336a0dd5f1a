/**
 * The part of the chat that runs in the shop's page, served as /widget.js: a launcher, and a frame on the
 * assistant's own origin that the shop's page cannot read. Its calls and attributes are in types.d.ts.
 */
(() => {
  if (customElements.get("offramp-widget")) return;
  const script = /** @type {any} */ (document.currentScript) ?? document.querySelector('script[src*="/widget.js"]');
  const ORIGIN = new URL(script.src).origin;
  const FULL_SCREEN = matchMedia("(max-width:479.98px)");
  const CHAT = "M12 3c-5.2 0-9 3.4-9 7.8 0 2.5 1.2 4.6 3.2 6-.1 1.3-.6 2.6-1.6 3.7 2 0 3.8-.7 5.2-1.9.7.1 1.4.2 2.2.2 5.2 0 9-3.5 9-8S17.2 3 12 3Z";
  const CLOSE = "m6 9 6 6 6-6";
  const STYLE = `
:host{all:initial;position:fixed;z-index:2147483000;color-scheme:light dark}
:host([data-theme=light]){color-scheme:light}
:host([data-theme=dark]){color-scheme:dark}
button,iframe{position:fixed;right:20px;border:0}
:host([data-position$=left]) :is(button,iframe){right:auto;left:20px}
button{bottom:20px;width:56px;height:56px;padding:14px;border-radius:50%;background:oklch(from var(--accent) calc(min(l,.54) + clamp(0,(l - .66)*999,1)*(l - min(l,.54))) c h);color:oklch(from var(--accent) clamp(0,(.66 - l)*999,1) 0 0);cursor:pointer;box-shadow:0 4px 16px #0004,0 0 0 1px #fff3;transition:transform .15s}
button:hover{transform:scale(1.05)}
button:focus-visible{outline:3px solid var(--accent);outline-offset:3px;box-shadow:0 0 0 3px light-dark(#fff,#111)}
svg{display:block;fill:none;stroke:currentColor;stroke-width:1.9;stroke-linecap:round;stroke-linejoin:round}
b{position:absolute;top:-3px;right:-3px;min-width:12px;padding:0 5px;border-radius:11px;background:#c4231c;color:#fff;border:2px solid #fff;font:700 12px/18px system-ui,sans-serif}
iframe{bottom:92px;width:380px;height:640px;max-height:calc(100dvh - 112px);border-radius:12px;background:light-dark(#fff,#17191c);color-scheme:inherit;box-shadow:0 12px 40px #0004,0 0 0 1px light-dark(#0002,#fff3);animation:up .16s}
@keyframes up{from{opacity:0;transform:translateY(8px)}}
@media (max-width:479.98px){iframe{inset:0!important;width:100%;height:var(--height,100dvh);max-height:none;border-radius:0}.open{display:none}}
@media (prefers-reduced-motion){*{animation:none!important;transition:none!important}}
@media print{:host{display:none}}
:host([hidden]),[hidden]{display:none!important}`;

  /** What the page's own storage holds: "talking" for good, "open" for this tab. */
  const memory = (key, on) => {
    try {
      const area = key === "open" ? sessionStorage : localStorage;
      if (on !== undefined) on ? area.setItem(`offramp.${key}`, "1") : area.removeItem(`offramp.${key}`);
      return area.getItem(`offramp.${key}`);
    } catch {
      return null;
    }
  };

  const listeners = [];
  const emit = (name, detail = {}) => listeners.filter((entry) => entry[0] === name).forEach(([, listener]) => {
    try {
      listener(detail);
    } catch (error) {
      console.error(error);
    }
  });

  class OfframpWidget extends HTMLElement {
    isOpen = false;
    isReady = false;
    unread = 0;
    waiting = [];
    frame;
    overflow;
    button = document.createElement("button");

    connectedCallback() {
      if (this.shadowRoot) return;
      for (const key in script.dataset) this.dataset[key] ??= script.dataset[key];
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.append(this.button);
      this.button.dataset.testid = "launcher";
      this.button.innerHTML = '<svg viewBox="0 0 24 24"><path/></svg><b></b>';
      this.button.onclick = () => this.toggle(!this.isOpen);
      this.button.onpointerenter = () => this.load();
      this.onkeydown = ({ key }) => { if (key === "Escape") this.toggle(false); };
      if (!CSS.supports("color", this.dataset.accent ?? "")) delete this.dataset.accent;
      this.style.setProperty("--accent", this.dataset.accent ?? "#1f5f4a");
      addEventListener("message", (event) => this.hear(event));
      FULL_SCREEN.onchange = () => this.layout();
      visualViewport?.addEventListener("resize", () => this.fit());
      visualViewport?.addEventListener("scroll", () => this.fit());
      this.draw();
      if (memory("open") && !FULL_SCREEN.matches) this.toggle(true, false);
      else if (memory("talking")) (window.requestIdleCallback ?? setTimeout)(() => this.load());
    }

    get name() {
      return this.dataset.title || "Support chat";
    }

    /** Makes the frame, closed: no conversation begins before the panel is opened. */
    load() {
      if (this.frame) return;
      this.frame = document.createElement("iframe");
      this.frame.dataset.testid = "panel";
      this.frame.title = this.name;
      this.frame.hidden = true;
      this.frame.src = `${ORIGIN}/widget/#host=${encodeURIComponent(location.origin)}`;
      this.shadowRoot?.prepend(this.frame);
    }
    toggle(open, focus = true) {
      if (open) this.load();
      const { frame } = this;
      if (!frame || (!open && !this.isOpen)) return;
      const isNews = open !== this.isOpen;
      this.isOpen = open;
      frame.hidden = !open;
      memory("open", open);
      if (focus) (open ? frame : this.button).focus();
      this.layout(focus);
      if (isNews) emit(open ? "opened" : "closed");
    }

    layout(focus = false) {
      const { style } = document.documentElement;
      const full = this.isOpen && FULL_SCREEN.matches;
      if (full) {
        this.overflow ??= style.overflow;
        style.overflow = "hidden";
      } else if (this.overflow !== undefined) {
        style.overflow = this.overflow;
        this.overflow = undefined;
      }
      this.fit();
      this.draw();
      this.tell({ type: "panel", open: this.isOpen, full, focus });
    }

    /** Keeps the full-screen panel above an on-screen keyboard. */
    fit() {
      const { height, offsetTop } = visualViewport ?? { height: innerHeight, offsetTop: 0 };
      this.frame?.style.setProperty("--height", `${height}px`);
      this.frame?.style.setProperty("transform", FULL_SCREEN.matches && offsetTop ? `translateY(${offsetTop}px)` : "");
    }

    draw() {
      const { button, isOpen } = this;
      const unread = isOpen ? 0 : this.unread;
      const badge = /** @type {HTMLElement} */ (button.lastElementChild);
      button.className = isOpen ? "open" : "";
      button.ariaExpanded = `${isOpen}`;
      button.ariaLabel = `${isOpen ? "Close" : "Open"} ${this.name}${unread ? `, ${unread} unread` : ""}`;
      button.querySelector("path")?.setAttribute("d", isOpen ? CLOSE : CHAT);
      badge.hidden = !unread;
      badge.textContent = unread > 9 ? "9+" : `${unread}`;
    }

    /** To the frame; calls are kept until it is there. */
    tell(message) {
      if (this.isReady) this.frame?.contentWindow?.postMessage({ offramp: message }, ORIGIN);
      else if (message.type === "call") this.waiting.push(message);
    }
    hear({ origin, source, data }) {
      if (origin !== ORIGIN || !this.frame || source !== this.frame.contentWindow) return;
      const message = data?.offramp;
      if (message?.type === "loaded") this.start();
      if (message?.type === "close") this.toggle(false);
      if (message?.type === "talking") memory("talking", message.on);
      if (message?.type !== "event") return;
      if (message.name === "unread") {
        if (this.unread === message.detail.count) return;
        this.unread = message.detail.count;
        this.draw();
      }
      emit(message.name, message.detail);
    }

    start() {
      this.isReady = true;
      this.tell({
        type: "start",
        settings: { ...this.dataset },
        page: { page_url: location.href.slice(0, 2000), page_title: document.title.slice(0, 300) },
      });
      for (const message of this.waiting.splice(0)) this.tell(message);
      this.layout(this.shadowRoot?.activeElement === this.frame);
    }
    call(name, value) {
      this.tell({ type: "call", name, value });
      if (memory("talking")) this.load();
    }
  }
  customElements.define("offramp-widget", OfframpWidget);

  let widget = {};
  /** @type {OfframpCalls} */
  const calls = {
    open: () => widget.toggle(true),
    close: () => widget.toggle(false),
    toggle: () => widget.toggle(!widget.isOpen),
    show: () => { widget.hidden = false; },
    hide: () => { widget.toggle(false); widget.hidden = true; },
    identify: (jwt) => widget.call("identify", jwt),
    logout: () => widget.call("reset"),
    reset: () => widget.call("reset"),
    sendMessage(text) { widget.toggle(true); widget.call("sendMessage", text); },
    setLocale(locale) { widget.dataset.locale = locale; widget.call("setLocale", locale); },
    setContext: (attributes) => widget.call("setContext", attributes),
    on(event, listener) {
      const entry = [event, listener];
      listeners.push(entry);
      return () => void listeners.splice(listeners.indexOf(entry) >>> 0, 1);
    },
    push(...entries) {
      for (const entry of entries) {
        try {
          typeof entry === "function" ? entry(calls) : calls[entry[0]](...entry.slice(1));
        } catch (error) {
          console.error("Offramp:", entry, error);
        }
      }
    },
  };

  const begin = () => {
    const early = window.Offramp;
    window.Offramp = calls;
    widget = document.querySelector("offramp-widget") ?? document.body.appendChild(document.createElement("offramp-widget"));
    if (Array.isArray(early)) calls.push(...early);
    emit("ready");
  };
  document.body ? begin() : addEventListener("DOMContentLoaded", begin);
})();
