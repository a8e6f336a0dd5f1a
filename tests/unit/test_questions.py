"""How many questions a message holds, and whether it leans on the answer before it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.escalation.asking import asks, may_follow_up
from knowledge_base.questions import MAX_SENTENCES, MIN_WORDS, questions_in

PIECES = st.sampled_from(
    ["how do I return boots", "and", "also", ",", ".", "?", "can I pay later", "thanks", "hi", "\n", ";", "if not", "é"]
)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Do you ship to Canada? And can I pay by card?", ("Do you ship to Canada?", "can I pay by card?")),
        (
            "how do I return boots, and how long does the refund take",
            ("how do I return boots", "how long does the refund take"),
        ),
        (
            "is there a student discount and do gift cards expire",
            ("is there a student discount", "do gift cards expire"),
        ),
        ("can I cancel it today? if not can I change it", ("can I cancel it today?", "can I change it")),
        (
            "I lost my password. Plus I want to close my account.",
            ("I lost my password.", "I want to close my account."),
        ),
        ("my stove is broken; where do I send it", ("my stove is broken", "where do I send it")),
    ],
)
def test_that_each_question_stands_alone(text: str, parts: tuple[str, ...]) -> None:
    assert questions_in(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Where is my parcel?",
        "Hi there. Where is my parcel? Thank you!",
        "can I return the boots and the socks in one box",
        "do you deliver to Spain and Portugal",
        "It came today. " * (MAX_SENTENCES + 1),
    ],
)
def test_that_one_question_and_a_long_story_are_read_as_a_whole(text: str) -> None:
    assert questions_in(text) == ()


@given(text=st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map(" ".join)))
def test_that_parts_are_the_customers_words_in_order(text: str) -> None:
    parts = questions_in(text)
    assert len(parts) != 1
    at = 0
    for part in parts:
        assert len(part.split()) >= MIN_WORDS
        at = text.index(part, at) + len(part)


@pytest.mark.parametrize("part", ["how long does it take", "I'd like a refund", "this one is vegan?", "Tell me more"])
def test_that_questions_and_wishes_ask(part: str) -> None:
    assert asks(part)


@pytest.mark.parametrize("part", ["I really need it by Friday", "My order came today.", "howling wind all night"])
def test_that_background_does_not_ask(part: str) -> None:
    assert not asks(part)


@pytest.mark.parametrize(
    "text",
    [
        "and for Canada?",
        "what about Ireland",
        "ok but on a saturday?",
        "can my brother fetch it at the shop door",
        "how much",
    ],
)
def test_that_a_fragment_or_a_pointing_word_may_follow_up(text: str) -> None:
    assert may_follow_up(text)


@pytest.mark.parametrize(
    "text",
    [
        "how do I change the delivery address of my order",
        "and I would like to know how much the delivery of two large tents to Canada costs",
    ],
)
def test_that_a_message_that_says_what_it_is_about_does_not_follow_up(text: str) -> None:
    assert not may_follow_up(text)
