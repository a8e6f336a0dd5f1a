"""A shop that closes a conversation after the second attack instead of giving it to its people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stack import Customer, Stack


@pytest.fixture
def customer(built: Path, tmp_path: Path) -> Iterator[Customer]:
    running = Stack(tmp_path, OFFRAMP_ABUSE="close").start()
    yield running.customer()
    running.stop()


def test_that_the_second_attack_closes_the_conversation_and_the_exit_stays_open(customer: Customer) -> None:
    assert "keep it civil" in customer.say("you stupid, worthless machine")["replies"][0]["text"]

    closed = customer.say("you pathetic, stupid idiot")
    assert closed["owner"] == "closed"
    assert "not civil" in closed["replies"][-1]["text"]

    again = customer.say("sorry. Can I pay with Klarna?")
    assert again["owner"] == "bot"
    assert again["replies"][-1]["article_id"] == "klarna-pay-later"
    assert customer.say("I want to talk to a person")["owner"] == "waiting"
