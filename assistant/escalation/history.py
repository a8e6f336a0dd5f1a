"""Turns since the last change of owner, read from Rasa tracker events.

Works on event dicts as Rasa stores them and as the action server receives them. Reads the raw event list:
`applied_events` would hide the fallback turns that a loop is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from assistant.contract import OUTCOME_SLOT
from assistant.escalation.turns import Outcome, Turn

# Under this key the NLU component stores its scores in the parse data of a message.
SCORES_KEY = "escalation"


def outcome_from(value: Any) -> Outcome | None:
    """An `Outcome` from the value of the outcome slot, None if it does not hold one."""
    if not isinstance(value, Mapping) or "decision" not in value:
        return None
    return Outcome(
        message_id=str(value.get("message_id", "")),
        decision=str(value["decision"]),
        article_id=value.get("article_id"),
        confidence=float(value.get("confidence") or 0.0),
        posterior=dict(value.get("posterior") or {}),
    )


def turn_from(event: Mapping[str, Any]) -> Turn:
    """A `Turn` without outcome from a `user` event."""
    parsed = event.get("parse_data") or {}
    scores = parsed.get(SCORES_KEY) or {}
    intent = parsed.get("intent") or {}
    text = str(event.get("text") or "")
    return Turn(
        message_id=str(event.get("message_id") or ""),
        text="" if text.startswith("/") else text,
        negative=float(scores.get("negative", 0.0)),
        asked_for_human=float(scores.get("asked_for_human", 0.0)),
        intent=str(intent.get("name") or ""),
        intent_confidence=float(intent.get("confidence") or 0.0),
    )


def turns_of(events: Iterable[Mapping[str, Any]]) -> list[Turn]:
    """The turns, oldest first, that share the epoch of the newest user event."""
    turns: list[Turn] = []
    epoch: object = None
    for event in events:
        if event["event"] == "user":
            event_epoch = (event.get("metadata") or {}).get("epoch")
            if event_epoch != epoch:
                turns, epoch = [], event_epoch
            turn = turn_from(event)
            if not turns or turns[-1].message_id != turn.message_id or not turn.message_id:
                turns.append(turn)
        elif event["event"] == "slot" and event.get("name") == OUTCOME_SLOT and turns:
            outcome = outcome_from(event.get("value"))
            if outcome is not None and outcome.message_id == turns[-1].message_id:
                turns[-1] = with_outcome(turns[-1], outcome)
    return turns


def with_outcome(turn: Turn, outcome: Outcome) -> Turn:
    return replace(turn, outcome=outcome)
