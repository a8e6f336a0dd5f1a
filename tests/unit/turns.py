"""Turns and tracker events for the tests of the escalation rules."""

from __future__ import annotations

from typing import Any

from assistant.contract import OUTCOME_SLOT
from assistant.escalation.sentiment import SIGNALS, MessageScores
from assistant.escalation.turns import Outcome, Turn

Events = list[dict[str, Any]]


def turn(text: str = "where can I read about returns", number: int = 1, **measured: Any) -> Turn:
    scores = {name: measured.pop(name) for name in (*SIGNALS, "topic", "sensitive") if name in measured}
    return Turn(f"m{number}", text, MessageScores(**scores), **measured)


def unhappy(number: int = 1, frustrated: float = 0.9) -> Turn:
    return turn("this still does not work", number, frustrated=frustrated, negative=0.9)


def asked(
    decision: str, article: str | None = None, number: int = 1, text: str = "how do I return a jacket", **measured: Any
) -> Turn:
    """A question, and what the knowledge base made of it."""
    posterior = {article: 0.9} if article else {}
    given = None if decision == "suggest" else article  # beside others, none is given
    return turn(text, number, outcome=Outcome(f"m{number}", decision, given, 0.9, posterior), **measured)


def user(text: str, number: int, epoch: int = 0, intent: str = "ask_question", **scores: float) -> dict[str, Any]:
    return {
        "event": "user",
        "text": text,
        "message_id": f"m{number}",
        "metadata": {"epoch": epoch},
        "parse_data": {"intent": {"name": intent, "confidence": 0.9}, "escalation": scores},
    }


def outcome(decision: str, number: int, article: str | None = None) -> dict[str, Any]:
    posterior = {article: 0.9} if article else {}
    value = {"message_id": f"m{number}", "decision": decision, "article_id": article, "posterior": posterior}
    return {"event": "slot", "name": OUTCOME_SLOT, "value": value}
