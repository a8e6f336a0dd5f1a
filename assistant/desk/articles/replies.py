"""From a conversation to an article: an agent's reply, and the question that it answers."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.conversation.events import Event, Kind, Role
from assistant.errors import InvalidRequest

# Words; "Yes please" is no question. The desk's suggested articles draw the line in the same place.
QUESTION_WORDS = 4
# Likelier than not a wish for a person, which the reply does not answer.
WANTS_PERSON = 0.5
# Characters; what is longer tells a story, and its beginning is enough to find the question in.
MAX_QUESTION_CHARACTERS = 300


def question_and_reply(events: Sequence[Event], event_id: str) -> tuple[str, str]:
    """The customer's last question before an agent's message, on one line and maybe empty, and the message.

    Raises `InvalidRequest` if the event is no message of an agent.
    """
    number = next((n for n, event in enumerate(events) if event.id == event_id), None)
    if number is None or not _said_by(events[number], Role.AGENT):
        raise InvalidRequest("Only a message of an agent can become an article.")
    asked = _asked(events[:number])
    long_enough = [text for text in asked if len(text.split()) >= QUESTION_WORDS]
    last = next(reversed(long_enough or asked), "")
    return last[:MAX_QUESTION_CHARACTERS], events[number].text or ""


def _asked(events: Sequence[Event]) -> list[str]:
    """What the customer wrote, on one line each; wishes for a person only if there is nothing else."""
    wishes = {e.reply_to for e in events if e.trace and (e.trace.get("asked_for_human") or 0) >= WANTS_PERSON}
    messages = [event for event in events if _said_by(event, Role.CUSTOMER)]
    questions = [event for event in messages if event.id not in wishes] or messages
    return [" ".join((event.text or "").split()) for event in questions]


def _said_by(event: Event, role: Role) -> bool:
    return event.kind is Kind.MESSAGE and event.author.role is role
