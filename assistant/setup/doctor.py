"""`offramp doctor`: checks an installation part by part and says what to do about what is wrong."""

from __future__ import annotations

import asyncio
import importlib.metadata
import shutil
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

from assistant.settings import Settings
from assistant.setup.artifacts import parts
from assistant.setup.environments import bot_environment
from assistant.supervise import run_file
from assistant.supervise.status import status_of

FREE_DISK_BYTES = 2_000_000_000


@dataclass(frozen=True)
class Finding:
    """`problem` is None if all is well, else what is wrong and what to do."""

    name: str
    problem: str | None


def findings(settings: Settings) -> list[Finding]:
    checks: list[tuple[str, Callable[[], str | None]]] = [
        ("Python 3.11 or newer for the server", _python),
        ("Torch is the CPU build", _torch),
        ("Python 3.10 environment for the bot", lambda: _bot_python(settings)),
        ("Disk space", lambda: _disk(settings)),
    ]
    found = [Finding(name, _checked(check)) for name, check in checks]
    for part in parts(settings):
        stale = _checked(lambda part=part: "missing or stale; run `offramp build`" if part.stale() else None)  # type: ignore[misc]
        found.append(Finding(part.name, stale))
    return found + _running(settings)


def _checked(check: Callable[[], str | None]) -> str | None:
    try:
        return check()
    except Exception as error:  # whatever is broken is the finding
        return f"{type(error).__name__}: {error}"


def _python() -> str | None:
    return None if sys.version_info >= (3, 11) else f"this is {sys.version.split()[0]}; build .venv with 3.11 or newer"


def _torch() -> str | None:
    cuda = [d.name for d in importlib.metadata.distributions() if d.name.lower().startswith("nvidia-")]
    if cuda:
        return f"{len(cuda)} CUDA packages are installed; delete .venv and run `make up`"
    importlib.metadata.version("torch")
    return None


def _bot_python(settings: Settings) -> str | None:
    python = bot_environment(settings.bot_tensorflow) / "bin" / "python"
    return None if python.exists() else "missing; run `offramp build`"


def _disk(settings: Settings) -> str | None:
    place = settings.state_dir if settings.state_dir.exists() else settings.state_dir.absolute().parent
    free = shutil.disk_usage(place).free
    return None if free > FREE_DISK_BYTES else f"only {free // 1_000_000} MB left"


def _running(settings: Settings) -> list[Finding]:
    running = run_file.read(settings.state_dir)
    if running is None:
        return [Finding(f"Port {settings.port} is free", _port_problem(settings))]
    states = asyncio.run(status_of(running))["processes"]
    log = settings.state_dir / "logs"
    return [
        Finding(f"{s['name']} is ready", None if s["ready"] else f"no; see {log / (s['name'] + '.log')}")
        for s in states
    ]


def _port_problem(settings: Settings) -> str | None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError:
            return "no: stop what listens there, or set OFFRAMP_PORT"
    return None
