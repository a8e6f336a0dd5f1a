"""The part of an answer that is repeated for a follow-up."""

from __future__ import annotations

import pytest

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.passages import AnswerParts

ANSWER = """Rent a tent online or in a shop.

Prices for a weekend:

- small tent: 20 pounds
- large tent: 35 pounds

Bring an identity card when you collect it."""


def nearest(text: str, article: Article, encoder: Encoder) -> str:
    return AnswerParts.of(article, encoder).nearest(encoder.encode([text])[0])


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("how much is a large tent", "Prices for a weekend:", "35 pounds"),
        ("do I need my passport or an ID", "Bring an identity card", "collect it."),
        ("can I rent it in the shop", "Rent a tent", "shop."),
    ],
)
def test_that_the_nearest_paragraph_is_given_with_its_list(encoder: Encoder, text: str, start: str, end: str) -> None:
    passage = nearest(text, Article("rent", "Can I rent a tent?", (), ANSWER), encoder)
    assert passage.startswith(start)
    assert passage.endswith(end)
    assert passage in ANSWER


def test_that_a_short_answer_is_given_whole(encoder: Encoder) -> None:
    assert nearest("and on Sunday?", Article("open", "When?", (), "Open daily.\n"), encoder) == "Open daily."
