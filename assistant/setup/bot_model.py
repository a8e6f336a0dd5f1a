"""The Rasa model: trained when its training data, configuration or encoder changed."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from pathlib import Path

from assistant.message_encoder import WORDS_FILE
from assistant.setup.environments import ROOT, SetupError, bot_environment

MODEL_NAME = "offramp"
_SOURCES = (
    *("config.yml", "domain.yml", "data/**/*.yml", "assistant/bot/*.py", "assistant/escalation/*.py"),
    *("assistant/message_encoder.py", "assistant/spelling.py"),
)
LAST_LINES = 3


def model_path() -> Path:
    return ROOT / "models" / f"{MODEL_NAME}.tar.gz"


def rasa_environment(state_dir: Path) -> dict[str, str]:
    """What every `rasa` command of this project needs in its environment."""
    inherited = {k: v for k, v in os.environ.items() if k not in ("VIRTUAL_ENV", "PYTHONPATH")}
    return {
        "OFFRAMP_ACTIONS_URL": "http://127.0.0.1:5055/webhook",
        "OFFRAMP_BOT_SECRET": "unused-outside-offramp-up",
        **inherited,
        "OFFRAMP_STATE_DIR": str(state_dir.resolve()),
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "OMP_NUM_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
        "NO_COLOR": "1",
    }


def _fingerprint(state_dir: Path) -> str:
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    for path in (state_dir / "encoder" / "encoder.json", state_dir / WORDS_FILE):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _stamp(state_dir: Path) -> Path:
    return state_dir / "model.json"


def is_stale(state_dir: Path) -> bool:
    """Whether the model is missing, damaged, or of other data than there is now."""
    try:
        stamp = json.loads(_stamp(state_dir).read_text())
        model = hashlib.sha256(model_path().read_bytes()).hexdigest()
        return bool(stamp != {"sources": _fingerprint(state_dir), "model": model})
    except (OSError, ValueError):
        return True


def train(state_dir: Path, log: Path, tensorflow: bool = False) -> None:
    """Raises `SetupError`; what Rasa printed is in `log`."""
    rasa = bot_environment(tensorflow) / "bin" / "rasa"
    command = [str(rasa), "train", "--force", "--fixed-model-name", MODEL_NAME, "--out", str(model_path().parent)]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        done = subprocess.run(
            command, cwd=ROOT, env=rasa_environment(state_dir), stdout=output, stderr=output, check=False
        )
    if done.returncode != 0 or not model_path().is_file():
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
        raise SetupError(f"Rasa could not be trained ({log}): " + " | ".join(lines[-LAST_LINES:]))
    model = hashlib.sha256(model_path().read_bytes()).hexdigest()
    _stamp(state_dir).write_text(json.dumps({"sources": _fingerprint(state_dir), "model": model}))
