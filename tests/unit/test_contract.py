from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.contract import BestMatch, BotMessage, BotReply, BotRequest, Choice, ContractError, Trace, Trigger

TEXT, PROBABILITY = st.text(max_size=20), st.floats(0, 1)
MAYBE_TEXT = st.none() | TEXT
REQUESTS = st.builds(
    BotRequest, TEXT, TEXT, TEXT, MAYBE_TEXT, TEXT, MAYBE_TEXT, st.integers(0, 10_000), redelivered=st.booleans()
)
TRIGGERS = st.builds(Trigger, TEXT, TEXT, PROBABILITY, PROBABILITY, st.lists(TEXT, max_size=3).map(tuple), MAYBE_TEXT)
CHOICES = st.lists(st.builds(Choice, TEXT, TEXT), max_size=3).map(tuple)
MESSAGES = st.builds(BotMessage, TEXT, CHOICES, MAYBE_TEXT, MAYBE_TEXT, MAYBE_TEXT)
TRACES = st.builds(
    Trace,
    TEXT,
    *[PROBABILITY] * 3,
    MAYBE_TEXT,
    MAYBE_TEXT,
    st.none() | PROBABILITY,
    st.lists(st.builds(BestMatch, TEXT, PROBABILITY), max_size=3).map(tuple),
)
REPLIES = st.builds(
    BotReply,
    st.lists(MESSAGES, max_size=3).map(tuple),
    st.none() | TRIGGERS,
    TRACES,
    st.dictionaries(TEXT, TEXT | st.booleans(), max_size=2),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
NAMES = ["conversation_id", "message_id", "text", "payload", "epoch", "messages", "handoff", "trace", "slots", "hits",
         "choices", "rule", "explanation", "score", "message_ids", "intent", "confidence"]  # fmt: skip
NEARLY = st.dictionaries(st.sampled_from(NAMES), JSON | st.dictionaries(st.sampled_from(NAMES), JSON), max_size=8)
READERS: list[Callable[[Any], Any]] = [
    BotRequest.from_json, BotReply.from_json, BotMessage.from_json, Trigger.from_json, Trace.from_json,
]  # fmt: skip


@given(request=REQUESTS)
def test_that_a_request_arrives_as_it_was_sent(request: BotRequest) -> None:
    assert BotRequest.from_json(json.loads(json.dumps(request.as_json()))) == request


@given(reply=REPLIES)
def test_that_a_reply_arrives_as_it_was_sent(reply: BotReply) -> None:
    assert BotReply.from_json(json.loads(json.dumps(reply.as_json()))) == reply


@pytest.mark.parametrize("read", READERS, ids=lambda read: read.__self__.__name__)
@given(body=JSON | NEARLY)
def test_that_junk_is_a_contract_error_and_nothing_else(read: Callable[[Any], Any], body: Any) -> None:
    try:
        understood = read(body)
    except ContractError:
        return
    json.dumps(understood.as_json() if hasattr(understood, "as_json") else understood.text)


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        {"conversation_id": "c", "message_id": "m"},
        {"conversation_id": 1, "message_id": "m", "text": "t"},
        {"conversation_id": "c", "message_id": "m", "text": "t", "payload": {}},
        {"conversation_id": "c", "message_id": "m", "text": "t", "epoch": "1"},
        {"conversation_id": "c", "message_id": "m", "text": "t", "epoch": float("inf")},
        {"conversation_id": "c", "message_id": "m", "text": "t", "epoch": 10**400},
    ],
)
def test_that_a_half_understood_request_is_refused(body: Any) -> None:
    with pytest.raises(ContractError):
        BotRequest.from_json(body)
