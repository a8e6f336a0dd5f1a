"""`offramp replay`: the escalation rules over stored dialogues, without a running system."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.encoder import Encoder, Vectors
from assistant.escalation.rules import ON_MESSAGE, ON_OUTCOME, Thresholds
from assistant.escalation.sentiment import MessageClassifier
from assistant.escalation.turns import Outcome, Turn

# Without the knowledge base that answered, a repeat is a question this close to an earlier one (cosine).
REPEAT_COSINE = 0.85


class ReplayError(ValueError):
    """A line of the input cannot be read; the message names file and line."""


@dataclass(frozen=True)
class Dialogue:
    id: str
    turns: tuple[tuple[str, str], ...]


def replay_file(source: Path, target: Path, state_dir: Path) -> int:
    """Write a line for each customer turn and return their number. Raises `ReplayError`."""
    encoder = Encoder(state_dir / "encoder")
    classifier = MessageClassifier.load(state_dir / "escalation" / "classifier.json")
    dialogues = list(read_dialogues(source))
    count = 0
    with target.open("w", encoding="utf-8") as output:
        for dialogue in dialogues:
            for row in replay_dialogue(dialogue, encoder, classifier):
                output.write(json.dumps(row, ensure_ascii=False) + "\n")
                count += 1
    return count


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            body = json.loads(line)
            turns = tuple((_role(t["role"]), str(t["text"])) for t in body["turns"])
            yield Dialogue(str(body["id"]), turns)
        except (ValueError, KeyError, TypeError) as error:
            raise ReplayError(f"{path}:{number}: not a dialogue ({type(error).__name__}: {error})") from error


def _role(role: Any) -> str:
    if role not in ("customer", "bot"):
        raise ValueError(f"role must be customer or bot, not {role!r}")
    return str(role)


def replay_dialogue(dialogue: Dialogue, encoder: Encoder, classifier: MessageClassifier) -> list[dict[str, Any]]:
    """A row a customer turn: `{"id", "turn", "negative", "asked_for_human", "rules"}`; `turn` counts all turns."""
    spoken = [(i, text) for i, (role, text) in enumerate(dialogue.turns) if role == "customer"]
    if not spoken:
        return []
    vectors = encoder.encode([text for _, text in spoken])
    thresholds = Thresholds()
    turns: list[Turn] = []
    rows = []
    for position, (number, text) in enumerate(spoken):
        negative, asked = classifier.score(text, vectors[position])
        answered = number > 0 and dialogue.turns[number - 1][0] == "bot"
        outcome = _outcome(str(number), position, vectors) if answered else None
        turns.append(Turn(str(number), text, negative, asked, outcome=outcome))
        fired = [t.rule for rule in (*ON_MESSAGE, *ON_OUTCOME) if (t := rule(turns, thresholds)) is not None]
        rows.append(
            {
                "id": dialogue.id,
                "turn": number,
                "negative": round(negative, 4),
                "asked_for_human": round(asked, 4),
                "rules": fired,
            }
        )
    return rows


def _outcome(message_id: str, position: int, vectors: Vectors) -> Outcome:
    """The topic of a turn: the earliest turn that means the same, or the turn itself."""
    similar = vectors[:position] @ vectors[position]
    same = int(np.argmax(similar)) if position and similar.max() >= REPEAT_COSINE else position
    return Outcome(message_id, "answer", f"topic-{same}", 1.0, {f"topic-{same}": 1.0})
