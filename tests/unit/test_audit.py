from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.conversation.events import Author, Event, Kind, Role
from assistant.observe.audit import violations

CUSTOMER, BOT, AGENT, SYSTEM = (Author(role) for role in (Role.CUSTOMER, Role.BOT, Role.AGENT, Role.SYSTEM))


def said(number: int, author: Author, reply_to: int | None = None) -> Event:
    return Event(Kind.MESSAGE, author, f"{number}-0", text="…", reply_to=reply_to and f"{reply_to}-0")


def trace(number: int, reply_to: int) -> Event:
    return Event(Kind.TRACE, SYSTEM, f"{number}-0", reply_to=f"{reply_to}-0", trace={})


def owner(number: int, name: str) -> Event:
    return Event(Kind.STATUS, SYSTEM, f"{number}-0", status="changed", owner=name)


# A customer asks, is answered, asks again, gets a human, goes back to the bot and asks a last time.
CLEAN = [
    said(1, BOT),
    said(2, CUSTOMER), said(3, BOT, 2), trace(4, 2),
    said(5, CUSTOMER), owner(6, "waiting"),
    owner(7, "human"), said(8, AGENT), said(9, CUSTOMER),
    owner(10, "bot"), said(11, CUSTOMER), said(12, BOT, 11), trace(13, 11),
]  # fmt: skip


def found(events: list[Event], *pending: str) -> str:
    return " / ".join(violations("c1", events, set(pending)))


def test_that_a_clean_log_passes() -> None:
    assert found(CLEAN) == ""


def test_that_a_queued_message_is_not_yet_missing_its_answer() -> None:
    waiting = [*CLEAN, said(14, CUSTOMER)]
    assert found(waiting, "14-0") == ""
    assert found(waiting) == "c1: 14-0 has neither an answer nor a human"


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ([said(12, CUSTOMER)], "ids do not rise"),
        ([trace(14, 11)], "was written 2 times"),
        ([owner(14, "human"), said(15, BOT, 11)], "the bot spoke while a human owned"),
        ([said(14, AGENT)], "an agent spoke while the owner was bot"),
        ([said(14, BOT, 99)], "replies to a later message"),
        ([replace(said(14, BOT), reply_to="0-7")], "which was never logged"),
    ],
)
def test_that_each_violation_is_found(extra: list[Event], problem: str) -> None:
    assert problem in found([*CLEAN, *extra])
