"""Dialogues to replay, from JSONL: `{"id", "turns": [{"role", "text"}]}` a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CUSTOMER, BOT = "customer", "bot"
# Names that other systems and public sets use; an agent's turns say nothing about the bot and are left out.
ROLES = {
    "customer": CUSTOMER, "user": CUSTOMER, "visitor": CUSTOMER, "human": CUSTOMER,
    "bot": BOT, "assistant": BOT, "system": BOT,
    "agent": None, "operator": None,
}  # fmt: skip


class ReplayError(ValueError):
    """A line of the input cannot be read; the message names file and line."""


@dataclass(frozen=True)
class Said:
    """One turn; `number` counts all turns of the dialogue from 0."""

    number: int
    role: str
    text: str


@dataclass(frozen=True)
class Dialogue:
    id: str
    turns: tuple[Said, ...]

    @property
    def has_replies(self) -> bool:
        return any(turn.role == BOT for turn in self.turns)


def read_dialogues(path: Path) -> Iterator[Dialogue]:
    """Raises `ReplayError`."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            body = json.loads(line)
            said = (_said(position, turn) for position, turn in enumerate(body["turns"]))
            yield Dialogue(str(body["id"]), tuple(turn for turn in said if turn is not None))
        except (ValueError, KeyError, TypeError) as error:
            raise ReplayError(f"{path}:{number}: not a dialogue ({type(error).__name__}: {error})") from error


def _said(number: int, turn: Any) -> Said | None:
    role = str(turn["role"]).lower()
    if role not in ROLES:
        raise ValueError(f"role must be customer, bot or agent, not {turn['role']!r}")
    known = ROLES[role]
    return None if known is None else Said(number, known, str(turn["text"]))
