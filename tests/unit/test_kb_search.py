"""`offramp kb search`: what the assistant would do, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.cli import kb
from knowledge_base.index import build_index
from knowledge_base.snapshot import save

DOGS = Article("dogs", "Can I bring my dog?", ("are dogs allowed", "my [big] dog comes along", "pets"), "Yes.")
HOURS = Article("hours", "When do you open?", ("opening hours", "are you open on sunday", "when do you close"), "At 9.")
PRICES = Article("prices", "What does delivery cost?", ("delivery price", "how much is shipping", "cost"), "£4.")


@pytest.fixture
def state(tmp_path: Path, encoder: Encoder, repository: Path) -> Path:
    known = (DOGS, HOURS, PRICES)
    save(tmp_path / "kb", build_index(known, encoder), known, encoder)
    (tmp_path / "encoder").symlink_to(repository / ".offramp" / "encoder")
    return tmp_path


def shown(state: Path, text: str) -> str:
    ran = CliRunner().invoke(kb, ["search", text, "--state", str(state)])
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_that_a_search_shows_the_best_article_first_and_its_text_most_like_the_question(state: Path) -> None:
    output = shown(state, "my big dog")
    assert output.index("dogs") < output.index("hours")
    assert "my [big] dog comes along" in output
    assert "confidence 0." in output


def test_that_a_text_without_words_finds_nothing_and_says_so(state: Path) -> None:
    assert "no letter, no digit" in shown(state, "?!")


def test_that_words_in_common_are_told_from_likeness(state: Path, encoder: Encoder) -> None:
    from knowledge_base.snapshot import load_current

    known = load_current(state / "kb", encoder)
    text = "is my puppy welcome"
    found = known.search(text)
    first = known.explain(text, found).reasons[0]
    assert found.hits[0].article_id == "dogs"
    assert first.nearest in (DOGS.question, *DOGS.phrasings)
    assert 0 < first.words < 1
    assert first.matches is not None
    assert first.matches > first.words
