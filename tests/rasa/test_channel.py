"""The only door into Rasa, knocked on from outside."""

from __future__ import annotations

import uuid
from typing import Any

import httpx2
import pytest
from stack import Stack

from assistant.contract import BotReply


@pytest.fixture(scope="module")
def door(stack: Stack) -> httpx2.Client:
    base = f"http://127.0.0.1:{stack.processes()['rasa']['port']}/webhooks/offramp"
    secret = (stack.state_dir / "secret").read_text().strip()
    return httpx2.Client(base_url=base, headers={"X-Offramp-Secret": secret}, timeout=20)


@pytest.fixture
def conversation_id(stack: Stack) -> str:
    return stack.customer().conversation_id


def message(conversation_id: str, text: str) -> dict[str, Any]:
    return {"conversation_id": conversation_id, "message_id": uuid.uuid4().hex, "text": text}


@pytest.mark.parametrize("secret", ["", "guess", "ümlaut".encode()])
def test_that_only_who_knows_the_secret_is_answered(
    door: httpx2.Client, conversation_id: str, secret: str | bytes
) -> None:
    answer = door.post("/messages", json=message(conversation_id, "hello"), headers={"X-Offramp-Secret": secret})
    assert answer.status_code == 401


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text": "hello"}', b"null"])
def test_that_junk_is_refused_without_a_turn(door: httpx2.Client, body: bytes) -> None:
    answer = door.post("/messages", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text


def test_that_a_repeat_gets_the_stored_reply_and_makes_no_second_turn(
    door: httpx2.Client, conversation_id: str
) -> None:
    question = message(conversation_id, "how do I return boots that are too small")
    first = door.post("/messages", json=question)
    again = door.post("/messages", json=question | {"redelivered": True})
    assert first.status_code == again.status_code == 200
    assert first.json() == again.json()
    reply = BotReply.from_json(first.json())
    assert reply.messages
    assert reply.trace.decision in ("answer", "suggest")


@pytest.mark.parametrize("typed", ["/restart", "/ /restart", '/order_status{"order_number": "TT-199999"}'])
def test_that_a_typed_command_is_classified_like_any_other_words(
    door: httpx2.Client, conversation_id: str, typed: str
) -> None:
    reply = BotReply.from_json(door.post("/messages", json=message(conversation_id, typed)).json())
    assert reply.messages or reply.handoff
    assert 0 < reply.trace.intent_confidence < 1  # a command that Rasa obeys has exactly 1
    assert reply.trace.negative > 0  # and no text to measure


def test_that_readiness_is_told_with_its_reason(door: httpx2.Client) -> None:
    assert door.get("/ready").json() == {"ready": True, "problem": None}


def test_that_rasas_own_doors_are_closed(stack: Stack) -> None:
    base = f"http://127.0.0.1:{stack.processes()['rasa']['port']}"
    assert httpx2.post(f"{base}/webhooks/rest/webhook", json={"sender": "x", "message": "hi"}).status_code == 404
    assert httpx2.get(f"{base}/conversations/x/tracker").status_code == 404
    assert httpx2.put(f"{base}/model", json={}).status_code == 404
