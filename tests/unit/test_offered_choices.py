"""Only articles that have a chance are offered, and the words around them fit how many there are."""

from __future__ import annotations

from typing import Any

import pytest
from canned import Canned
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from turns import turn

from actions import wording
from actions.answer import ActionOtherAnswers, hits_of, outcome_event, say
from actions.decision import decide
from actions.live_knowledge_base import LiveKnowledgeBase, Understood
from assistant.escalation.turns import Outcome
from knowledge_base.confidence import decide as band
from knowledge_base.search import Hit, SearchResult
from knowledge_base.understanding import Asked

LIKELY = ("returns", 0.7, 0.7)


def result(*hits: tuple[str, float, float]) -> SearchResult:
    """Hits of article, probability, and probability if the first is wrong."""
    return SearchResult(band(hits[0][1]), hits[0][1], tuple(Hit(a, p, p, other) for a, p, other in hits), {})


def said(found: SearchResult, decision: str = "") -> tuple[str, list[str]]:
    """What is said, and the titles of the buttons below it."""
    shop, now = Canned({"?": found}), turn("?", 1)
    asked = (Asked("?", found),)
    outcome = decide(asked, now, shop)
    if decision:
        outcome = Outcome("m1", decision, found.hits[0].article_id)
    dispatcher = CollectingDispatcher()
    say(dispatcher, Understood(shop, asked), outcome, now)
    (message,) = dispatcher.messages
    return message["text"], [button["title"] for button in message["buttons"]]


def test_that_beside_the_likely_article_stand_two_that_may_be_meant_instead() -> None:
    found = result(LIKELY, ("sizes", 0.02, 0.3), ("refunds", 0.02, 0.2), ("gifts", 0.01, 0.15), ("jobs", 0.0, 0.01))
    text, buttons = said(found)
    assert text.startswith(wording.CLOSEST)
    assert buttons == ["About sizes?", "About refunds?", "None of these"]


def test_that_a_likely_article_that_nothing_is_near_to_stands_alone() -> None:
    text, buttons = said(result(LIKELY, ("jobs", 0.02, 0.05)))
    assert text == f"{wording.CLOSEST_ALONE}\n\nAll about returns."
    assert buttons == ["No, something else"]


def test_that_an_answer_given_before_is_followed_by_others_or_by_none() -> None:
    text, buttons = said(result(("returns", 0.9, 0.9), ("sizes", 0.01, 0.4), ("jobs", 0.0, 0.02)), "repeat")
    assert (text, buttons) == (wording.SAME_ANSWER_AGAIN, ["About sizes?", "Talk to a person"])
    text, buttons = said(result(("returns", 0.9, 0.9), ("jobs", 0.0, 0.02)), "repeat")
    assert (text, buttons) == (wording.SAME_ANSWER_NO_OTHERS, ["I'll rephrase", "Talk to a person"])


@pytest.mark.parametrize(("second", "text"), [(0.2, wording.DID_YOU_MEAN), (0.05, wording.DID_YOU_MEAN_THIS)])
def test_that_a_question_back_names_only_what_may_be_meant(second: float, text: str) -> None:
    asked, buttons = said(result(("returns", 0.45, 0.45), ("sizes", second, second)))
    assert asked == text
    assert buttons == ["About returns?", *(["About sizes?"] if second == 0.2 else []), "None of these"]


def test_that_a_second_question_without_an_answer_is_not_met_with_choices() -> None:
    sure, vague = result(("returns", 0.9, 0.9)), result(("jobs", 0.05, 0.05), ("gifts", 0.02, 0.06))
    asked = (Asked("one", sure), Asked("is there a *cafe*?", vague))
    dispatcher = CollectingDispatcher()
    say(
        dispatcher, Understood(Canned({"1": sure, "2": vague}), asked), Outcome("m1", "answer", "returns"), turn("?", 1)
    )
    answer, rest = dispatcher.messages
    assert answer["text"].endswith("All about returns.")
    assert rest["text"].startswith("You also asked “is there a cafe”. I don't have an answer to that")
    assert [button["title"] for button in rest["buttons"]] == ["I'll rephrase", "Talk to a person"]


async def after_no(
    found: SearchResult, decision: str, article_id: str | None, also: tuple[str, ...] = ()
) -> tuple[str, list[str]]:
    """What is said when that was not it."""
    shop = Canned({"?": found})
    live = LiveKnowledgeBase(lambda: shop, lambda: "v1", None)  # type: ignore[arg-type]  # nothing is searched
    outcome: Any = outcome_event(Outcome("m1", decision, article_id, also=also), hits_of(found))
    tracker = Tracker("c", {outcome["name"]: outcome["value"]}, {}, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    await ActionOtherAnswers(live).run(dispatcher, tracker, {})
    return dispatcher.messages[0]["text"], [button["title"] for button in dispatcher.messages[0]["buttons"]]


@pytest.mark.anyio
async def test_that_what_did_not_help_is_followed_by_what_was_not_offered_yet() -> None:
    hits = ("sizes", 0.02, 0.3), ("refunds", 0.02, 0.2), ("gifts", 0.01, 0.15), ("jobs", 0.0, 0.01)
    beside = await after_no(result(LIKELY, *hits), "suggest", "returns")
    assert beside == (wording.NOT_HELPFUL, ["About gifts?", "Talk to a person"])
    asked = await after_no(result(("returns", 0.45, 0.45), *hits), "suggest", None)
    assert asked == (wording.NOT_HELPFUL, ["About gifts?", "Talk to a person"])
    answered = await after_no(result(("returns", 0.95, 0.95), *hits), "answer", "returns")
    assert answered[1] == ["About sizes?", "About refunds?", "About gifts?", "Talk to a person"]


@pytest.mark.anyio
async def test_that_what_two_questions_were_given_is_not_offered_once_more() -> None:
    found = result(("returns", 0.9, 0.9), ("gifts", 0.01, 0.3), ("refunds", 0.01, 0.2), ("gifts", 0.01, 0.3))
    assert (await after_no(found, "answer", "returns", also=("refunds",)))[1] == ["About gifts?", "Talk to a person"]


@pytest.mark.anyio
async def test_that_nothing_is_offered_where_nothing_is_likely() -> None:
    found = result(("returns", 0.05, 0.05), ("jobs", 0.02, 0.04))
    assert await after_no(found, "none", None) == (
        wording.NOT_HELPFUL_NO_OTHERS,
        ["I'll rephrase", "Talk to a person"],
    )
