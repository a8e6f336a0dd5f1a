/** Keys that work anywhere on the desk. Read by position (`code`): with Alt a Mac types other letters. */

/**
 * @param {{next: () => void, previous: () => void, claim: () => void, resolve: () => void, note: () => void, reply: () => void, article: (index: number) => void, help: () => void}} commands
 * @param {() => boolean} active  false while signed out
 */
export function listenForKeys(commands, active) {
  /** @type {Record<string, () => void>} */
  const withAlt = {
    KeyJ: commands.next,
    KeyK: commands.previous,
    KeyC: commands.claim,
    KeyE: commands.resolve,
    KeyP: commands.note,
    KeyL: commands.reply,
    Digit1: () => commands.article(0),
    Digit2: () => commands.article(1),
    Digit3: () => commands.article(2),
  };
  addEventListener("keydown", (event) => {
    if (!active() || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return;
    const command = event.altKey ? withAlt[event.code] : event.key === "?" && !writing(event.target) ? commands.help : null;
    if (!command) return;
    event.preventDefault();
    command();
  });
}

/** @param {EventTarget|null} target */
function writing(target) {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}
