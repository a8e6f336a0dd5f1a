"""What agents say of hand-offs, as the log keeps it and as it is read from there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from assistant.channels.slack.blocks import is_shown
from assistant.channels.streams import for_customers
from assistant.contract import Trigger
from assistant.conversation.events import Event, from_stored, stored
from assistant.conversation.record import Record
from assistant.conversation.state import Agent, State
from assistant.handoff.bundle import build_bundle
from assistant.handoff.verdicts import VerdictName, verdict_event
from assistant.observe.verdicts import verdicts

MARA, TOM = Agent("mara", "Mara"), Agent("tom", "Tom")
ANGRY = Trigger("negative_sentiment", "The customer is angry.", 0.981, 0.97, ("1-0",))
BUTTON = Trigger("customer_button", "The customer chose to talk to a person.")


def handoff(trigger: Trigger) -> dict[str, Any]:
    return build_bundle(Record("c1", State(), "web", 1.0), [], trigger, [], {}, 60.0)


def said(bundle: dict[str, Any], verdict: VerdictName, second: int, agent: Agent = MARA) -> Event:
    """As it comes back from the log."""
    return from_stored(f"{second * 1000}-0", stored(verdict_event(bundle, verdict, agent)))


def test_that_a_verdict_comes_with_what_the_rule_had_measured() -> None:
    [one] = verdicts([said(handoff(ANGRY), "needless", 60)])
    assert (one.rule, one.score, one.threshold) == ("negative_sentiment", 0.981, 0.97)
    assert (one.verdict, one.at) == ("needless", "1970-01-01T00:01:00.000Z")


def test_that_the_last_verdict_of_each_handoff_counts() -> None:
    first, second = handoff(ANGRY), handoff(BUTTON)
    log = [
        said(first, "needless", 1),
        said(second, "right", 2),
        said(first, "late", 3, TOM),
    ]
    assert {(one.rule, one.verdict) for one in verdicts(log)} == {
        ("negative_sentiment", "late"),
        ("customer_button", "right"),
    }


def test_that_what_was_said_too_long_ago_is_left_out() -> None:
    old, changed = handoff(BUTTON), handoff(ANGRY)
    log = [said(old, "late", 1), said(changed, "late", 2), said(changed, "right", 9)]
    assert [one.verdict for one in verdicts(log, since_ms=5_000)] == ["right"]


def test_that_customers_never_see_it() -> None:
    event = said(handoff(ANGRY), "needless", 1)
    assert not for_customers(event)
    assert not is_shown(replace(event, text="needless"))
