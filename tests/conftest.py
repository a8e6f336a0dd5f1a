"""Fixtures for all tests: the built artifacts and the running product."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from stack import ROOT, Stack


@pytest.fixture(scope="session")
def built() -> Path:
    """The state directory with everything that `offramp build` makes."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / "offramp"), "build"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return ROOT / ".offramp"


@pytest.fixture(scope="session")
def stack(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The running product, shared by all journeys; tests that kill processes leave it ready again."""
    running = Stack(tmp_path_factory.mktemp("stack")).start()
    yield running
    running.stop()
