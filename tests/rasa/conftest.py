"""A Redis for Rasa commands, and one run of each command, shared by all tests here."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from rasa_commands import Commands
from redis_server import redis_server
from stack import ROOT, free_port

from assistant.setup.bot_model import model_path, rasa_environment
from assistant.setup.environments import bot_environment

HERE = Path(__file__).parent
COMMAND_SECONDS = 150


@pytest.fixture(scope="session")
def bot_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an own, empty Redis."""
    with redis_server(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(scope="session")
def rasa(built: Path, bot_redis: str, tmp_path_factory: pytest.TempPathFactory) -> Commands:
    """Runs the commands side by side: starting Python with Rasa is most of what each costs."""
    reports = tmp_path_factory.mktemp("rasa-test")
    environment = rasa_environment(built) | {"OFFRAMP_REDIS_URL": bot_redis, "COLUMNS": "200"}
    model = ("--model", str(model_path()))
    stories, nlu = str(HERE / "test_stories.yml"), str(HERE / "nlu_held_out.yml")
    shell = ("rasa", "shell", "--interface", "127.0.0.1", "--port", str(free_port()), *model)
    commands: dict[str, tuple[tuple[str, ...], str]] = {
        "validate": (("rasa", "data", "validate"), ""),
        "test": (("rasa", "test", "--stories", stories, "--nlu", nlu, *model, "--out", str(reports), "--no-plot"), ""),
        "shell": (shell, "hello\nI want to talk to a human\n/stop\n"),
        "checks": (("python", str(HERE / "bot_checks.py"), bot_redis, str(model_path())), ""),
    }
    printed, exit_codes = {}, {}
    running = {name: _start(command, environment) for name, (command, _) in commands.items()}
    try:
        for name, process in running.items():
            printed[name] = process.communicate(commands[name][1], timeout=COMMAND_SECONDS)[0]
            exit_codes[name] = process.returncode
    finally:
        for process in running.values():
            process.kill()
    return Commands(printed, exit_codes, reports)


def _start(command: tuple[str, ...], environment: dict[str, str]) -> subprocess.Popen[str]:
    program, *arguments = command
    return subprocess.Popen(
        [str(bot_environment() / "bin" / program), *arguments],
        cwd=ROOT,
        env=os.environ | environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
