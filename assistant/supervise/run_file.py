"""`run.json`: what is running where, for `offramp status`, `offramp agents` and a second `offramp up`."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

RUN_FILE = "run.json"
LOCK_FILE = "lock"


@dataclass(frozen=True)
class RunningProcess:
    name: str
    pid: int
    port: int


@dataclass(frozen=True)
class Running:
    """`pid`: the supervisor's own."""

    pid: int
    url: str
    redis_url: str
    actions_url: str
    bot_url: str
    processes: tuple[RunningProcess, ...] = ()


class AlreadyRunning(RuntimeError):
    """Another supervisor holds this state directory."""


@contextmanager
def held(state_dir: Path) -> Iterator[None]:
    """Hold the state directory: one supervisor at a time, and the kernel lets go whatever ends the process."""
    state_dir.mkdir(parents=True, exist_ok=True)
    with (state_dir / LOCK_FILE).open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise AlreadyRunning("Offramp is already running. Stop it with `offramp down`.") from error
        yield


def write(state_dir: Path, running: Running) -> None:
    temporary = state_dir / f".{RUN_FILE}"
    temporary.write_text(json.dumps(asdict(running), indent=1))
    temporary.replace(state_dir / RUN_FILE)


def read(state_dir: Path) -> Running | None:
    """What runs, or None if nothing does: a file left by a killed supervisor counts as nothing."""
    try:
        with held(state_dir):
            return None
    except AlreadyRunning:
        pass
    try:
        body = json.loads((state_dir / RUN_FILE).read_text())
        processes = tuple(RunningProcess(**p) for p in body.pop("processes"))
        return Running(**body, processes=processes)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def remove(state_dir: Path) -> None:
    (state_dir / RUN_FILE).unlink(missing_ok=True)
