from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from turns import asked, turn

from assistant.escalation.rules import ON_MESSAGE, ON_OUTCOME, Thresholds, first_firing, quote
from assistant.escalation.turns import Turn

AT = Thresholds()


def fired_on_message(*turns: Turn) -> str | None:
    trigger = first_firing(ON_MESSAGE, turns, AT)
    return trigger.rule if trigger else None


def fired_on_outcome(*turns: Turn) -> str | None:
    trigger = first_firing(ON_OUTCOME, turns, AT)
    return trigger.rule if trigger else None


def test_that_nothing_fires_on_a_plain_question() -> None:
    assert fired_on_message(turn(intent="ask_question", intent_confidence=0.9)) is None
    assert fired_on_outcome(asked("answer", "return-an-item")) is None
    assert fired_on_message() is None


@pytest.mark.parametrize(
    "said",
    [
        turn("human!", intent="ask_for_human", intent_confidence=0.6),
        turn("could a colleague look at this", asked_for_human=0.7, intent="ask_question"),
        turn("", intent="ask_for_human", intent_confidence=1.0),
    ],
    ids=["by intent", "by score", "by button"],
)
def test_that_asking_for_a_human_is_always_enough(said: Turn) -> None:
    assert fired_on_message(said) == "asked_for_human"


def test_that_an_unsure_intent_is_not_a_request_for_a_human() -> None:
    assert fired_on_message(turn(intent="ask_for_human", intent_confidence=0.4, asked_for_human=0.2)) is None


YES = turn("yes please", 2, intent="affirm", intent_confidence=0.9)


@pytest.mark.parametrize(
    ("before", "rule"),
    [
        (asked("none"), "asked_for_human"),
        (turn("are you a bot", intent="bot_challenge"), "asked_for_human"),
        (turn("I lost it", intent="no_order_number"), "asked_for_human"),
        (asked("answer", "return-window"), None),
        (turn("hello", intent="greet"), None),
    ],
    ids=["no answer", "what are you", "no order number", "an answer", "a greeting"],
)
def test_that_yes_means_a_person_only_where_one_was_offered(before: Turn, rule: str | None) -> None:
    assert fired_on_message(before, YES) == rule


def test_that_a_yes_out_of_the_blue_is_nothing() -> None:
    assert fired_on_message(YES) is None


def test_that_a_no_to_the_offered_person_is_respected() -> None:
    assert fired_on_message(asked("none"), turn("no", 2, intent="deny", intent_confidence=0.9)) is None


def test_that_one_furious_message_is_enough() -> None:
    assert fired_on_message(turn(negative=0.99)) == "negative_sentiment"


def test_that_a_falling_mood_fires_before_any_single_message_would() -> None:
    moods = [turn(number=n, negative=0.9) for n in range(1, 4)]
    fired = [fired_on_message(*moods[:end]) for end in (1, 2, 3)]
    assert fired[0] is None
    assert fired[-1] == "negative_sentiment"


def test_that_a_bad_mood_that_passed_does_not_fire() -> None:
    assert fired_on_message(turn(negative=0.9), turn(number=2, negative=0.9), turn("thanks", 3, negative=0.01)) is None


def test_that_unhelpful_counts_refusals_and_fires_on_the_second() -> None:
    first = turn("that is not it", 1, intent="did_not_help")
    second = turn("none", 3, intent="none_of_these")
    assert fired_on_message(first) is None
    assert fired_on_message(first, turn("and delivery", 2), second) == "unhelpful"
    assert fired_on_message(first, second, turn("and delivery", 4)) is None


def test_that_a_human_only_topic_fires_the_first_time() -> None:
    assert fired_on_outcome(asked("human_only", "account-hacked")) == "sensitive_topic"


def test_that_no_answer_fires_on_the_second_in_a_row() -> None:
    assert fired_on_outcome(asked("none", number=1)) is None
    assert fired_on_outcome(asked("none", number=1), turn("hm", 2), asked("none", number=3)) == "no_answer"
    assert fired_on_outcome(asked("none", number=1), asked("answer", "a", 2), asked("none", number=3)) is None


TURNS = st.lists(
    st.builds(
        Turn,
        message_id=st.uuids().map(str),
        text=st.text(max_size=30),
        negative=st.floats(0, 1),
        asked_for_human=st.floats(0, 1),
        intent=st.sampled_from(["ask_question", "did_not_help", "affirm", "ask_for_human", ""]),
        intent_confidence=st.floats(0, 1),
    ),
    min_size=1,
    max_size=8,
)


@given(turns=TURNS)
def test_that_every_trigger_explains_itself(turns: list[Turn]) -> None:
    trigger = first_firing(ON_MESSAGE, turns, AT)
    if trigger is not None:
        assert trigger.explanation
        assert "\n" not in trigger.explanation
        assert trigger.score >= trigger.threshold - 0.0005  # scores are rounded to three digits
        assert turns[-1].message_id in trigger.message_ids


@given(text=st.text())
def test_that_a_quote_is_one_short_line(text: str) -> None:
    assert len(quote(text)) <= 82
    assert "\n" not in quote(text)
