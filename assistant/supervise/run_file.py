"""`run.json`: what is running where, for `offramp status`, `offramp agents` and a second `offramp up`."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

RUN_FILE = "run.json"


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


def write(state_dir: Path, running: Running) -> None:
    state_dir.mkdir(parents=True, exist_ok=True)
    temporary = state_dir / f".{RUN_FILE}"
    temporary.write_text(json.dumps(asdict(running), indent=1))
    temporary.replace(state_dir / RUN_FILE)


def read(state_dir: Path) -> Running | None:
    """What runs, or None if nothing does: a file left by a killed supervisor counts as nothing."""
    try:
        body = json.loads((state_dir / RUN_FILE).read_text())
        processes = tuple(RunningProcess(**p) for p in body.pop("processes"))
        running = Running(**body, processes=processes)
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return running if _alive(running.pid) else None


def remove(state_dir: Path) -> None:
    (state_dir / RUN_FILE).unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
