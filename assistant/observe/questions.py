"""What customers asked in vain, read from the conversation logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assistant.conversation.events import Event, Kind, Role
from assistant.conversation.record import Record
from assistant.observe.conversations import recent_conversations
from assistant.observe.outcomes import REFUSALS
from knowledge_base.gaps import Question, Reason

# Hand-offs that mean "not answered"; their trigger names the messages.
HANDOFFS = {"no_answer": Reason.NO_ANSWER, "unhelpful": Reason.UNHELPFUL, "loop": Reason.REPEATED}
# What a trace says of a question, before looking at what came after it.
DECISIONS = {"none": Reason.NO_ANSWER, "repeat": Reason.REPEATED, "suggest": Reason.NOT_CHOSEN}
# Of several reasons the first one counts.
ORDER = tuple(Reason)


async def read_unanswered(redis_url: str, days: int) -> list[Question]:
    """Return what was asked in vain in the last `days` days, by Redis' clock. Raises `RedisError`, `OSError`."""
    found: list[Question] = []
    async for record, events, since_ms in recent_conversations(redis_url, days):
        found += unanswered(record, events, since_ms)
    return found


def unanswered(record: Record, events: Sequence[Event], since_ms: int = 0) -> list[Question]:
    """Return the questions of one conversation that got no answer or one that did not help, oldest first.

    `events` is the whole log, oldest first; only questions from `since_ms` on count. A question is what the
    customer typed and the knowledge base was asked about; a suggestion counts unless a choice was taken.
    """
    asked = _asked(events)
    about = _about(events, asked)
    traces = [(about.get(e.reply_to or ""), e) for e in events if e.kind is Kind.TRACE and e.trace]
    reasons: dict[str, set[Reason]] = {question: set() for question in asked}
    for question, event in traces:
        if question is not None:
            reasons[question] |= _reasons(question, event)
    for question in _chosen(traces):
        reasons[question].discard(Reason.NOT_CHOSEN)
    for question, reason in [*_rated_down(events, about), *_handed_off(record, about)]:
        reasons[question].add(reason)
    customer = f"customer {record.customer.id}" if record.customer.id else f"conversation {record.conversation_id}"
    return [
        Question(asked[question].text or "", customer, min(found, key=ORDER.index))
        for question, found in reasons.items()
        if found and asked[question].milliseconds >= since_ms
    ]


def _asked(events: Sequence[Event]) -> dict[str, Event]:
    looked_up = {e.reply_to for e in events if e.kind is Kind.TRACE and e.trace and e.trace.get("decision")}
    return {e.id: e for e in events if _by_customer(e) and e.payload is None and e.text and e.id in looked_up}


def _about(events: Sequence[Event], asked: Mapping[str, Event]) -> dict[str, str]:
    """The question that each of the customer's messages and ratings is about: the rated one, else the last one."""
    replies = {e.id: e.reply_to for e in events if e.reply_to and e.kind is Kind.MESSAGE}
    about: dict[str, str] = {}
    last: str | None = None
    for event in events:
        if event.id in asked:
            last = event.id
        question = about.get(replies.get(event.event_id or "") or "") if event.kind is Kind.FEEDBACK else last
        if question is not None and event.author.role is Role.CUSTOMER:
            about[event.id] = question
    return about


def _reasons(question: str, event: Event) -> set[Reason]:
    trace: Mapping[str, Any] = event.trace or {}
    found = {Reason.UNHELPFUL} if trace.get("intent") in REFUSALS else set()
    if event.reply_to == question and (reason := DECISIONS.get(str(trace.get("decision")))) is not None:
        found.add(reason)
    return found


def _chosen(traces: Sequence[tuple[str | None, Event]]) -> list[str]:
    """Questions after which one of the offered articles was taken."""
    given = ("answer", "human_only")
    return [q for q, e in traces if q and e.reply_to != q and e.trace and e.trace.get("decision") in given]


def _rated_down(events: Sequence[Event], about: Mapping[str, str]) -> list[tuple[str, Reason]]:
    down = [e.id for e in events if e.kind is Kind.FEEDBACK and e.helpful is False]
    return [(about[event_id], Reason.UNHELPFUL) for event_id in down if event_id in about]


def _handed_off(record: Record, about: Mapping[str, str]) -> list[tuple[str, Reason]]:
    """What the trigger of the last hand-off names; earlier ones are seen in the traces alone."""
    handoff = record.reason or {}
    reason = HANDOFFS.get(str(handoff.get("code")))
    if reason is None:
        return []
    ids = [message for trigger in handoff.get("triggers", ()) for message in trigger.get("message_ids", ())]
    return [(about[message], reason) for message in ids if message in about]


def _by_customer(event: Event) -> bool:
    return event.kind is Kind.MESSAGE and event.author.role is Role.CUSTOMER
