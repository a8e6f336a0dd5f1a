"""What the bot says around an answer. Short, plain, never pretending."""

from __future__ import annotations

import json

Button = dict[str, str]

ASK_HUMAN: Button = {"title": "Talk to a person", "payload": "/ask_for_human"}
YES_HUMAN: Button = {"title": "Yes, please", "payload": "/ask_for_human"}
REPHRASE: Button = {"title": "I'll rephrase", "payload": "/rephrase"}
NONE_OF_THESE: Button = {"title": "None of these", "payload": "/none_of_these"}
NOT_THIS: Button = {"title": "No, something else", "payload": "/none_of_these"}

NO_ANSWER = "I don't have an answer to that. Shall I bring in a person?"
NO_ANSWER_TO_COMPLAINT = "That shouldn't have happened. Tell me in a sentence what you need, or I'll bring in a person."
OUT_OF_SCOPE = (
    "That's outside what I know: I can help with orders, returns, payments and our shops. Shall I bring in a person?"
)
DID_YOU_MEAN = "I want to get this right. Is it about one of these?"
DID_YOU_MEAN_THIS = "I want to get this right. Pick this if it's what you mean, or put it in other words."
CLOSEST = "I think this is what you mean; if it isn't, pick another one below."
CLOSEST_ALONE = "I think this is what you mean."
FROM_SAME_ANSWER = "Here's what the same answer says on that:"
ALSO_ASKED = "You also asked “{question}”. Pick what you mean, or put it in other words."
ALSO_ASKED_IN_VAIN = (
    "You also asked “{question}”. I don't have an answer to that: put it in other words, or I'll bring in a person."
)
SAME_ANSWER_AGAIN = (
    "I've given you that answer already, so it isn't the right one. Pick what's closer, or put it in other words."
)
SAME_ANSWER_NO_OTHERS = (
    "I've given you that answer already, so it isn't the right one. Put it in other words, or I'll bring in a person."
)
NOT_HELPFUL = "That didn't help, then. Pick what's closer, or put it in other words."
NOT_HELPFUL_NO_OTHERS = "That didn't help, then. Put it in other words, or I'll bring in a person."
GONE = "That answer isn't available any more. Ask me in your own words, and I'll look again."


def choose(article_id: str, title: str) -> Button:
    """A choice that gives an article when it is picked."""
    return {"title": title, "payload": "/choose_article" + json.dumps({"article_id": article_id})}
