"""Questions without an answer: which of them bring a person, and which only more choices."""

from __future__ import annotations

from turns import asked, turn

from assistant.escalation.rules import ON_OUTCOME, first_firing
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import Turn

AT = Thresholds()


def fired_on_outcome(*turns: Turn) -> str | None:
    trigger = first_firing(ON_OUTCOME, turns, AT)
    return trigger.rule if trigger else None


def test_that_no_answer_fires_on_the_second_in_a_row() -> None:
    first, second = asked("none", number=1), asked("none", number=3)
    assert fired_on_outcome(first) is None
    assert fired_on_outcome(first, turn("hm", 2), second) == "no_answer"
    assert fired_on_outcome(first, asked("answer", "a", 2), second) is None


def test_that_more_of_an_answered_question_may_wait_longer() -> None:
    more = [asked("none", number=n, text="and how heavy is it") for n in range(1, 5)]
    assert [fired_on_outcome(*more[:end]) for end in (1, 2)] == [None, "no_answer"]
    answered = asked("answer", "tents", 0)
    assert [fired_on_outcome(answered, *more[:end]) for end in (1, 2, 4)] == [None, None, "no_answer"]


def test_that_taking_in_an_answer_is_no_trouble() -> None:
    said = ["ok, nobody wants that", "fair enough, that was my fault", "right, it broke anyway", "I see, too bad"]
    remarks = [asked("none", number=n, text=text, negative=0.9) for n, text in enumerate(said, start=1)]
    assert [fired_on_outcome(*remarks[:end]) for end in range(1, 5)] == [None] * 4


def test_that_a_remark_is_no_question() -> None:
    remarks = [asked("none", number=n, text=f"I like picture {n} of the lakes") for n in range(1, 7)]
    assert [fired_on_outcome(*remarks[:end]) for end in range(1, 7)] == [None] * 6


def test_that_choices_again_and_again_are_no_answer() -> None:
    unsure = [asked("suggest", number=n, text=f"does number {n} fit") for n in range(1, 5)]
    assert [fired_on_outcome(*unsure[:end]) for end in range(1, 5)] == [None, None, None, "no_answer"]


def test_that_what_nobody_in_the_shop_knows_brings_in_nobody() -> None:
    def chat(confidence: float, number: int) -> Turn:
        text = ("what is the weather like", "tell me a joke please", "who won the match", "can you sing")[number]
        return asked("none", None, number, text, intent="out_of_scope", intent_confidence=confidence)

    assert fired_on_outcome(*(chat(0.95, number) for number in range(4))) is None
    grumbles = ("my football team lost badly again", "the trains in morocco were awful")
    sad = [
        asked("none", None, n, text, intent="out_of_scope", intent_confidence=0.97, negative=0.9)
        for n, text in enumerate(grumbles)
    ]
    assert fired_on_outcome(*sad) is None
    assert fired_on_outcome(chat(0.6, 0), chat(0.6, 1)) == "no_answer", "it may be a question without an article"
