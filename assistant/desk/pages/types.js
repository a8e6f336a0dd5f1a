/**
 * The shapes the gateway sends, as the desk reads them. Times are ISO-8601 UTC; probabilities are 0..1.
 *
 * @typedef {{username: string, name: string}} Agent
 * @typedef {"bot"|"waiting"|"human"|"closed"} Owner
 *
 * @typedef {object} Row  One conversation in the list.
 * @property {string} conversation_id
 * @property {string} channel
 * @property {Owner} owner
 * @property {Agent|null} agent
 * @property {{name: string|null, email: string|null, tier: string|null}} customer
 * @property {{code: string, text: string, topic: string|null}|null} reason  topic: of a sensitive message, or the article about it
 * @property {string|null} waiting_since
 * @property {{role: string, text: string, at: string}|null} last_message
 * @property {number|null} negative
 *
 * @typedef {object} Trace  What the assistant looked for and found, for one customer message.
 * @property {string|null} [intent]
 * @property {number|null} [intent_confidence]
 * @property {number|null} [negative]
 * @property {boolean|number|null} [asked_for_human]
 * @property {"answer"|"suggest"|"none"|null} [decision]
 * @property {number|null} [confidence]
 * @property {{article_id: string, probability: number}[]} [hits]
 *
 * @typedef {object} ChatEvent  One entry of the conversation's log.
 * @property {string} [id]  absent for typing, which is never stored
 * @property {string} [at]
 * @property {"message"|"status"|"feedback"|"typing"|"note"|"trace"|"verdict"} kind
 * @property {{role: "customer"|"bot"|"agent"|"system", name?: string}} [author]
 * @property {string} [text]
 * @property {string} [html]  safe HTML, made by the server
 * @property {{id: string, label: string}[]} [choices]
 * @property {string} [article_id]
 * @property {{title: string, url?: string}} [source]
 * @property {string} [status]
 * @property {Owner} [owner]
 * @property {string} [client_message_id]
 * @property {string} [reply_to]
 * @property {boolean} [helpful]
 * @property {string} [event_id]
 * @property {Trace} [trace]
 * @property {{handoff_id: string, verdict: string}} [verdict]  what an agent said of a hand-off
 *
 * @typedef {object} Trigger
 * @property {string} rule
 * @property {number|null} [score]
 * @property {number|null} [threshold]
 * @property {string[]} [message_ids]
 * @property {string} [explanation]
 *
 * @typedef {object} Attempt
 * @property {string} question
 * @property {string} message_id
 * @property {string|null} article_id
 * @property {string|null} article_title
 * @property {string} decision
 * @property {number|null} score
 * @property {"helpful"|"unhelpful"|null} feedback
 *
 * @typedef {object} Bundle  The hand-off record.
 * @property {string} handoff_id
 * @property {{code: string, text: string, triggers: Trigger[]}} reason
 * @property {{now: number|null, trend: {message_id: string, negative: number}[]}} sentiment
 * @property {string[]} summary
 * @property {string|null} last_question
 * @property {Attempt[]} attempts
 * @property {{kind: string, value: string}[]} facts
 * @property {Record<string, unknown>} slots
 * @property {string|null} page_url
 * @property {string} created_at
 *
 * @typedef {object} Detail  An opened conversation.
 * @property {Row} conversation
 * @property {Bundle|null} bundle
 * @property {ChatEvent[]} transcript
 *
 * @typedef {object} Pending  Something written here that the server has not confirmed yet.
 * @property {string} client_message_id
 * @property {"message"|"note"} kind
 * @property {string} text
 * @property {string} at
 * @property {"sending"|"failed"} state
 * @property {string} [problem]  why it failed, in words
 *
 * @typedef {{id: string, question: string, answer: string, html: string, probability: number}} Article
 * @typedef {"waiting"|"mine"|"all"} Tab
 * @typedef {"reply"|"note"} Mode
 */

export {};
