from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from turns import asked, turn, unhappy

from assistant.escalation.mood import needs_boundary, offers_person
from assistant.escalation.quote import quote
from assistant.escalation.rules import ON_MESSAGE, ON_OUTCOME, first_firing
from assistant.escalation.sentiment import NO_TOPIC, TOPICS, MessageScores
from assistant.escalation.sketch import sketch
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import Outcome, Turn

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
        turn("human!", intent="ask_for_human", intent_confidence=0.6, asked_for_human=0.3),
        turn("could a colleague look at this", asked_for_human=0.95, intent="ask_question"),
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
        (replace(asked("answer", "return-window"), offered=True), "asked_for_human"),
        (turn("are you a bot", intent="bot_challenge"), "asked_for_human"),
        (turn("I lost it", intent="no_order_number"), "asked_for_human"),
        (asked("answer", "return-window"), None),
        (turn("hello", intent="greet"), None),
    ],
    ids=["no answer", "offered", "what are you", "no order number", "an answer", "a greeting"],
)
def test_that_yes_means_a_person_only_where_one_was_offered(before: Turn, rule: str | None) -> None:
    assert fired_on_message(before, YES) == rule


def test_that_taking_note_is_not_a_yes() -> None:
    assert fired_on_message(asked("none"), replace(YES, text="got it")) is None
    assert fired_on_message(asked("none"), replace(YES, text="great, yes please")) == "asked_for_human"


def test_that_a_yes_out_of_the_blue_is_nothing() -> None:
    assert fired_on_message(YES) is None


def test_that_a_no_to_the_offered_person_is_respected() -> None:
    assert fired_on_message(asked("none"), turn("no", 2, intent="deny", intent_confidence=0.9)) is None


def test_that_one_furious_message_is_enough() -> None:
    assert fired_on_message(turn(angry=0.99, frustrated=0.99, negative=0.99)) == "negative_sentiment"


def told(*, likeness: float = 0.0, number: int = 1, decision: str = "none", **measured: Any) -> Turn:
    """A question by one customer: its sketch is as like that of their others as `likeness` says."""
    vector = np.zeros(384, dtype=np.float32)
    vector[0], vector[number] = likeness**0.5, (1 - likeness) ** 0.5
    return replace(asked(decision, number=number, **measured), sketch=sketch(vector))


def test_that_a_falling_mood_fires_before_any_single_message_would() -> None:
    moods = [unhappy(n) for n in range(1, 4)]
    assert fired_on_message(moods[0]) is None
    assert fired_on_message(*moods) == "negative_sentiment"


def test_that_a_bad_mood_that_passed_does_not_fire() -> None:
    moods = [unhappy(n) for n in range(1, 9)]
    assert fired_on_message(*moods, turn("thanks", 9, frustrated=0.01)) is None


def test_that_the_same_question_in_other_words_is_trouble() -> None:
    words = ["where do I change the name", "and my name, where is it changed", "I only want the name changed"]

    def asks(likeness: float, negative: float) -> list[Turn]:
        return [
            told(decision="suggest", number=n, text=text, negative=negative, likeness=likeness)
            for n, text in enumerate(words, start=1)
        ]

    def fired(turns: list[Turn]) -> list[str | None]:
        return [fired_on_outcome(*turns[:end]) for end in range(1, 4)]

    assert fired(asks(likeness=0.1, negative=0.6)) == [None] * 3
    assert fired(asks(likeness=0.9, negative=0.6)) == [None, None, "loop"]
    calmer = asks(likeness=0.9, negative=0.4)
    assert fired(calmer) == [None] * 3
    assert [offers_person(calmer[:end], AT) for end in (1, 2, 3)] == [False, False, True]


def test_that_old_trouble_does_not_bring_the_person_back_at_once() -> None:
    returned = [replace(unhappy(n), epoch=2) for n in range(1, 9)]
    fired = [fired_on_message(*returned[:end]) for end in range(1, 9)]
    assert fired[: AT.cooldown_turns] == [None] * AT.cooldown_turns
    assert fired[AT.cooldown_turns] is not None
    assert fired_on_message(replace(turn(angry=0.99), epoch=2)) == "negative_sentiment"


def test_that_middling_trouble_is_offered_a_person_once() -> None:
    level = AT.running_frustration * 0.9 / (1 + AT.decay)
    before, last = unhappy(1, level), asked("answer", "a", 2, frustrated=level, negative=0.9)
    assert fired_on_message(before, unhappy(2, level)) is None
    assert offers_person([before, last], AT)
    assert not offers_person([replace(before, offered=True), last], AT)
    assert not offers_person([asked("answer", "a")], AT)


def test_that_a_likely_wish_for_a_person_is_offered_one() -> None:
    likely = turn("could somebody check", asked_for_human=(AT.offer_human + AT.asked_for_human) / 2)
    assert fired_on_message(likely) is None
    assert offers_person([likely], AT)


def test_that_abuse_meets_a_boundary_and_then_a_person() -> None:
    first, second = turn("stupid bot", 1, abusive=0.95), turn("stupid, stupid bot", 3, abusive=0.95)
    assert needs_boundary([first], AT)
    assert fired_on_message(first) is None
    assert not needs_boundary([first, turn("sorry", 2)], AT)
    assert fired_on_message(first, turn("where is it", 2), second) == "abuse"


