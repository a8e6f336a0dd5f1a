"""Learning from customers: what is kept, what changes, and what never does."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from learning import COMPLAINING, EVEN, POLITE, Customers, simulate

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.build import build_snapshot
from knowledge_base.calibration import FEATURES, WITH_HEADS
from knowledge_base.confidence import ANSWER_FROM, SUGGEST_FROM
from knowledge_base.feedback import FILE, MAX_KEPT, Feedback, read_feedback, write_feedback
from knowledge_base.index import build_index
from knowledge_base.learn import Judgement, learn, observe
from knowledge_base.recalibration import (
    BEND_BOUNDS,
    MIN_JUDGED,
    SHIFT_BOUNDS,
    SLOPE_BOUNDS,
    Recalibration,
    compare,
    enough,
    fit,
)
from knowledge_base.search import KnowledgeBase
from knowledge_base.snapshot import SnapshotError, load_current, save

ARTICLES = (
    Article("return-an-item", "How do I return an item?", ("send my boots back", "returning a jacket"), "Use it."),
    Article("gift-card", "How do I use a gift card?", ("redeem a voucher", "pay with a gift card"), "Enter it."),
    Article("opening-hours", "When are your stores open?", ("opening times on sunday", "open tonight"), "At nine."),
    Article("repair", "Can you repair my tent?", ("fix a torn flysheet", "the zip is broken"), "Bring it in."),
)


def simulated(sure: float, seed: int, size: int = 2_000) -> Feedback:
    """Judged questions whose truth the shipped calibration knows, but for being `sure` logits too sure."""
    rng = np.random.default_rng(seed)
    level, posterior = rng.uniform(0.2, 0.95, size), rng.normal(2, 2, size)
    wording, cohesion = rng.uniform(0, 1, size), rng.uniform(0.4, 0.8, size)
    features = np.column_stack([level, posterior, wording, -cohesion]).astype(np.float32)
    believed = WITH_HEADS.before_learning(features).astype(np.float64)
    truth = 1 / (1 + np.exp(sure - np.log(believed / (1 - believed))))
    return Feedback("test", features, rng.random(size) < truth, np.arange(size))


@given(st.floats(*SHIFT_BOUNDS), st.floats(*BEND_BOUNDS), st.floats(*SLOPE_BOUNDS))
def test_that_order_stays_and_nothing_is_answered_or_offered_that_was_not(
    shift: float, bend: float, slope: float
) -> None:
    confidence = np.linspace(0.001, 0.999, 999)
    learned = Recalibration(shift, bend, slope)(confidence)
    assert (np.diff(learned) > -1e-12).all()
    assert not (learned >= ANSWER_FROM + 1e-9)[confidence < ANSWER_FROM].any()
    unseen = confidence < SUGGEST_FROM
    assert learned[unseen] == pytest.approx(confidence[unseen])
    assert (learned[~unseen] >= SUGGEST_FROM - 1e-9).all()


@pytest.mark.parametrize("customers", [EVEN, COMPLAINING, POLITE], ids=lambda customers: customers.name)
def test_that_a_confidence_far_too_sure_becomes_right_on_questions_held_out(customers: Customers) -> None:
    effect = simulate(simulated(2.0, seed=1), WITH_HEADS, customers, draws=5)
    assert effect.kept == 1
    assert effect.error[1] < effect.error[0]
    assert effect.precision[1] > effect.precision[0]


@pytest.mark.parametrize("customers", [EVEN, COMPLAINING, POLITE], ids=lambda customers: customers.name)
def test_that_a_right_confidence_stays_about_right_whoever_rates(customers: Customers) -> None:
    effect = simulate(simulated(0.0, seed=2), WITH_HEADS, customers, draws=5)
    assert effect.error[1] < effect.error[0] + 0.05
    assert effect.precision[1] >= effect.precision[0]


def test_that_few_judgements_or_all_of_one_kind_change_nothing() -> None:
    assert not enough(np.arange(MIN_JUDGED - 1) % 2 == 0)
    assert not enough(np.ones(10 * MIN_JUDGED, dtype=np.bool_))
    assert enough(np.arange(MIN_JUDGED) % 2 == 0)


def test_that_chance_is_not_taken_for_a_lesson() -> None:
    changed = 0
    for seed in range(20):
        feedback = simulated(0.0, seed, MIN_JUDGED)
        changed += compare(WITH_HEADS.before_learning(feedback.features).astype(np.float64), feedback.right).better
    assert changed <= 2


def test_that_what_is_kept_is_numbers_alone_and_each_question_once(tmp_path: Path) -> None:
    first = Feedback("one", np.eye(2, FEATURES, dtype=np.float32), np.array([True, False]), np.array([10, 20]))
    again = replace(first, right=np.array([True, True]), times=np.array([20, 30]))
    write_feedback(tmp_path, first.with_newer(again))
    kept = read_feedback(tmp_path, "one")
    assert kept.times.tolist() == [10, 20, 30]
    assert kept.right.tolist() == [True, True, True]
    assert json.loads((tmp_path / FILE).read_text())["judged"][0] == [1.0, 0.0, 0.0, 0.0, 1, 10]
    assert len(read_feedback(tmp_path, "another encoder").right) == 0


def test_that_what_an_older_version_kept_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"format": 1, "made_with": "one", "judged": [[0.5, 1.0, 1, 10]]}')
    assert len(read_feedback(tmp_path, "one").right) == 0


def test_that_the_newest_are_kept() -> None:
    times = np.arange(MAX_KEPT + 5)
    many = Feedback("one", np.zeros((len(times), FEATURES), dtype=np.float32), times % 2 == 0, times)
    assert Feedback.of("one", ()).with_newer(many).times.tolist() == times[5:].tolist()


def test_that_a_broken_file_is_told(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    with pytest.raises(SnapshotError, match=FILE):
        read_feedback(tmp_path, "one")


@pytest.fixture
def root(tmp_path: Path, encoder: Encoder) -> Path:
    save(tmp_path / "kb", build_index(ARTICLES, encoder), ARTICLES, encoder)
    return tmp_path / "kb"


def judged(article_id: str, right: bool, text: str = "can i send shoes back", at: int = 1) -> Judgement:
    return Judgement(text, article_id, right, at)


def test_that_a_judgement_counts_for_the_article_found_first_now(root: Path, encoder: Encoder) -> None:
    knowledge_base = load_current(root, encoder)
    open_question = [
        judged("repair", False),
        judged("no-longer-there", True),
        judged("return-an-item", True, "?"),
        replace(judged("gift-card", True, "and that"), previous="repair"),
    ]
    clear = [judged("return-an-item", True, at=5), judged("return-an-item", False, at=6), judged("repair", True, at=7)]
    found = observe([*open_question, *clear], knowledge_base, "test")
    assert list(zip(found.times.tolist(), found.right.tolist(), strict=True)) == [(5, True), (6, False), (7, False)]
    assert found.features[0] == pytest.approx(knowledge_base.evidence("can i send shoes back"))


def complaints(knowledge_base: KnowledgeBase, count: int = 300) -> list[Judgement]:
    """Three of four answers given were wrong."""
    texts = [text for article in knowledge_base.articles.values() for text in (article.question, *article.phrasings)]
    texts = [text for text in texts if knowledge_base.search(text).confidence >= SUGGEST_FROM]
    asked = [texts[number % len(texts)] for number in range(count)]
    found = [knowledge_base.search(text).hits[0].article_id for text in asked]
    return [judged(a, n % 4 == 0, text, n) for n, (a, text) in enumerate(zip(found, asked, strict=True))]


def test_that_complaints_make_answers_rarer_and_a_new_snapshot_serves(root: Path, encoder: Encoder) -> None:
    before = load_current(root, encoder)
    told = complaints(before)
    assert learn(told, root, encoder, dry_run=True).version is None
    assert load_current(root, encoder).version == before.version
    assert not (root / FILE).exists()

    lesson = learn(told, root, encoder)
    after = load_current(root, encoder)
    assert lesson.version == after.version != before.version
    assert after.search("redeem a voucher").confidence < before.search("redeem a voucher").confidence
    assert after.search("redeem a voucher").hits[0].article_id == "gift-card"

    again = learn(told, root, encoder)
    assert again.version is None
    assert len(again.kept.times) == len(told)
    assert again.recalibration == lesson.recalibration


def test_that_a_build_remembers_what_was_learned(root: Path, tmp_path: Path, encoder: Encoder) -> None:
    lesson = learn(complaints(load_current(root, encoder)), root, encoder)
    directory = tmp_path / "articles"
    directory.mkdir()
    for article in ARTICLES:
        head = f"id: {article.id}\nquestion: {article.question}\nphrasings: {json.dumps(article.phrasings)}"
        (directory / f"{article.id}.md").write_text(f"---\n{head}\n---\n{article.answer}\n", encoding="utf-8")
    build_snapshot(directory, encoder, root)
    assert load_current(root, encoder).calibration.learned == lesson.recalibration


def test_that_even_complaints_alone_move_the_border_only_so_far() -> None:
    assert fit(np.full(10_000, 0.95), np.zeros(10_000, dtype=np.bool_)).shift == SHIFT_BOUNDS[0]


def test_that_without_lessons_the_confidence_stays_to_the_last_bit() -> None:
    confidence = np.linspace(0, 1, 101)
    assert Recalibration()(confidence) is confidence
