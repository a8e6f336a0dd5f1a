"""A conversation as a row of the desk's list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from assistant.conversation.events import Event, Kind, Role, iso_time
from assistant.conversation.log import ConversationLog
from assistant.conversation.record import Record

PREVIEW_CHARACTERS = 140
# Traces and status lines may follow the last message.
LOOK_BACK_EVENTS = 12


async def row_of(log: ConversationLog, record: Record) -> dict[str, Any]:
    newest = await log.newest(record.conversation_id, LOOK_BACK_EVENTS)
    state = record.state
    return {
        "conversation_id": record.conversation_id,
        "channel": record.channel,
        "owner": state.owner.value,
        "agent": asdict(state.agent) if state.agent else None,
        "customer": asdict(record.customer),
        "context": dict(record.context),
        "reason": _reason(record.reason, record.bundle or {}) if record.reason else None,
        "waiting_since": iso_time(state.waiting_since) if state.waiting_since else None,
        "last_message": _last_message(newest),
        "negative": next((e.trace["negative"] for e in newest if e.kind is Kind.TRACE and e.trace), None),
    }


def _reason(reason: Mapping[str, Any], bundle: Mapping[str, Any]) -> dict[str, Any]:
    """`topic` of a `sensitive_topic`: that of the message, else the id of the article for people only; else None."""
    topic = _topic(reason, bundle) if reason["code"] == "sensitive_topic" else None
    return {"code": reason["code"], "text": reason["text"], "topic": topic}


def _topic(reason: Mapping[str, Any], bundle: Mapping[str, Any]) -> str | None:
    of_message = [trigger.get("topic") for trigger in reason["triggers"]]
    of_article = [tried["article_id"] for tried in bundle.get("attempts", ()) if tried["decision"] == "human_only"]
    return next(filter(None, [*of_message, *reversed(of_article)]), None)


def _last_message(newest: list[Event]) -> dict[str, Any] | None:
    """What a person said last, else what the bot did: "I'm bringing in a person" tells an agent nothing."""
    messages = [event for event in newest if event.kind is Kind.MESSAGE]
    said = [event for event in messages if event.author.role is not Role.BOT]
    for event in [*said, *messages][:1]:
        text = " ".join((event.text or "").split())[:PREVIEW_CHARACTERS]
        return {"role": event.author.role.value, "text": text, "at": event.at}
    return None
