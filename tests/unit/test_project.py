"""Promises about the repository itself."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = 300
BYTES = 1_000_000


def committed() -> list[Path]:
    """Files that belong to the repository: what git knows, or would with `git add .`."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def test_that_lock_files_pin_hashes_and_hold_no_address() -> None:
    locks = sorted((ROOT / "requirements").glob("*.lock"))
    assert len(locks) == 4
    for lock in locks:
        text = lock.read_text()
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links", text), lock.name
        pins = re.findall(r"^[a-z0-9][^ ]*==", text, re.MULTILINE | re.IGNORECASE)
        assert len(pins) > 50
        assert text.count("--hash=sha256:") >= len(pins), lock.name


def test_that_source_files_stay_small_enough_to_read() -> None:
    sources = [path for part in ("assistant", "actions", "knowledge_base") for path in (ROOT / part).rglob("*.py")]
    assert sources
    long = {str(path.relative_to(ROOT)): n for path in sources if (n := len(path.read_text().splitlines())) > LINES}
    assert not long


def test_that_nothing_big_is_committed() -> None:
    assert not {str(path.relative_to(ROOT)): path.stat().st_size for path in committed() if path.stat().st_size > BYTES}
