from __future__ import annotations

from typing import Any

import pytest

from actions.choices import chosen_article, refusable
from actions.wording import ASK_HUMAN, NONE_OF_THESE, choose

OFFERED = ["return-an-item", "exchange-size", "refund-time"]


def offering(*articles: str) -> list[dict[str, Any]]:
    buttons = [*(choose(article, article) for article in articles), NONE_OF_THESE, ASK_HUMAN]
    return [{"event": "bot", "text": "One of these?", "data": {"buttons": buttons}}, {"event": "user", "text": "…"}]


@pytest.mark.parametrize(
    ("said", "article"),
    [
        ("the first one", "return-an-item"),
        ("1", "return-an-item"),
        ("top one please", "return-an-item"),
        ("the second one", "exchange-size"),
        ("option 2", "exchange-size"),
        ("the 2nd", "exchange-size"),
        ("the one in the middle", "exchange-size"),
        ("number three", "refund-time"),
        ("the last one", "refund-time"),
        ("3rd", "refund-time"),
        ("the refund thing", None),
        ("21", None),
    ],
)
def test_that_an_ordinal_points_at_an_offered_article(said: str, article: str | None) -> None:
    assert chosen_article({"text": said}, offering(*OFFERED)) == article


def test_that_the_last_of_two_is_the_second() -> None:
    assert chosen_article({"text": "the last one"}, offering(*OFFERED[:2])) == "exchange-size"


def test_that_the_third_of_two_is_nothing() -> None:
    assert chosen_article({"text": "the third one"}, offering(*OFFERED[:2])) is None


def test_that_the_last_of_none_is_nothing() -> None:
    assert chosen_article({"text": "the last one"}, offering()) is None


def test_that_yes_means_the_one_article_offered() -> None:
    yes = {"text": "yes", "intent": {"name": "affirm"}}
    assert chosen_article(yes, offering("exchange-size")) == "exchange-size"
    assert chosen_article(yes, offering(*OFFERED)) is None


def test_that_no_refuses_what_the_bot_offered_last_and_nothing_else() -> None:
    assert refusable(offering(*OFFERED)) and refusable(offering())
    assert not refusable([*offering(*OFFERED), {"event": "bot", "text": "You're welcome."}])
    assert not refusable([])


def test_that_a_button_wins_over_words() -> None:
    message = {"text": "the first one", "entities": [{"entity": "article_id", "value": "gift-card-use"}]}
    assert chosen_article(message, offering(*OFFERED)) == "gift-card-use"


def test_that_only_the_newest_offer_counts() -> None:
    events = [*offering(*OFFERED), {"event": "bot", "text": "You're welcome."}]
    assert chosen_article({"text": "the first one"}, events) is None
    assert chosen_article({"text": "the first one"}, [*events, *offering("cancel-order")]) == "cancel-order"
    assert chosen_article({"text": "the first one"}, []) is None
