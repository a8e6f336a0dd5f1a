"""The auditor: reads conversation logs and checks the invariants that must hold after any fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assistant.conversation import keys
from assistant.conversation.events import Event, Kind, Role
from assistant.conversation.log import ConversationLog
from assistant.conversation.redis_connection import connect
from assistant.errors import NotFound


@dataclass
class AuditReport:
    conversations: int = 0
    messages: int = 0
    violations: list[str] = field(default_factory=list)


async def audit_all(redis_url: str) -> AuditReport:
    redis = connect(redis_url)
    try:
        log = ConversationLog(redis, retention_days=90)
        report = AuditReport()
        for conversation_id in await redis.zrange(keys.RECENT, 0, -1):
            try:
                record = await log.record(conversation_id)
            except NotFound:
                continue
            events = await log.read_all(conversation_id)
            pending = set(await redis.lrange(keys.of(conversation_id, "turns"), 0, -1))
            report.conversations += 1
            report.messages += sum(_by_customer(e) for e in events)
            report.violations += violations(conversation_id, events, pending)
            owners = [e.owner for e in events if e.kind is Kind.STATUS and e.owner]
            if owners and owners[-1] != record.state.owner.value:
                report.violations.append(
                    f"{conversation_id}: the log says {owners[-1]}, the state {record.state.owner}"
                )
        return report
    finally:
        await redis.aclose()


def violations(conversation_id: str, events: Sequence[Event], pending: set[str]) -> list[str]:
    """What is wrong with one log. `pending`: messages whose turn is still queued.

    Each customer message has exactly one outcome: answered once, with a human, or queued. Ids rise. The bot
    does not speak while a human owns the conversation. No reply refers to a later message.
    """
    found = [f"ids do not rise at {b.id}" for a, b in pairwise(events) if _number(a) >= _number(b)]
    found += _owners(events)
    found += _outcomes(events, pending)
    return [f"{conversation_id}: {text}" for text in found]


def _owners(events: Sequence[Event]) -> list[str]:
    owner, found = "bot", []
    for event in events:
        if event.kind is Kind.STATUS and event.owner:
            owner = event.owner
        elif event.kind is Kind.MESSAGE and event.author.role is Role.BOT and owner == "human":
            found.append(f"the bot spoke while a human owned the conversation: {event.id}")
        elif event.kind is Kind.MESSAGE and event.author.role is Role.AGENT and owner != "human":
            found.append(f"an agent spoke while the owner was {owner}: {event.id}")
    return found


def _outcomes(events: Sequence[Event], pending: set[str]) -> list[str]:
    turns = Counter(e.reply_to for e in events if e.kind is Kind.TRACE)
    known = {e.id for e in events}
    found = [f"the turn of {message} was written {n} times" for message, n in turns.items() if n > 1]
    found += [f"{e.id} replies to a later message" for e in events if e.reply_to and _later(e)]
    found += [
        f"{e.id} replies to {e.reply_to}, which was never logged" for e in events if e.reply_to not in (None, *known)
    ]
    spoken_to = {e.reply_to for e in events if e.kind is Kind.MESSAGE and e.author.role is Role.BOT}
    owner = "bot"
    for position, event in enumerate(events):
        if event.kind is Kind.STATUS and event.owner:
            owner = event.owner
        if _by_customer(event) and owner == "bot" and event.id not in pending and event.id not in spoken_to:
            following = {e.owner for e in events[position:] if e.kind is Kind.STATUS}
            if not following & {"waiting", "human"}:
                found.append(f"{event.id} has neither an answer nor a human")
    return found


def _by_customer(event: Event) -> bool:
    return event.kind is Kind.MESSAGE and event.author.role is Role.CUSTOMER


def _later(event: Event) -> bool:
    milliseconds, _, sequence = (event.reply_to or "0-0").partition("-")
    return (int(milliseconds), int(sequence)) > _number(event)


def _number(event: Event) -> tuple[int, int]:
    milliseconds, _, sequence = event.id.partition("-")
    return int(milliseconds), int(sequence)
