"""Attacks on the assistant: one calm line, then a person, or the end where that is the policy."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import Agent, Customer, Stack


@pytest.fixture
def customer(stack: Stack) -> Customer:
    return stack.customer()


def test_abuse_meets_one_calm_line_and_then_a_person(customer: Customer, mara: Agent) -> None:
    first = customer.say("you stupid, worthless machine")
    assert first["owner"] == "bot"
    assert "keep it civil" in first["replies"][0]["text"]
    assert len(first["replies"]) == 1

    assert customer.say("you pathetic idiots")["owner"] == "waiting"
    assert mara.open(customer.conversation_id)["bundle"]["reason"]["code"] == "abuse"


@pytest.fixture
def closed_out(built: Path, tmp_path: Path) -> Iterator[Customer]:
    running = Stack(tmp_path, OFFRAMP_ABUSE="close").start()
    yield running.customer()
    running.stop()


def test_that_the_second_attack_closes_the_conversation_and_the_exit_stays_open(closed_out: Customer) -> None:
    assert "keep it civil" in closed_out.say("you stupid, worthless machine")["replies"][0]["text"]

    closed = closed_out.say("you pathetic, stupid idiot")
    assert closed["owner"] == "closed"
    assert "not civil" in closed["replies"][-1]["text"]

    again = closed_out.say("sorry. Can I pay with Klarna?")
    assert again["owner"] == "bot"
    assert again["replies"][-1]["article_id"] == "klarna-pay-later"
    assert closed_out.say("I want to talk to a person")["owner"] == "waiting"
