"""`offramp replay`: what would have fired in stored or imported dialogues, where and why."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from assistant.encoder import Encoder
from assistant.escalation.sentiment import CLASSIFIER_FILE, MessageClassifier
from assistant.escalation_settings import load_rule_settings
from assistant.message_encoder import MessageEncoder
from assistant.replay.dialogues import CUSTOMER, Dialogue, read_dialogues
from assistant.replay.simulator import Judged, Simulator
from assistant.setup.environments import ROOT
from knowledge_base.snapshot import load_current


@dataclass
class Report:
    """Dialogues, customer turns, and by rule the dialogues in which it would have been the first to hand off."""

    dialogues: int = 0
    turns: int = 0
    offered: int = 0
    first: Counter[str] = field(default_factory=Counter)


def load_simulator(state_dir: Path) -> Simulator:
    """Raises `EncoderError`, `SnapshotError`, `OSError` or `ValueError` if something is not built."""
    encoder = Encoder(state_dir / "encoder")
    classifier = MessageClassifier.load(state_dir / CLASSIFIER_FILE)
    messages = MessageEncoder.load(state_dir, encoder)
    return Simulator(load_current(state_dir / "kb", encoder), messages, classifier, ROOT / "data" / "nlu")


def replay_file(source: Path, target: Path, state_dir: Path, channel: str = "", tier: str = "") -> Report:
    """Write a line for each customer turn. Raises `ReplayError` and what `load_simulator` raises."""
    dialogues = list(read_dialogues(source))
    at = load_rule_settings(ROOT / "config.yml", state_dir).thresholds(channel, tier)
    simulator = load_simulator(state_dir)
    report = Report()
    with target.open("w", encoding="utf-8") as output:
        for dialogue in dialogues:
            judged = simulator.replay(dialogue, at)
            _count(report, judged)
            for row in rows(dialogue, judged):
                output.write(json.dumps(row, ensure_ascii=False) + "\n")
    return report


def rows(dialogue: Dialogue, judged: list[Judged]) -> list[dict[str, Any]]:
    """A row a customer turn; `turn` counts all turns of the dialogue from 0."""
    numbers = [turn.number for turn in dialogue.turns if turn.role == CUSTOMER]
    return [
        {
            "id": dialogue.id,
            "turn": number,
            **one.turn.scores.as_json(),
            "decision": one.turn.outcome.decision if one.turn.outcome else None,
            "rules": [trigger.rule for trigger in one.triggers],
            "why": [trigger.explanation for trigger in one.triggers],
            "offered": one.turn.offered,
        }
        for number, one in zip(numbers, judged, strict=True)
    ]


def _count(report: Report, judged: list[Judged]) -> None:
    report.dialogues += 1
    report.turns += len(judged)
    first = next((one.triggers[0].rule for one in judged if one.triggers), None)
    if first is not None:
        report.first[first] += 1
    elif any(one.turn.offered for one in judged):
        report.offered += 1
