"""What the bot does with what it found: answer, show the likely one beside others, only ask, or admit it."""

from __future__ import annotations

import numpy as np
import pytest
from canned import Canned, found
from turns import asked as turn_about
from turns import turn

from actions.answer import outcome_event, repeats
from actions.decision import clearly_closest, decide
from assistant.escalation.history import outcome_from, with_outcome
from assistant.escalation.sketch import sketch
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import Outcome, previous_article
from knowledge_base.search import NOTHING, Hit, SearchResult
from knowledge_base.understanding import Asked

RETURNS, REFUNDS = found("returns", confidence=0.9), found("refunds", confidence=0.95)
UNSURE = found("sizes", "exchanges", "returns", confidence=0.45)
PEOPLE = frozenset({"injuries"})


def decided(*results: SearchResult, follows: str | None = None) -> Outcome:
    shop = Canned({str(number): result for number, result in enumerate(results)}, people=PEOPLE)
    said = turn("a question", 1, sensitive=0.5)
    return decide([Asked("a question", result, follows) for result in results], said, shop)


@pytest.mark.parametrize(
    ("probabilities", "shown"),
    [((0.7, 0.2, 0.1), True), ((0.55, 0.4, 0.05), False), ((0.4, 0.1), False), ((0.6,), True)],
)
def test_that_only_a_clear_leader_is_shown_as_the_likely_answer(probabilities: tuple[float, ...], shown: bool) -> None:
    hits = tuple(Hit(f"article-{i}", p, p, p) for i, p in enumerate(probabilities))
    assert clearly_closest(SearchResult("suggest", probabilities[0], hits, {})) is shown


@pytest.mark.parametrize(
    ("result", "decision", "articles"),
    [
        (RETURNS, "answer", ("returns",)),
        (found("returns", "refunds", "sizes", confidence=0.7), "suggest", ("returns",)),
        (UNSURE, "suggest", ()),
        (found("a", "b", "c", confidence=0.3), "suggest", ()),
        (found("a", confidence=0.3), "none", ()),
        (NOTHING, "none", ()),
        (found("injuries", "returns", confidence=0.45), "human_only", ("injuries",)),
        (found("injuries", "returns", confidence=0.36), "suggest", ()),
    ],
)
def test_that_one_question_is_answered_as_far_as_it_is_sure(
    result: SearchResult, decision: str, articles: tuple[str, ...]
) -> None:
    outcome = decided(result)
    assert (outcome.decision, outcome.articles) == (decision, articles)


def test_that_a_mere_complaint_is_not_met_with_questions_to_choose_from() -> None:
    def about(text: str) -> str:
        said = turn(text, intent="complaint", intent_confidence=0.9)
        return decide([Asked(text, UNSURE)], said, Canned({text: UNSURE})).decision

    assert about("your driver was rude to my wife") == "none"
    assert about("your driver was rude, how do I report that") == "suggest"


def test_that_each_sure_question_of_a_message_is_answered() -> None:
    outcome = decided(RETURNS, REFUNDS)
    assert (outcome.decision, outcome.articles) == ("answer", ("returns", "refunds"))
    assert outcome.posterior == pytest.approx({"returns": 0.45, "refunds": 0.475})
    assert sum(outcome.posterior.values()) <= 1


def test_that_an_unsure_question_beside_a_sure_one_is_not_answered() -> None:
    assert decided(UNSURE, REFUNDS).articles == ("refunds",)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_that_one_question_for_people_takes_the_message_to_people(order: tuple[int, int]) -> None:
    results = (RETURNS, found("injuries", confidence=0.6))
    outcome = decided(*(results[number] for number in order))
    assert (outcome.decision, outcome.articles, outcome.confidence) == ("human_only", ("injuries",), 0.6)


@pytest.mark.parametrize("confidence", [0.9, 0.7, 0.4])
def test_that_a_follow_up_of_the_same_article_gets_the_part_of_it(confidence: float) -> None:
    outcome = decided(found("returns", "refunds", confidence=confidence), follows="returns")
    assert (outcome.decision, outcome.articles) == ("follow_up", ("returns",))


def test_that_a_follow_up_to_another_article_is_answered_and_one_about_nothing_is_not() -> None:
    assert decided(REFUNDS, follows="returns").decision == "answer"
    assert decided(found("returns", confidence=0.2), follows="returns").decision == "none"


def test_that_the_article_before_is_the_last_one_given() -> None:
    both = turn("two things", 1, outcome=Outcome("m1", "answer", "returns", also=("refunds",)))
    thanks, now = turn("thanks a lot", 2), turn("and how long", 3)
    assert previous_article([both, thanks, now]) == "refunds"
    assert previous_article([turn_about("answer", "returns"), turn_about("suggest", "sizes", 2), now]) == "returns"
    since = [turn_about("none", None, number) for number in range(2, 5)]
    assert previous_article([turn_about("answer", "returns"), *since, now]) is None
    assert previous_article([now]) is None


def test_that_the_article_of_the_message_itself_is_not_before_it() -> None:
    assert previous_article([turn_about("answer", "returns")]) is None


def test_that_all_articles_given_are_remembered() -> None:
    outcome = decided(RETURNS, REFUNDS)
    assert outcome_from(outcome_event(outcome)["value"]) == outcome


@pytest.mark.parametrize(("given", "again"), [(("returns", "refunds"), True), (("returns",), False)])
def test_that_an_answer_is_a_repeat_only_if_all_of_it_was_given(given: tuple[str, ...], again: bool) -> None:
    before = turn("how do I send boots back", 1, outcome=Outcome("m1", "answer", given[0], also=given[1:]))
    now = Outcome("m2", "answer", "refunds", also=("returns",))
    assert repeats([before, turn("and my money for the boots", 2)], now, Thresholds()) is again


def test_that_a_part_of_the_same_answer_is_no_repeat_and_does_not_make_one() -> None:
    first = turn_about("answer", "returns", 1, "how do I send boots back")
    part = turn("and by post", 2, outcome=Outcome("m2", "follow_up", "returns"))
    now = turn("what about refunds in a shop", 3)
    assert not repeats([first, now], Outcome("m3", "follow_up", "returns"), Thresholds())
    assert not repeats([part, now], Outcome("m3", "answer", "returns"), Thresholds())
    told = [with_outcome(first, Outcome("m1", "answer", "returns")), part, now]
    assert repeats(told, Outcome("m3", "answer", "returns"), Thresholds())


def test_that_asking_the_same_again_is_a_repeat_though_a_part_of_the_answer_would_do() -> None:
    boots, card = (sketch(vector) for vector in np.eye(2, 64))
    returns = {"returns": 0.95}
    first = turn("how do I send boots back", 1, outcome=Outcome("m1", "answer", "returns", 0.9, returns), sketch=boots)
    part = Outcome("m2", "follow_up", "returns", 0.9, returns)
    assert repeats([first, turn("how can I send boots back", 2, sketch=boots)], part, Thresholds())
    assert not repeats([first, turn("do I need the receipt", 2, sketch=card)], part, Thresholds())
    assert repeats([first, turn("no, without the receipt", 2, sketch=card, turned_down=0.8)], part, Thresholds())
