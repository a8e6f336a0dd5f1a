"""Scripted dialogues: customer messages that say by which turn a person is due, if at all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.escalation.thresholds import Thresholds
from assistant.replay.simulator import Judged, Simulator


@dataclass(frozen=True)
class Scripted:
    """`by_turn`: the last customer turn, from 1, by which a person must be there; None if none must be."""

    id: str
    kind: str
    by_turn: int | None
    turns: tuple[str, ...]


@dataclass(frozen=True)
class Tally:
    """Shares: of the dialogues where a person is due, in time, or at least offered in time; of the others, needless."""

    in_time: float
    in_time_or_offered: float
    needless: float


def read_scripted(path: Path) -> list[Scripted]:
    """Read `{"id", "kind", "must_hand_off", "by_turn", "turns": [text]}` a line."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Scripted(row["id"], row["kind"], row["by_turn"] if row["must_hand_off"] else None, tuple(row["turns"]))
        for row in rows
    ]


def handed_off_at(judged: Sequence[Judged]) -> int | None:
    """The customer turn, from 1, that first hands off."""
    return next((turn for turn, one in enumerate(judged, start=1) if one.triggers), None)


def tally(dialogues: Sequence[Scripted], simulator: Simulator, at: Thresholds) -> Tally:
    """Simulate all `dialogues`, of which some must hand off and some must not."""
    in_time = offered = needless = 0
    for dialogue in dialogues:
        judged = simulator.simulate(dialogue.turns, at)
        turn = handed_off_at(judged)
        if dialogue.by_turn is None:
            needless += turn is not None
        elif turn is not None and turn <= dialogue.by_turn:
            in_time += 1
        else:
            offered += any(one.turn.offered for one in judged[: dialogue.by_turn])
    due = sum(dialogue.by_turn is not None for dialogue in dialogues)
    return Tally(in_time / due, (in_time + offered) / due, needless / max(1, len(dialogues) - due))
