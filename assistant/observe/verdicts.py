"""What agents said of hand-offs, with what the rules had measured; read from the conversation logs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.conversation.events import Event
from assistant.handoff.verdicts import VerdictName, last_verdicts
from assistant.observe.conversations import recent_conversations


@dataclass(frozen=True)
class Verdict:
    """What was said of a hand-off by `rule`, which fired because `score` passed `threshold`.

    `measure` is the threshold's name; a rule without one has None, and 1.0 for both numbers. `at`: when it was
    said, ISO 8601, UTC.
    """

    rule: str
    score: float
    threshold: float
    verdict: VerdictName
    at: str
    measure: str | None = None


async def read_verdicts(redis_url: str, days: int) -> list[Verdict]:
    """Return what agents said in the last `days` days, by Redis' clock. Raises `RedisError`, `OSError`."""
    found: list[Verdict] = []
    async for _, events, since_ms in recent_conversations(redis_url, days):
        found += verdicts(events, since_ms)
    return found


def verdicts(events: Sequence[Event], since_ms: int = 0) -> list[Verdict]:
    """Return one a trigger, from the last verdict of each hand-off, if it was said since `since_ms`.

    `events`: the whole log, oldest first.
    """
    return [
        Verdict(
            one["rule"],
            one["score"],
            one["threshold"],
            event.verdict["verdict"],
            event.at,
            one.get("measure"),
        )
        for event in last_verdicts(events).values()
        if event.verdict and event.milliseconds >= since_ms
        for one in event.verdict["triggers"]
    ]
