"""Kill each process at random points of a turn: what was accepted is answered once, or is with a human.

`OFFRAMP_FAULT_ROUNDS=20 pytest tests/faults` is the long form.
"""

from __future__ import annotations

import os
import random
import signal
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from stack import Customer, Stack, until

ROUNDS = int(os.environ.get("OFFRAMP_FAULT_ROUNDS", "2"))
CUSTOMERS = 4
QUESTIONS = (
    "how long does delivery take",
    "hi there",
    "which cards do you accept",
    "how do I reset my password",
    "thanks a lot",
)
# A turn takes some 40 ms: kills fall before, within and after it.
KILL_WITHIN_SECONDS = 0.3
# Restart of Rasa (some 10 s on two cores), the turn's deadline, and the sweep.
OUTCOME_SECONDS = 60.0


def test_that_killing_rasa_loses_and_doubles_nothing(stack: Stack) -> None:
    _kill_in_turns(stack, "rasa")


def test_that_killing_the_action_server_loses_and_doubles_nothing(stack: Stack) -> None:
    _kill_in_turns(stack, "actions")


def test_that_killing_the_gateway_loses_and_doubles_nothing(stack: Stack) -> None:
    _kill_in_turns(stack, "gateway")


def test_that_killing_redis_loses_and_doubles_nothing(stack: Stack) -> None:
    _kill_in_turns(stack, "redis")


def test_that_a_frozen_bot_brings_a_human_within_the_deadline(stack: Stack) -> None:
    customer = stack.customer()
    pid = stack.kill("rasa", signal.SIGSTOP)
    try:
        answer = customer.say("how long does delivery take", wait=0)
        until(lambda: customer.owner() == "waiting", 30, "the hand-off")
        texts = [e["text"] for e in customer.events(answer["event"]["id"]) if e["kind"] in ("message", "status")]
        assert any("taking longer" in text for text in texts)
        assert any("getting a person" in text for text in texts)
    finally:
        os.kill(pid, signal.SIGCONT)
    stack.wait_ready()


def _kill_in_turns(stack: Stack, name: str) -> None:
    stack.wait_ready()
    seed = random.randrange(10**6)
    chance = random.Random(seed)
    print(f"seed {seed}")
    for _ in range(ROUNDS):
        customers = [stack.customer() for _ in range(CUSTOMERS)]
        with ThreadPoolExecutor(CUSTOMERS) as pool:
            sending = [pool.submit(_ask_all, customer, chance.random()) for customer in customers]
            time.sleep(chance.uniform(0, KILL_WITHIN_SECONDS))
            killed = stack.kill(name)
            until(lambda killed=killed: stack.processes()[name]["pid"] != killed, 20, f"the restart of {name}")
            accepted = [task.result() for task in sending]
        for customer, ids in zip(customers, accepted, strict=True):
            until(lambda c=customer, i=ids: _all_have_an_outcome(c, i), OUTCOME_SECONDS, "an answer or a human")
        stack.wait_ready()
    audit = stack.run("audit")
    assert audit.returncode == 0, audit.stdout


def _ask_all(customer: Customer, offset: float) -> list[str]:
    """Send all questions as an app does, again and again until each is accepted; returns their event ids."""
    time.sleep(offset * 0.05)
    return [_send(customer, text) for text in QUESTIONS]


def _send(customer: Customer, text: str) -> str:
    body = {"client_message_id": uuid.uuid4().hex, "text": text}
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        try:
            sent = customer.http.post(f"{customer.path}/messages", json=body)
            if sent.status_code == 202:
                return str(sent.json()["event"]["id"])
            assert sent.status_code in (429, 503), sent.text
        except httpx2.HTTPError:
            pass  # the gateway or Redis is being restarted
        time.sleep(0.05)
    raise AssertionError("a message was not accepted within 40 s")


def _all_have_an_outcome(customer: Customer, ids: list[str]) -> bool:
    try:
        events: list[dict[str, Any]] = customer.events()
        owner = customer.owner()
    except (httpx2.HTTPError, AssertionError):
        return False
    logged = [e["id"] for e in events if e["author"]["role"] == "customer"]
    assert logged == sorted(set(ids), key=ids.index), "a message is missing or doubled in the log"
    answered = {e.get("reply_to") for e in events if e["author"]["role"] == "bot"}
    return owner in ("waiting", "human") or all(event_id in answered for event_id in ids)


@pytest.fixture(autouse=True)
def _leave_it_ready(stack: Stack) -> Any:
    yield
    stack.wait_ready()
