from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import pytest

from assistant.encoder import Encoder, EncoderError
from assistant.settings import Settings
from assistant.setup.artifacts import parts
from knowledge_base.articles import Article, load_articles
from knowledge_base.export import ensure_encoder, find_model, tuned_name, use_tuned
from knowledge_base.tune import TuneError, pair_batches, split_phrasings, tune, wins


@pytest.fixture(scope="module")
def articles(repository: Path) -> tuple[Article, ...]:
    return load_articles(repository / "knowledge_base" / "articles" / "stores")


def test_that_an_encoder_that_did_not_clearly_win_leaves_everything_as_it_was(
    articles: tuple[Article, ...], tmp_path: Path
) -> None:
    stages: set[str] = set()
    verdict = tune(articles, tmp_path, max_steps=3, progress=lambda stage, done: stages.add(stage))
    assert not verdict.kept and "stays as it was" in str(verdict)
    assert verdict.judged == sum(len(article.phrasings) // 5 for article in articles)
    assert stages >= {"tune", "judge the tuned encoder"}
    assert list(tmp_path.iterdir()) == []


def test_that_a_winner_is_no_stale_encoder_and_another_model_replaces_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = shutil.copytree(find_model(None), tmp_path / "winner")
    state = tmp_path / "state"
    use_tuned(model, state, tuned_name(None))
    monkeypatch.setenv("OFFRAMP_STATE_DIR", str(state))
    assert ensure_encoder(state).name == Encoder(state / "encoder").name == "all-MiniLM-L6-v2 (tuned)"
    encoder_part = next(part for part in parts(Settings()) if part.name == "Sentence encoder")
    assert not encoder_part.stale()
    assert ensure_encoder(state, str(state / "tuned")).name == str(state / "tuned")
    assert encoder_part.stale()


def test_that_a_winner_exported_by_an_older_version_stays_the_encoder(tmp_path: Path) -> None:
    model = shutil.copytree(find_model(None), tmp_path / "winner")
    use_tuned(model, tmp_path, tuned_name(None))
    described = tmp_path / "encoder" / "encoder.json"
    older = json.loads(described.read_text())
    dimension = older.pop("token_dimension")
    described.write_text(json.dumps(older))
    with pytest.raises(EncoderError, match="offramp build"):
        Encoder(tmp_path / "encoder")
    renewed = ensure_encoder(tmp_path)
    assert (renewed.name, renewed.token_dimension) == (tuned_name(None), dimension)


def test_that_what_judges_is_never_trained_on(articles: tuple[Article, ...]) -> None:
    split = split_phrasings(articles)
    held_out = {text for text, _ in split.judged}
    for left, right in itertools.islice(pair_batches(split.training), 50):
        assert len(left) == len(right) == len(set(left + right)) // 2
        assert not held_out & {*left, *right}


@pytest.mark.parametrize(
    ("gained", "lost", "won"),
    [(5, 0, True), (4, 0, False), (10, 3, True), (10, 6, False), (0, 0, False), (3, 5, False)],
)
def test_that_only_a_gain_beyond_chance_wins(gained: int, lost: int, won: bool) -> None:
    untuned = [False] * gained + [True] * lost + [True] * 50
    tuned = [True] * gained + [False] * lost + [True] * 50
    assert wins(untuned, tuned) is won


def test_that_too_few_phrasings_are_an_error_that_says_so(tmp_path: Path) -> None:
    terse = [Article(f"a{number}", f"Question {number}?", ("one", "two"), "Answer.") for number in range(9)]
    with pytest.raises(TuneError, match="Only 0 articles have 3 phrasings"):
        tune(terse, tmp_path)
