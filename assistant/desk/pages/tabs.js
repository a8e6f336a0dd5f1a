/** Tabs of which one is selected and in the tab order; the arrow keys select the others, around the ends. */

/**
 * @param {HTMLElement[]} tabs
 * @param {(tab: HTMLElement, byArrow: boolean) => void} choose
 */
export function listenToTabs(tabs, choose) {
  for (const [at, tab] of tabs.entries()) {
    tab.addEventListener("click", () => choose(tab, false));
    tab.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!step || event.altKey) return;
      event.preventDefault();
      const next = tabs[(at + step + tabs.length) % tabs.length];
      choose(next, true);
      next.focus();
    });
  }
}

/** @param {HTMLElement} tab @param {boolean} selected */
export function markTab(tab, selected) {
  tab.setAttribute("aria-selected", String(selected));
  tab.tabIndex = selected ? 0 : -1;
}
