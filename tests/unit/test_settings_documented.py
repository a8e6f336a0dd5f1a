from __future__ import annotations

import re
from pathlib import Path

from assistant.settings import Settings

PAGE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


def documented() -> dict[str, str]:
    """Setting → its row of the table."""
    rows = re.findall(r"^\| `OFFRAMP_([A-Z_]+)` \|(.*)\|$", PAGE.read_text(), re.MULTILINE)
    return {name.lower(): row for name, row in rows}


def test_that_every_setting_is_documented_and_nothing_else() -> None:
    assert set(documented()) == set(Settings.model_fields)


def test_that_the_documented_defaults_are_the_real_ones() -> None:
    wrong = {}
    for name, row in documented().items():
        default = Settings.model_fields[name].default
        shown = row.split("|")[0].strip().strip("`")
        if isinstance(default, str | int | float | Path) and not isinstance(default, bool) and shown != str(default):
            wrong[name] = (shown, default)
    assert not wrong
