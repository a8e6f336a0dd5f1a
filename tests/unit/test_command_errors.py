"""Commands that need Redis say so when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest
from stack import free_port
from typer.testing import CliRunner

from assistant.cli import app


@pytest.mark.parametrize("command", ["agents list", "agents remove mara", "audit", "kb gaps", "kb learn"])
def test_that_without_redis_a_command_says_where_it_looked_and_what_to_do(command: str, tmp_path: Path) -> None:
    url = f"redis://127.0.0.1:{free_port()}/0"
    settings = {"OFFRAMP_STATE_DIR": str(tmp_path), "REDIS_URL": url}
    ended = CliRunner().invoke(app, command.split(), env=settings)
    assert ended.exit_code == 1
    assert f"Redis at {url} does not answer" in ended.stderr
    assert "offramp up" in ended.stderr
