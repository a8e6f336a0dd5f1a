from __future__ import annotations

from turns import Events, outcome, user

from assistant.escalation.history import turns_of
from assistant.escalation.rules import ON_MESSAGE, ON_OUTCOME, first_firing
from assistant.escalation.thresholds import Thresholds

AT = Thresholds()
REFUSALS: Events = [user("not it", 1, intent="did_not_help"), user("still not it", 2, intent="did_not_help")]
UNANSWERED: Events = [
    user("where can I find the map", 1, negative=0.9),
    outcome("none", 1),
    user("the map does not load", 2, negative=0.9),
    outcome("none", 2),
]


def test_that_turns_carry_what_was_measured() -> None:
    [turn] = turns_of([user("get me a person", 1, frustrated=0.25, asked_for_human=0.75), outcome("none", 1)])
    assert (turn.text, turn.scores.frustrated, turn.scores.asked_for_human, turn.intent) == (
        "get me a person",
        0.25,
        0.75,
        "ask_question",
    )
    assert turn.outcome is not None
    assert turn.outcome.decision == "none"


def test_that_what_was_before_the_change_of_owner_cannot_fire_again() -> None:
    assert first_firing(ON_MESSAGE, turns_of(REFUSALS), AT) is not None
    assert first_firing(ON_MESSAGE, turns_of([*REFUSALS, user("not it", 3, 2, "did_not_help")]), AT) is None
    assert first_firing(ON_OUTCOME, turns_of(UNANSWERED), AT) is not None
    assert first_firing(ON_OUTCOME, turns_of([*UNANSWERED, user("i j", 3, 2), outcome("none", 3)]), AT) is None


def test_that_the_same_rule_fires_again_on_what_comes_after() -> None:
    second = [user("no", 3, 2, "did_not_help"), user("no!", 4, 2, "did_not_help")]
    trigger = first_firing(ON_MESSAGE, turns_of([*REFUSALS, *second]), AT)
    assert trigger is not None
    assert trigger.message_ids == ("m3", "m4")


def test_that_an_outcome_belongs_to_its_own_message_only() -> None:
    turns = turns_of([user("one", 1), outcome("none", 1), user("two", 2), outcome("answer", 1, "late")])
    assert turns[1].outcome is None


def test_that_the_command_behind_a_button_is_not_the_customers_words() -> None:
    assert turns_of([user("/rephrase", 1)])[0].text == ""


def test_that_events_of_unknown_shape_are_no_turns() -> None:
    cleared = {"event": "slot", "name": "outcome", "value": None}
    assert turns_of([cleared, {"event": "action", "name": "action_listen"}]) == []
    assert turns_of([{"event": "user", "text": None}])[0].text == ""
