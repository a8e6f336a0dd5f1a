from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from turns import asked

from assistant.escalation.loops import answered_otherwise, overlap, repeat_of
from assistant.escalation.rules import ON_OUTCOME, Thresholds, first_firing
from assistant.escalation.sketch import sketch
from assistant.escalation.turns import Outcome, Turn

AT = Thresholds()
RETURNS = {"return-an-item": 0.8, "return-label": 0.15}
POSTERIORS = st.dictionaries(st.sampled_from("abcde"), st.floats(0.001, 1), min_size=1).map(
    lambda shares: {name: share / sum(shares.values()) for name, share in shares.items()}
)


def question(text: str, number: int, decision: str, posterior: dict[str, float]) -> Turn:
    article = max(posterior, key=lambda name: posterior[name]) if decision in ("answer", "repeat") else None
    return Turn(f"m{number}", text, outcome=Outcome(f"m{number}", decision, article, 0.8, posterior))


def gave(message_id: str, decision: str, article: str, *also: str, **posterior: float) -> Outcome:
    share = 1 / (1 + len(also))
    return Outcome(message_id, decision, article, 0.8, posterior or dict.fromkeys([article, *also], share), also)


def rule_after(*turns: Turn) -> str | None:
    trigger = first_firing(ON_OUTCOME, turns, AT)
    return trigger.rule if trigger else None


@given(p=POSTERIORS, q=POSTERIORS)
def test_that_overlap_is_symmetric_bounded_and_one_only_for_the_same(p: dict[str, float], q: dict[str, float]) -> None:
    assert overlap(p, q) == pytest.approx(overlap(q, p))
    assert 0 <= overlap(p, q) <= 1 + 1e-9
    assert overlap(p, p) == pytest.approx(1)


def test_that_the_second_repeat_brings_a_human_and_the_first_does_not() -> None:
    asks = [
        question("how do I send boots back", 1, "answer", RETURNS),
        question("what must I do to return boots", 2, "repeat", RETURNS),
        question("I want these boots to go back", 3, "repeat", RETURNS),
    ]
    assert [rule_after(*asks[:end]) for end in (1, 2, 3)] == [None, None, "loop"]
    trigger = first_firing(ON_OUTCOME, asks, AT)
    assert trigger is not None
    assert {"m2", "m3"} <= set(trigger.message_ids)


def test_that_saying_more_after_suggestions_is_no_loop_but_the_very_same_words_are() -> None:
    texts = ["how do I send boots back", "boots bought online go back how", "return boots from the web shop"]
    assert rule_after(*[question(text, n, "suggest", RETURNS) for n, text in enumerate(texts)]) is None
    assert rule_after(*[question(texts[0], n, "suggest", RETURNS) for n in (1, 2, 3)]) == "loop"


def test_that_an_article_given_earlier_is_known_only_for_questions_unlike_the_last() -> None:
    dogs, parking, reworded = (sketch(np.array(vector)) for vector in ([1.0, 0, 0], [0, 1.0, 0], [0.8, 0, 0.6]))
    earlier = [asked("answer", "visit", 1, sketch=dogs), asked("answer", "hours", 2, sketch=parking)]
    assert answered_otherwise([*earlier, asked("answer", "visit", 3, sketch=parking)]) == {"visit"}
    assert answered_otherwise([*earlier, asked("answer", "visit", 3, sketch=reworded)]) == {"hours"}
    assert answered_otherwise([*earlier, asked("answer", "visit", 3)]) == set(), "no vector: nothing is unlike it"


def test_that_short_turns_do_not_loop() -> None:
    asks = [asked("suggest", "return-an-item", n, "ok thanks") for n in (1, 2, 3, 4)]
    assert rule_after(*asks) is None


def test_that_neighbouring_questions_are_not_repeats() -> None:
    first = question("how do I send boots back", 1, "answer", RETURNS)
    second = question("when do I get my money back", 2, "answer", {"refund-time": 0.8, "return-an-item": 0.1})
    assert repeat_of([first, second], AT.question_overlap, AT.min_loop_words) is None


def test_that_a_b_a_b_is_a_loop() -> None:
    refunds = {"refund-time": 0.9}
    asks = [
        question("how do I send boots back", 1, "answer", RETURNS),
        question("when do I get my money", 2, "answer", refunds),
        question("so how do I return boots", 3, "repeat", RETURNS),
        question("and the money comes when exactly", 4, "repeat", refunds),
    ]
    assert [rule_after(*asks[:end]) for end in (2, 3, 4)] == [None, None, "loop"]


def test_that_an_article_given_beside_another_counts_as_given() -> None:
    both = Turn(
        "m1", "how do I return boots, when do I get my money", outcome=gave("m1", "answer", "returns", "refunds")
    )
    refund = Turn("m2", "when is the money back", outcome=gave("m2", "answer", "refunds"))
    assert repeat_of([both, refund], AT.question_overlap, AT.min_loop_words) == (both, 1.0)


def test_that_an_answer_with_something_new_in_it_is_no_repeat() -> None:
    returns = Turn("m1", "how do I return boots", outcome=gave("m1", "answer", "returns"))
    both = Turn(
        "m2", "how do I return boots, when do I get my money", outcome=gave("m2", "answer", "returns", "refunds")
    )
    assert repeat_of([returns, both], AT.question_overlap, AT.min_loop_words) is None


def test_that_asking_on_about_one_answer_is_no_loop_but_the_very_same_words_are() -> None:
    start = question("how do I send boots back", 1, "answer", RETURNS)
    texts = ["and what if they are worn", "and is the label in it", "and can my brother send them"]
    other = {"worn": 0.5, "gift": 0.3}
    parts = [
        Turn(f"m{n}", text, outcome=gave(f"m{n}", "follow_up", "return-an-item", **other))
        for n, text in enumerate(texts, 2)
    ]
    assert rule_after(start, *parts) is None
    same = [Turn(f"m{n}", texts[0], outcome=gave(f"m{n}", "follow_up", "return-an-item", **other)) for n in (2, 3, 4)]
    assert rule_after(start, *same[:2]) is None
    assert rule_after(start, *same) == "loop"
