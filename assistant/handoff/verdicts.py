"""What agents say of a hand-off afterwards: it was right, needless or late. Pure; the log keeps every word of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from assistant.conversation.events import Author, Event, Kind, Role
from assistant.conversation.state import Agent

# `needless`: the assistant could have gone on. `late`: the customer should have got a person earlier.
VerdictName = Literal["right", "needless", "late"]

# What a verdict keeps of each trigger.
MEASURED = ("rule", "score", "threshold", "measure")


def verdict_event(bundle: Mapping[str, Any], verdict: VerdictName, agent: Agent) -> Event:
    """The event for agents that says it: `handoff_id`, `verdict`, and of each trigger `MEASURED`.

    The triggers come along because a later hand-off replaces the bundle.
    """
    triggers = [{name: one.get(name) for name in MEASURED} for one in bundle["reason"]["triggers"]]
    said = {"handoff_id": bundle["handoff_id"], "verdict": verdict, "triggers": triggers}
    return Event(Kind.VERDICT, Author(Role.AGENT, agent.name), verdict=said)


def last_verdicts(events: Sequence[Event]) -> dict[str, Event]:
    """The verdict that counts, by `handoff_id`; `events` oldest first."""
    return {e.verdict["handoff_id"]: e for e in events if e.kind is Kind.VERDICT and e.verdict}
