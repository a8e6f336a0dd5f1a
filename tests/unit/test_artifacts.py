"""What was built is built again if it is missing or broken, not only if what it is made from changed."""

from __future__ import annotations

import shutil
from pathlib import Path

from assistant.message_encoder import WORDS_FILE
from assistant.settings import Settings
from assistant.setup.artifacts import parts


def test_that_missing_or_broken_words_are_counted_again(built: Path, tmp_path: Path) -> None:
    shutil.copytree(built / "escalation", tmp_path / "escalation")
    shutil.copytree(built / "encoder", tmp_path / "encoder")
    (classifier,) = [part for part in parts(Settings(state_dir=tmp_path)) if part.name == "Message classifier"]
    assert not classifier.stale()
    (tmp_path / WORDS_FILE).write_text("{")
    assert classifier.stale()
    (tmp_path / WORDS_FILE).unlink()
    assert classifier.stale()
