/**
 * The shapes the chat works with, for editors and `tsc --checkJs`; no browser loads this file. They live here, and
 * not beside the code, because all that a browser does load has to stay under 20 KB together (gzip).
 *
 *   tsc --noEmit --allowJs --checkJs --target es2023 --lib es2023,dom,dom.iterable types.d.ts *.js
 */

interface Author {
  role: "customer" | "bot" | "agent" | "system";
  name?: string | null;
}

interface Choice {
  id: string;
  label: string;
}

/** One entry of a conversation's log. `id` is "milliseconds-sequence"; typing has none and is never stored. */
interface ChatEvent {
  id: string;
  at: string;
  kind: string;
  author: Author;
  text?: string;
  /** Made safe by the server; shown instead of `text` where there is one. */
  html?: string;
  choices?: Choice[];
  article_id?: string;
  source?: { title: string; url?: string };
  status?: string;
  /** With a status: who owns the conversation from now on. */
  owner?: string;
  client_message_id?: string;
  reply_to?: string;
  helpful?: boolean;
  event_id?: string;
}

interface State {
  owner: string;
  agent?: { name: string } | null;
  queue?: Queue | null;
}

interface Queue {
  position?: number;
  wait_seconds?: number | null;
}

/** What this browser knows of its conversation; `read` is the id of the last event the customer has seen. */
interface Conversation {
  id: string;
  token: string;
  read: string;
}

/** Something the customer did that the server has not confirmed. `key` is the client message id, kept over retries. */
interface Outgoing {
  key: string;
  kind: "message" | "feedback" | "handoff" | "back";
  text?: string;
  choice?: string;
  event?: string;
  helpful?: boolean;
}

interface Store {
  conversation(): Conversation | null;
  keepConversation(value: Conversation | null): void;
  outgoing(): Outgoing[];
  keepOutgoing(value: Outgoing[]): void;
  draft(): string;
  keepDraft(value: string): void;
  /** Calls back when another tab has changed the conversation. */
  watch(listener: () => void): void;
}

interface Problem extends Error {
  /** 0 when no answer came at all. */
  status: number;
  retryAfterMs: number;
  /** The conversation is not there any more, or not ours. */
  isGone: boolean;
  /** Nothing is wrong with the request: the same can be sent again later. */
  isTemporary: boolean;
}

interface OutboxEvents {
  send(item: Outgoing): Promise<void>;
  /** The server will never take it. */
  failed(item: Outgoing, error: Problem): void;
  /** It has to wait. */
  delayed(item: Outgoing): void;
  /** The network is down. */
  lost(): void;
  /** The conversation is not known any more. */
  gone(): void;
}

interface Outbox {
  /** Sends everything that waits, one after the other, each until it is confirmed. */
  flush(): Promise<void>;
  items(): Outgoing[];
  add(item: Omit<Outgoing, "key">): Outgoing;
  /** For a new conversation: a choice belongs to the old one, so its words are sent instead. */
  carryOver(): void;
  clear(): void;
}

interface StreamEvents {
  opened(): void;
  event(event: ChatEvent): void;
}

interface Api {
  state(): Promise<State>;
  message(body: object): Promise<{ event?: ChatEvent }>;
  feedback(body: { event_id?: string; helpful: boolean }): Promise<void>;
  handoff(): Promise<State>;
  backToAssistant(): Promise<State>;
  typing(): Promise<void>;
  erase(): Promise<void>;
  events(after: string): Promise<{ events: ChatEvent[]; next: string }>;
  /** Hands over every event after `after` as it happens; resolves when the server ends the stream. */
  stream(after: string, signal: AbortSignal, on: StreamEvents): Promise<void>;
}

interface ConnectionEvents {
  /** Makes the conversation, or finds it. */
  open(): Promise<Api>;
  /** The id of the last event received. */
  last(): string;
  /** What was in the log before we came. */
  history(events: ChatEvent[]): void;
  event(event: ChatEvent): void;
  online(isOnline: boolean): void;
  gone(): void;
}

interface Connection {
  /** The line turned out to be dead: try again, with a pause if that fails too. */
  lost(): void;
  end(): void;
}

interface Settings {
  title?: string;
  locale?: string;
  theme?: string;
  greeting?: string;
  accent?: string;
}

interface MessageEvents {
  locale(): string | undefined;
  choose(choice: Choice): void;
  rate(event: ChatEvent, helpful: boolean): void;
}

interface View {
  /** Shows an event once, in its place. */
  add(event: ChatEvent): void;
  /** Many events at once, without reading them all out. */
  addAll(events: ChatEvent[]): void;
  /** The customer's words before the server has them. */
  addPending(item: Outgoing): void;
  markPending(key: string, how: "tried" | "failed"): void;
  markRated(eventId?: string, helpful?: boolean): void;
  typing(isTyping: boolean, ms?: number): void;
  /** To the end, but never past the beginning of a long message. */
  follow(node?: HTMLElement): void;
  /** A line of our own that is not in the log. */
  note(line: string): void;
  /** The first line while the server cannot be reached. */
  placeholder(line: string): void;
  dropPlaceholder(): void;
  /** Puts "New" before the first message after the event that was seen last. */
  divide(id: string): void;
  clear(): void;
  settings(settings: Settings): void;
  online(isOnline: boolean): void;
  state(state: State): void;
}

/** What goes between the shop's page and the frame, wrapped as `{offramp: message}`. */
type FromPage =
  | { type: "start"; settings: Settings; page: Record<string, string> }
  | { type: "panel"; open: boolean; full: boolean; focus: boolean }
  | { type: "call"; name: string; value?: any };
type ToPage =
  | { type: "loaded" | "close" }
  | { type: "talking"; on: boolean }
  | { type: "event"; name: string; detail: Record<string, any> };

/**
 * `window.Offramp`, once /widget.js has loaded. Calls made earlier are kept:
 *
 *   window.Offramp = window.Offramp || [];
 *   Offramp.push(["setContext", { basket: "3 items" }], ["on", "unread", ({ count }) => …]);
 *
 * Attributes of the script, or of an <offramp-widget> element of the page's own: data-position (right, left),
 * data-theme (auto, light, dark), data-accent (any CSS colour), data-title, data-locale, data-greeting.
 */
interface OfframpCalls {
  open(): void;
  close(): void;
  toggle(): void;
  show(): void;
  hide(): void;
  /** A JWT that the shop's own server has signed; it goes with the next conversation that begins. */
  identify(jwt: string): void;
  logout(): void;
  /** Forgets the conversation in this browser. */
  reset(): void;
  /** Opens the panel and says this as the customer. */
  sendMessage(text: string): void;
  setLocale(locale: string): void;
  /** Goes to the team with the next conversation that begins. */
  setContext(attributes: Record<string, string | number | boolean>): void;
  /**
   * Events: ready, opened, closed, unread {count}, message {id, role, at}, agentJoined, agentLeft, handoff, ended
   * {id, role, at}, error {code, message}. What was written is never among the details.
   * @returns the function that unsubscribes
   */
  on(event: string, listener: (detail: any) => void): () => void;
  push(...calls: ([name: string, ...values: any[]] | ((calls: OfframpCalls) => void))[]): void;
}

interface HTMLElementTagNameMap {
  "offramp-widget": any;
}

interface Window {
  Offramp: any;
}
