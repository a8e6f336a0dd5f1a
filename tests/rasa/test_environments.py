"""What may and may not be installed."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

from assistant.setup.environments import bot_environment

CUDA = re.compile(r"nvidia|cuda|cupy|triton|onnxruntime-gpu|faiss-gpu")
_LIST = (
    "import json, sys; from importlib.metadata import distributions; "
    "print(json.dumps([sys.version_info[:2], {d.metadata['Name'].lower(): d.version for d in distributions()}]))"
)


def test_that_the_server_has_the_cpu_build_of_torch_and_nothing_of_cuda() -> None:
    installed = {d.metadata["Name"].lower() for d in distributions()}
    assert "torch" in installed
    assert not [name for name in installed if CUDA.search(name)]
    torch = find_spec("torch")
    assert torch is not None
    assert torch.origin is not None
    assert runpy.run_path(str(Path(torch.origin).with_name("version.py")))["cuda"] is None


def test_that_the_bot_runs_on_python_3_10_without_tensorflow(built: Path) -> None:
    python = str(bot_environment() / "bin" / "python")
    printed = subprocess.run([python, "-c", _LIST], capture_output=True, text=True, check=True).stdout
    version, installed = json.loads(printed)
    assert version == [3, 10]
    assert installed["rasa"] == "3.6.21"
    unwanted = re.compile(rf"^(tensorflow|keras|tensorboard|jax|torch)|{CUDA.pattern}")
    assert not [name for name in installed if unwanted.search(name)]