def test_that_a_mere_insult_meets_the_boundary_before_a_person() -> None:
    insult, matter = "you stupid bot", "you idiots sent the wrong boots for the third time now"
    assert fired_on_message(turn("where is it, you morons", abusive=0.95, angry=0.95)) == "negative_sentiment"
    assert fired_on_message(turn(insult, abusive=0.95, angry=0.95)) is None
    assert fired_on_message(turn(matter, abusive=0.95, angry=0.95)) == "negative_sentiment"
    assert fired_on_message(turn(insult, 1, abusive=0.95), turn(insult, 2, abusive=0.95, angry=0.95)) is not None


def test_that_a_curse_on_the_bot_is_no_cry_for_help() -> None:
    about = {"topic": "self_harm", "sensitive": 0.9, "abusive": 0.9}
    assert fired_on_message(turn("go to hell", **about)) is None
    assert fired_on_message(turn("I want to end it", **about)) == "sensitive_topic"


def test_that_an_answered_question_needs_surer_words_to_be_for_people() -> None:
    words = {"topic": "account_takeover", "intent": "ask_question"}
    assert fired_on_outcome(asked("answer", "two-step", sensitive=0.8, **words)) is None
    assert fired_on_outcome(asked("answer", "two-step", sensitive=0.95, **words)) == "sensitive_topic"
    assert fired_on_outcome(asked("none", sensitive=0.8, **words)) == "sensitive_topic"


def test_that_a_sensitive_message_fires_the_first_time_and_names_its_topic() -> None:
    trigger = first_firing(ON_MESSAGE, [turn("someone used my card", topic="fraud", sensitive=0.99)], AT)
    assert trigger is not None
    assert (trigger.rule, trigger.topic) == ("sensitive_topic", "fraud")


def test_that_the_knowledge_base_may_say_it_better() -> None:
    words = {"topic": "fraud", "sensitive": 0.99, "intent": "ask_question"}
    assert fired_on_message(turn("someone used my card", **words)) is None
    assert fired_on_outcome(asked("none", text="someone used my card", **words)) == "sensitive_topic"


def test_that_a_life_counts_for_more_than_a_false_alarm() -> None:
    score = (AT.self_harm + AT.sensitive) / 2
    assert fired_on_message(turn(topic="self_harm", sensitive=score)) == "sensitive_topic"
    assert fired_on_message(turn(topic="legal", sensitive=score)) is None


def test_that_unhelpful_counts_refusals_and_fires_on_the_second() -> None:
    first = turn("that is not it", 1, intent="did_not_help")
    choices, second = asked("suggest", number=2), turn("none", 3, intent="none_of_these")
    assert fired_on_message(first) is None
    assert fired_on_message(first, choices, second) == "unhelpful"
    assert fired_on_message(first, choices, second, turn("and delivery", 4)) is None
    pressed = turn("", 3, intent="none_of_these")
    assert fired_on_message(first, pressed) == "unhelpful"


def test_that_a_no_right_after_choices_refuses_them() -> None:
    no = turn("no", 2, intent="deny")
    assert fired_on_message(asked("suggest", number=1), no, asked("suggest", number=3), replace(no, message_id="m4"))
    assert fired_on_message(asked("answer", "returns"), no, replace(no, message_id="m3")) is None


def test_that_none_without_choices_may_answer_anything_else() -> None:
    nothing = [turn("nothing else", n, intent="none_of_these") for n in (2, 3)]
    assert fired_on_message(asked("answer", "returns"), *nothing) is None


def test_that_three_negations_in_a_row_are_enough() -> None:
    no = [turn("no, not that", n, turned_down=0.9, negative=0.7) for n in range(1, 4)]
    assert [fired_on_message(*no[:end]) for end in range(1, 4)] == [None, None, "unhelpful"]


def test_that_a_human_only_topic_fires_the_first_time() -> None:
    assert fired_on_outcome(asked("human_only", "account-hacked")) == "sensitive_topic"


def test_that_a_calm_question_about_the_same_article_is_no_loop() -> None:
    first = replace(asked("answer", "club", text="what is the club like"), sketch="")
    others = [
        turn(text, n, outcome=Outcome(f"m{n}", "repeat", "club", 0.9, {f"other{n}": 0.9}))
        for n, text in ((2, "is it free to join"), (3, "how would I sign up"))
    ]
    assert fired_on_outcome(first, *others) is None
    insisting = [replace(one, scores=MessageScores(negative=0.4)) for one in others]
    assert fired_on_outcome(first, *insisting) == "loop"


TURNS = st.lists(
    st.builds(
        Turn,
        message_id=st.uuids().map(str),
        text=st.text(max_size=30),
        scores=st.builds(
            MessageScores,
            *[st.floats(0, 1)] * 6,
            topic=st.sampled_from(TOPICS),
            sensitive=st.floats(0, 1),
        ),
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


@given(turns=TURNS)
def test_that_scores_survive_the_way_through_the_parse_data(turns: list[Turn]) -> None:
    for one in turns:
        again = MessageScores.from_json(one.scores.as_json())
        assert again.topic == one.scores.topic
        assert again.frustrated == pytest.approx(one.scores.frustrated, abs=1e-4)
    assert MessageScores.from_json({}).topic == NO_TOPIC


@given(text=st.text())
def test_that_a_quote_is_one_short_line(text: str) -> None:
    assert len(quote(text)) <= 82
    assert "\n" not in quote(text)
