/**
 * The line to the page around the frame. Only the page that loader.js named when it made the frame is heard or
 * spoken to, and nothing that a customer or an agent wrote goes out.
 */
export const isFramed = parent !== window;

/** The origin of the page around us; where the browser can tell, it is believed rather than the address. */
export const site = (isFramed && (location.ancestorOrigins?.[0] ?? new URLSearchParams(location.hash.slice(1)).get("host"))) || location.origin;

/** @type {(message: ToPage) => void} */
export const tell = (message) => {
  if (isFramed) parent.postMessage({ offramp: message }, site);
};

/** @type {(name: string, detail: Record<string, any>) => void} */
export const emit = (name, detail) => tell({ type: "event", name, detail });

/** @type {(hear: (message: FromPage) => void) => void} */
export const listen = (hear) => {
  addEventListener("message", ({ source, origin, data }) => {
    if (source === parent && origin === site && data?.offramp) hear(data.offramp);
  });
  tell({ type: "loaded" });
};
