"""What is loaded inside Rasa, checked by the bot's own Python against a real Redis: see bot_checks.py."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest
from rasa_commands import Commands

SCRIPT = Path(__file__).with_name("bot_checks.py")
CHECKS = [
    node.name
    for node in ast.parse(SCRIPT.read_text()).body
    if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("check_")
]


@pytest.mark.parametrize("check", CHECKS)
def test_that(check: str, rasa: Commands) -> None:
    assert rasa.exit_codes["checks"] == 0, rasa.printed["checks"]
    problem = json.loads(rasa.printed["checks"].strip().splitlines()[-1])[check]
    assert problem is None, problem
