"""Late interaction: the one word that tells two articles apart must not drown in the rest of a question."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.encoder import Encoder, Tokens
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from knowledge_base.late_interaction import LateInteraction, Pieces, Projection
from knowledge_base.scoring import LATE_WEIGHT, Scorer
from knowledge_base.search import KnowledgeBase
from knowledge_base.text import normalise

# Identity: what the encoder makes of a token is its piece.
PLAIN = Projection(np.zeros(3, np.float32), np.eye(3, dtype=np.float32))
CARD, LOST, BENT = np.eye(3, dtype=np.float32)


def pieces(*spoken: tuple[int, np.ndarray]) -> Pieces:
    return Pieces(np.array([number for number, _ in spoken], np.int32), np.stack([vector for _, vector in spoken]))


@pytest.fixture
def late() -> LateInteraction:
    texts = [pieces((1, CARD), (2, LOST)), pieces((1, CARD), (3, BENT)), pieces((1, CARD), (3, BENT))]
    return LateInteraction.of(PLAIN, 3, texts, np.array([0, 1, 1]))


def test_that_a_rare_piece_tells_more_than_a_common_one(late: LateInteraction) -> None:
    lost, bent, nothing = late.matches(pieces((1, CARD), (2, LOST)))
    assert lost == pytest.approx(1)
    assert bent < 0.5
    assert nothing == 0


def test_that_a_piece_nobody_said_finds_its_nearest_in_meaning(late: LateInteraction) -> None:
    lost, bent, _ = late.matches(pieces((9, (0.9 * LOST + 0.1 * BENT) / np.hypot(0.9, 0.1))))
    assert lost > 0.9
    assert bent < 0.2


def test_that_some_articles_match_as_they_do_among_all(late: LateInteraction) -> None:
    text = pieces((3, BENT), (2, LOST))
    assert np.allclose(late.matches(text, np.array([2, 0])), late.matches(text)[[2, 0]])


def test_that_nothing_said_matches_nothing(late: LateInteraction) -> None:
    assert late.matches(Pieces(np.zeros(0, np.int32), np.zeros((0, 3), np.float32))).tolist() == [0, 0, 0]


def test_that_an_article_keeps_a_piece_once(late: LateInteraction) -> None:
    assert list(zip(late.owners.tolist(), late.ids.tolist(), strict=True)) == [(0, 1), (0, 2), (1, 1), (1, 3)]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_that_fewer_tokens_than_directions_are_enough(count: int) -> None:
    tokens = Tokens(np.arange(count, dtype=np.int32), np.eye(count, 8, dtype=np.float16))
    projection = Projection.fit([tokens])
    found = projection(tokens)
    late = LateInteraction.of(projection, 1, [found], np.array([0]))
    assert np.isfinite(found.vectors).all()
    assert np.isfinite(late.matches(found)).all()


TOPICS = ("jacket", "tent", "stove", "rope", "boot", "backpack")
DEEDS = {"wash": "How do I wash my {}?", "lose": "I have lost my {}", "lend": "Can I lend my {} to a friend?"}


def articles() -> list[Article]:
    ways = ("{}", "{} please help", "a question: {}")
    return [
        Article(f"{deed}-{topic}", text.format(topic), tuple(way.format(text.format(topic)) for way in ways), "Ask us.")
        for topic in TOPICS
        for deed, text in DEEDS.items()
    ]


def test_that_the_best_articles_are_ranked_as_if_all_were_compared(encoder: Encoder) -> None:
    index = build_index(articles(), encoder)
    scorer = index.scorer
    assert scorer.late is not None
    texts = [normalise("what if my tent is lost"), normalise("may my brother use the stove")]
    encoded = encoder.encode_with_tokens(texts)
    spoken = [scorer.late.projection(tokens) for tokens in encoded.tokens]
    nothing = np.zeros((len(texts), scorer.articles), np.float32)
    plain = Scorer(scorer.vectors, scorer.owners, scorer.articles, scorer.heads)
    whole, some = (scorer.scores(encoded.vectors, None, nothing, spoken, count).fused for count in (scorer.articles, 5))
    for number, without in enumerate(plain.scores(encoded.vectors, None, nothing).fused):
        best, others = np.split(np.argsort(-without), [5])
        assert np.allclose(some[number][best], whole[number][best], atol=1e-4)
        least = scorer.late.matches(spoken[number], best).min()
        assert np.allclose(some[number][others], without[others] + LATE_WEIGHT * least, atol=1e-4)


def test_that_a_model_without_tokens_searches_by_the_rest(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "token_dimension", 0)
    known = articles()
    index = build_index(known, encoder)
    assert index.scorer.late is None
    found = KnowledgeBase(index, known, encoder, "test").search("how should I wash a rope")
    assert found.hits[0].article_id == "wash-rope"
