"""The bot's Python 3.10 environment, built with uv from its lock file."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BOT_PYTHON = "3.10"
STUB = ROOT / "assistant" / "bot" / "tensorflow_stub"
STAMP = "offramp-lock.sha256"


class SetupError(RuntimeError):
    """Something cannot be built; the message says what to do."""


def bot_environment(tensorflow: bool = False) -> Path:
    return ROOT / (".venv-bot-tf" if tensorflow else ".venv-bot")


def _lock(tensorflow: bool) -> Path:
    return ROOT / "requirements" / ("bot-tf.lock" if tensorflow else "bot.lock")


def _fingerprint(tensorflow: bool) -> str:
    return hashlib.sha256(_lock(tensorflow).read_bytes() + str(ROOT).encode()).hexdigest()


def is_stale(tensorflow: bool = False) -> bool:
    stamp = bot_environment(tensorflow) / STAMP
    return not stamp.is_file() or stamp.read_text() != _fingerprint(tensorflow)


def build_bot_environment(log: Path, tensorflow: bool = False) -> None:
    """Raises `SetupError`; what uv printed is in `log`."""
    directory = bot_environment(tensorflow)
    python = directory / "bin" / "python"
    uv = _uv()
    if not python.exists():
        _run([uv, "venv", "--quiet", "--allow-existing", "--python", BOT_PYTHON, str(directory)], log)
    _run([uv, "pip", "sync", "--quiet", "--python", str(python), str(_lock(tensorflow))], log)
    paths = [ROOT] if tensorflow else [ROOT, STUB]
    (_site_packages(python) / "offramp.pth").write_text("".join(f"{path}\n" for path in paths))
    (directory / STAMP).write_text(_fingerprint(tensorflow))


def _uv() -> str:
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise SetupError("uv is missing: install it with `pip install uv`.")
    return found


def _site_packages(python: Path) -> Path:
    code = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    return Path(subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True).stdout.strip())


def _run(command: list[str], log: Path) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a") as output:
        done = subprocess.run(command, stdout=output, stderr=output, check=False, env=_environment())
    if done.returncode != 0:
        last = [line for line in log.read_text().splitlines() if line.strip()][-1:]
        hint = "Install Python 3.10, or let uv download it." if "venv" in command[1] else f"See {log}."
        raise SetupError(f"The bot's environment could not be built: {''.join(last).strip()} {hint}")


def _environment() -> dict[str, str]:
    """Without the active environment, so that uv acts on the one it is told."""
    return {name: value for name, value in os.environ.items() if name not in ("VIRTUAL_ENV", "PYTHONPATH")}
