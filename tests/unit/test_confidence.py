from __future__ import annotations

import numpy as np
import pytest

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.calibration import FEATURES, WITH_HEADS, Observations, features, fit
from knowledge_base.confidence import decide
from knowledge_base.index import build_index
from knowledge_base.scoring import Scores
from knowledge_base.search import KnowledgeBase

TOPICS = {
    "return": ("How do I return an item?", ["i want to send my boots back", "returning a jacket"]),
    "track": ("Where is my order?", ["parcel has not arrived yet", "track my delivery please"]),
    "password": ("How do I reset my password?", ["cannot log in, forgot my password", "new password needed"]),
    "gift": ("How do I use a gift card?", ["redeem a voucher at checkout", "pay with the gift card i got"]),
    "hours": ("When are your stores open?", ["opening times on sunday", "is the shop open tonight"]),
    "repair": ("Can you repair my tent?", ["zip on my tent is broken", "fix a torn flysheet"]),
}


def articles(phrasings: int, count: int = len(TOPICS)) -> list[Article]:
    return [
        Article(name, question, tuple((texts * 4)[:phrasings]), f"This is how: {question}")
        for name, (question, texts) in list(TOPICS.items())[:count]
    ]


def knowledge_base(encoder: Encoder, known: list[Article]) -> KnowledgeBase:
    return KnowledgeBase(build_index(known, encoder), known, encoder, "test")


@pytest.mark.parametrize(
    ("confidence", "decision"), [(0.8, "answer"), (0.79, "suggest"), (0.35, "suggest"), (0.34, "none")]
)
def test_that_bands_start_where_documented(confidence: float, decision: str) -> None:
    assert decide(confidence) == decision


@pytest.mark.parametrize("phrasings", [0, 1, 2, 8])
def test_that_any_number_of_phrasings_ranks_and_abstains(encoder: Encoder, phrasings: int) -> None:
    found = knowledge_base(encoder, articles(phrasings))
    asked = found.search("Hi there, my password does not work any more, how can I reset it?")
    assert asked.hits[0].article_id == "password"
    assert asked.decision != "none"
    strange = found.search("which planet has the most moons")
    assert strange.decision == "none"
    assert strange.confidence < asked.confidence


@pytest.mark.parametrize("count", [1, 2])
def test_that_a_tiny_knowledge_base_works(encoder: Encoder, count: int) -> None:
    found = knowledge_base(encoder, articles(2, count))
    assert found.search_after("and for shoes?", "return").result.hits[0].article_id == "return"
    assert found.search("how can i return something").hits[0].article_id == "return"
    assert found.search("who won the football last night").decision == "none"


def test_that_probabilities_fall_with_rank_and_posteriors_sum_to_one(encoder: Encoder) -> None:
    result = knowledge_base(encoder, articles(2)).search("order not here, can i return it")
    probabilities = [hit.probability for hit in result.hits]
    assert result.confidence == probabilities[0]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(result.posterior.values()) == pytest.approx(1, abs=1e-5)


def test_that_the_others_are_as_likely_as_they_would_be_without_the_first(encoder: Encoder) -> None:
    known = knowledge_base(encoder, articles(2))
    text = "my parcel has not arrived, track it or return it"
    first, second, *_ = hits = known.search(text).hits
    assert first.otherwise == first.probability
    assert all(hit.otherwise >= hit.probability for hit in hits[1:])
    assert second.otherwise > 10 * second.probability, "near, though the first one leaves it no chance"
    assert known.search("which planet has the most moons").hits[1].otherwise < 0.1


@pytest.mark.parametrize("text", ["", "   ", "?!", "\u200b", "🙂"])
def test_that_a_text_without_words_finds_nothing(encoder: Encoder, text: str) -> None:
    result = knowledge_base(encoder, articles(1)).search(text)
    assert (result.decision, result.hits, result.confidence) == ("none", (), 0.0)


def test_that_shouting_and_greetings_do_not_change_the_answer(encoder: Encoder) -> None:
    found = knowledge_base(encoder, articles(2))
    plain = found.search("where is my parcel")
    assert found.search("HELLO!! WHERE IS MY PARCEL") == plain
    assert found.search("good morning team, where is my parcel") == plain


def test_that_no_evidence_ever_lowers_confidence() -> None:
    rng = np.random.default_rng(1)
    misleading = rng.normal(size=(200, FEATURES)).astype(np.float32)
    answerable = Observations(misleading, misleading[:, 1] < 0, np.ones(200))
    hidden = Observations(misleading + 1, np.zeros(200, dtype=np.bool_), np.ones(200))
    calibration = fit(answerable, hidden, hidden, WITH_HEADS)
    assert min(*calibration.scope[:-1], calibration.winner[0]) >= 0


def test_that_evidence_is_the_winners_and_a_loose_article_needs_less() -> None:
    rows = np.array([[0.0, 2.0], [3.0, 1.0]], dtype=np.float32)
    scores = Scores(rows, rows / 10, rows / 5, np.array([0.7, 0.5], dtype=np.float32))
    first, second = features(scores)
    assert first == pytest.approx([0.2, 2.0, 0.4, -0.5])
    assert second == pytest.approx([0.3, 2.0, 0.6, -0.7])
    alone = features(Scores(rows[:, :1], rows[:, :1], rows[:, :1], scores.cohesion[:1]))
    assert (alone[:, 1] == 0).all()


def test_that_an_article_twice_is_offered_rather_than_given(encoder: Encoder) -> None:
    question, answer = "How do I return an item?", "Send it back within 30 days."
    twins = [Article(name, question, (), answer) for name in ("return", "return-again")]
    others = [Article(a.id, a.question, (), a.answer) for a in articles(0) if a.id != "return"]
    assert knowledge_base(encoder, twins + others).search("how do I return an item").decision == "suggest"
