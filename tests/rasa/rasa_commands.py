"""What one run of Rasa's own commands left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Commands:
    """What the Rasa commands printed (`validate`, `shell`, `test`, `checks`), and the reports of `rasa test`."""

    printed: dict[str, str]
    exit_codes: dict[str, int]
    reports: Path
