"""A firing of a rule, with all that an agent or a report needs to see why."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.contract import Trigger
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import Turn


def firing(
    rule: str, why: str, measure: str, score: float, turns: Sequence[Turn], at: Thresholds, topic: str | None = None
) -> Trigger:
    """`score` reached the threshold named `measure`; `turns` show it."""
    ids = tuple(dict.fromkeys(turn.message_id for turn in turns))
    return Trigger(rule, why, round(score, 3), float(getattr(at, measure)), ids, topic, measure)
