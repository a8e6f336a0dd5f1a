"""From what Rasa said to the events that are logged for it."""

from __future__ import annotations

import secrets

from assistant.contract import BotMessage, BotReply, Trace
from assistant.conversation.events import Author, Event, Kind, OfferedChoice, Role, Source
from knowledge_base.rendering import to_html


def reply_events(reply: BotReply, author: Author, question_id: str) -> list[Event]:
    """One event a message, and one that only agents see with what was measured."""
    return [*(message_event(m, author, question_id) for m in reply.messages), trace_event(reply.trace, question_id)]


def message_event(message: BotMessage, author: Author, question_id: str | None) -> Event:
    # Opaque ids: what a button does stays on the server, so a client cannot ask for a command not offered.
    choices = tuple(OfferedChoice(secrets.token_hex(4), c.label, c.payload) for c in message.choices)
    return Event(
        Kind.MESSAGE,
        author,
        text=message.text,
        html=to_html(message.text),
        choices=choices,
        article_id=message.article_id,
        source=Source(message.source_title, message.source_url) if message.source_title else None,
        reply_to=question_id,
    )


def trace_event(trace: Trace, question_id: str) -> Event:
    return Event(Kind.TRACE, Author(Role.SYSTEM), reply_to=question_id, trace=trace.as_json())
