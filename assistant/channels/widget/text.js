/** Every word the customer reads that does not come from the server. */
export const text = {
  name: "Support",
  assistant: "Automated assistant · replies instantly",
  waiting: "Waiting for a person",
  support: "Support",
  greeting: "Hi, I'm the shop's automated assistant. I answer most questions right away, and a person is one tap away.",
  talk: "Talk to a person",
  back: "Back to the assistant",
  compose: "Write a message",
  offline: "No connection. You can keep writing.",
  unsent: "Will send when back",
  trying: "Sending…",
  failed: "Not sent",
  fresh: "Your earlier chat has ended on our side, so this is a new one.",
  erased: "Your conversation has been deleted.",
  elsewhere: "This chat was ended in another tab.",
  eraseFailed: "That didn't work. Please try again when you're connected.",
  unread: "New",
  source: "From",
  helpful: "This helped",
  unhelpful: "This didn't help",
  you: "You",
  bot: "Assistant",
  choices: "Choices",
  person: "Your request reaches our team when the connection is back.",
};

const PLACES = ["You're next in line", "Second in line", "Third in line"];

/** "Second in line, about 4 minutes"; empty when nothing is known. @type {(queue?: Queue | null) => string} */
export const queueLine = (queue) => {
  if (!queue?.position) return "";
  const place = PLACES[queue.position - 1] ?? `Number ${queue.position} in line`;
  if (queue.wait_seconds == null) return place;
  const minutes = Math.round(queue.wait_seconds / 60);
  return `${place}, about ${minutes < 2 ? "a minute" : `${minutes} minutes`}`;
};
