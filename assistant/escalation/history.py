"""Turns since the last change of owner, read from Rasa tracker events.

Works on event dicts as Rasa stores them and as the action server receives them. Reads the raw event list:
`applied_events` would hide the fallback turns that a loop is made of.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from assistant.contract import OUTCOME_SLOT
from assistant.escalation.sentiment import MessageScores
from assistant.escalation.turns import RECENT_TURNS, Outcome, Turn

# Under this key the NLU component stores its scores in the parse data of a message.
SCORES_KEY = "escalation"
# Beside them, the sketch of its sentence vector.
SKETCH = "sketch"
# The responses that offer a person beside an answer, and that set a boundary; see domain.yml.
OFFER_HUMAN = "utter_offer_human"
BOUNDARY = "utter_boundary"


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
        also=tuple(str(article) for article in value.get("also") or ()),
    )


def turn_from(event: Mapping[str, Any]) -> Turn:
    """A `Turn` without outcome from a `user` event."""
    parsed = event.get("parse_data") or {}
    measured = parsed.get(SCORES_KEY) or {}
    intent = parsed.get("intent") or {}
    text = str(event.get("text") or "")
    return Turn(
        message_id=str(event.get("message_id") or ""),
        text="" if text.startswith("/") else text,
        scores=MessageScores.from_json(measured),
        intent=str(intent.get("name") or ""),
        intent_confidence=float(intent.get("confidence") or 0.0),
        epoch=int((event.get("metadata") or {}).get("epoch") or 0),
        sketch=str(measured.get(SKETCH) or ""),
    )


def turns_of(events: Iterable[Mapping[str, Any]]) -> list[Turn]:
    """The last `RECENT_TURNS` turns, oldest first, that share the epoch of the newest user event."""
    turns: list[Turn] = []
    for event in events:
        if event["event"] == "user":
            turn = turn_from(event)
            if turns and turns[-1].epoch != turn.epoch:
                turns = []
            if not turns or turns[-1].message_id != turn.message_id or not turn.message_id:
                turns.append(turn)
        elif turns:
            turns[-1] = _with_reply(turns[-1], event)
    return turns[-RECENT_TURNS:]


def _with_reply(turn: Turn, event: Mapping[str, Any]) -> Turn:
    if event["event"] == "action" and event.get("name") == OFFER_HUMAN:
        return replace(turn, offered=True)
    if event["event"] == "slot" and event.get("name") == OUTCOME_SLOT:
        outcome = outcome_from(event.get("value"))
        if outcome is not None and outcome.message_id == turn.message_id:
            return with_outcome(turn, outcome)
    return turn


def with_outcome(turn: Turn, outcome: Outcome) -> Turn:
    return replace(turn, outcome=outcome)
