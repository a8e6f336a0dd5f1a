"""The share of a text's words that an article has: in ranks without phrasings, and as evidence that it answers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from knowledge_base.scoring import cohesion
from knowledge_base.search import KnowledgeBase
from knowledge_base.wording import Wording, Words, words_of

TEXTS = ("How do I return a tent?", "Where is my parcel?", "Do you ship to Norway?")
ANSWERS = ("Use the label in the box.", "Follow the link in our e-mail.", "Yes, for a fee.")


@pytest.fixture
def wording() -> Wording:
    return Words.of(TEXTS, ANSWERS).whole(np.arange(len(TEXTS)))


def share(wording: Wording, text: str, article: int) -> float:
    return float(wording.shares([words_of(text)])[0, article])


@given(st.text())
def test_that_a_share_is_one_of_any_text(text: str) -> None:
    shares = Words.of(TEXTS, ANSWERS).whole(np.arange(len(TEXTS))).shares([words_of(text)])
    assert shares.shape == (1, len(TEXTS))
    assert ((shares >= 0) & (shares <= 1 + 1e-6)).all()


def test_that_an_article_has_all_of_its_own_words_in_any_form(wording: Wording) -> None:
    assert share(wording, "RETURNED tents", 0) == pytest.approx(1)
    assert share(wording, "is there a label in the box", 0) > share(wording, "is there a label in the box", 2)


def test_that_a_word_of_no_article_costs_more_than_one_of_them_all(wording: Wording) -> None:
    assert share(wording, "rent tent", 0) < share(wording, "the tent", 0)


def test_that_nothing_to_say_counts_as_said(wording: Wording) -> None:
    assert share(wording, "?!", 1) == 1


def test_that_texts_in_common_words_bring_a_terse_article_to_the_front(encoder: Encoder) -> None:
    answers = {"a": "Your Aero jacket is covered for two years.", "b": "Your Terra jacket is covered for life."}
    articles = [Article(name, "How long is a jacket covered?", (), answer) for name, answer in answers.items()]
    found = KnowledgeBase(build_index(articles, encoder), articles, encoder, "test").search("my terra broke")
    assert found.hits[0].article_id == "b"


def test_that_cohesion_is_the_level_of_an_articles_own_texts_and_the_mean_for_one_text() -> None:
    near, far = np.eye(4, dtype=np.float32)[[0, 0]], np.eye(4, dtype=np.float32)[[1, 2]]
    vectors, owners = np.concatenate([near, far, np.eye(4, dtype=np.float32)[[3]]]), np.array([0, 0, 1, 1, 2])
    tight, loose, alone = cohesion(vectors, owners, 3)
    assert tight > alone > loose
    assert alone == pytest.approx(0.5)
