"""The hand-off bundle: what lets an agent act in ten seconds. Built from the log, versioned JSON in Redis."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from assistant.contract import Trigger
from assistant.conversation.events import Event, Kind, Role, iso_time
from assistant.conversation.record import Record
from assistant.handoff.summary import key_messages

VERSION = 1


def build_bundle(
    record: Record,
    events: Sequence[Event],
    trigger: Trigger,
    facts: Sequence[Mapping[str, str]],
    slots: Mapping[str, Any],
    now: float,
) -> dict[str, Any]:
    """`events`: the whole log, oldest first. `facts`: `{"kind", "value"}`. `now`: seconds since 1970."""
    said = [e for e in events if _by_customer(e)]
    questions = [e for e in said if e.payload is None]
    return {
        "version": VERSION,
        "handoff_id": uuid.uuid4().hex,
        "conversation_id": record.conversation_id,
        "channel": {"type": record.channel, "locale": record.locale},
        "customer": asdict(record.customer),
        "reason": {"code": trigger.rule, "text": trigger.explanation, "triggers": [trigger.as_json()]},
        "sentiment": sentiment(events),
        "summary": key_messages([e.text or "" for e in questions]),
        "last_question": last_question(questions, events),
        "attempts": attempts(events),
        "facts": list(facts),
        "slots": dict(slots),
        "page_url": page if isinstance(page := record.context.get("page_url"), str) else None,
        "created_at": iso_time(now),
    }


def last_question(questions: Sequence[Event], events: Sequence[Event]) -> str | None:
    """The last message that the knowledge base was asked about; a bare "get me a person" is no question."""
    asked = {e.reply_to for e in events if e.kind is Kind.TRACE and e.trace and e.trace.get("decision")}
    looked_up = [e.text for e in questions if e.id in asked]
    return (looked_up or [e.text for e in questions] or [None])[-1]


def _by_customer(event: Event) -> bool:
    return event.kind is Kind.MESSAGE and event.author.role is Role.CUSTOMER


def sentiment(events: Sequence[Event]) -> dict[str, Any]:
    """`negative` (0..1) per customer message, oldest first, and the last one."""
    trend = [
        {"message_id": e.reply_to, "negative": e.trace["negative"]} for e in events if e.kind is Kind.TRACE and e.trace
    ]
    return {"now": trend[-1]["negative"] if trend else None, "trend": trend}


def attempts(events: Sequence[Event]) -> list[dict[str, Any]]:
    """What the bot tried: question, article or none, how sure it was, and what the customer said to it."""
    texts: dict[str | None, str | None] = {e.id: e.text for e in events if _by_customer(e)}
    titles: dict[str | None, str] = {e.reply_to: e.source.title for e in events if e.source and e.reply_to}
    answers: dict[str | None, str | None] = {e.id: e.reply_to for e in events if e.article_id}
    feedback: dict[str | None, str] = {
        answers.get(e.event_id): "helpful" if e.helpful else "unhelpful" for e in events if e.kind is Kind.FEEDBACK
    }
    tried = [e for e in events if e.kind is Kind.TRACE and e.trace and e.trace.get("decision")]
    return [
        {
            "question": texts.get(e.reply_to or ""),
            "message_id": e.reply_to,
            "article_id": e.trace.get("article_id") if e.trace else None,
            "article_title": titles.get(e.reply_to),
            "decision": e.trace["decision"] if e.trace else None,
            "score": e.trace.get("confidence") if e.trace else None,
            "feedback": feedback.get(e.reply_to),
        }
        for e in tried
    ]
