"""Rasa's training examples, as plain texts with their intents."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def read_examples(directory: Path) -> list[tuple[str, str]]:
    """(text, intent) of all examples below `data/nlu`, entity marks removed."""
    return [
        (_ENTITY.sub(r"\1", line.removeprefix("- ")).strip(), entry["intent"])
        for path in sorted(directory.glob("*.yml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in entry
        for line in entry["examples"].splitlines()
    ]
