"""How the scores of a follow-up are made of those by itself and those behind the question before it."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.follow_ups import scores_after
from knowledge_base.heads import Floats
from knowledge_base.scoring import Scores

ARTICLES = 5
ROWS = st.lists(st.floats(-10, 10, width=32), min_size=ARTICLES, max_size=ARTICLES)
NUMBERS = st.integers(0, ARTICLES - 1)


def scores(fused: list[float]) -> Scores:
    row: Floats = np.array([fused], dtype=np.float32)
    return Scores(row, row / 10, np.zeros_like(row), np.zeros(ARTICLES, dtype=np.float32))


def first(found: Scores) -> int:
    return int(found.fused[0].argmax())


@given(alone=ROWS, together=ROWS, previous=NUMBERS, other=st.floats(-10, 10, width=32))
def test_that_the_question_before_says_nothing_for_its_own_article(
    alone: list[float], together: list[float], previous: int, other: float
) -> None:
    changed = [other if number == previous else score for number, score in enumerate(together)]
    one = scores_after(scores(alone), scores(together), previous)
    same = scores_after(scores(alone), scores(changed), previous)
    np.testing.assert_allclose(one.fused, same.fused)
    np.testing.assert_allclose(one.level, same.level)


@given(alone=ROWS, together=ROWS, previous=NUMBERS)
def test_that_there_is_one_finite_score_an_article(alone: list[float], together: list[float], previous: int) -> None:
    found = scores_after(scores(alone), scores(together), previous)
    assert found.fused.shape == found.level.shape == (1, ARTICLES)
    assert found.fused.dtype == found.level.dtype == np.float32
    assert np.isfinite(found.fused).all()


@given(previous=NUMBERS, meant=NUMBERS)
def test_that_words_that_say_nothing_alone_are_read_in_context(previous: int, meant: int) -> None:
    together = [8.0 if number == previous else 5.0 if number == meant else 0.0 for number in range(ARTICLES)]
    found = first(scores_after(scores([0.0] * ARTICLES), scores(together), previous))
    assert found == meant or meant == previous


@given(previous=NUMBERS)
def test_that_the_same_article_stays_first_if_the_words_themselves_speak_for_it(previous: int) -> None:
    alone = [5.0 if number == previous else 0.0 for number in range(ARTICLES)]
    assert first(scores_after(scores(alone), scores([0.0] * ARTICLES), previous)) == previous
