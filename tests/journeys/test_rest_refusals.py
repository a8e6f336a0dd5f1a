"""What the REST channel refuses, and how it says so: bad input, somebody else's conversation, no token."""

from __future__ import annotations

import json

import httpx2
import pytest
from problem import check_problem
from stack import Customer, Stack

NOBODY = "a" * 26


@pytest.fixture(scope="module")
def quiet(stack: Stack) -> Customer:
    """For requests that are refused: nothing ever changes in it."""
    return stack.customer()


def deep(levels: int) -> str:
    return "[" * levels + "]" * levels


BAD_MESSAGES = {
    "empty text": ('{"client_message_id":"a","text":""}', 422),
    "blank text": ('{"client_message_id":"a","text":" \\n "}', 422),
    "only NUL": ('{"client_message_id":"a","text":"\\u0000"}', 422),
    "lone surrogate": ('{"client_message_id":"a","text":"\\ud800"}', 422),
    "lone surrogate in the id": ('{"client_message_id":"\\ud800","text":"x"}', 422),
    "lone surrogate in a name": ('{"client_message_id":"a","text":"x","\\ud800":1}', 422),
    "4001 characters": (json.dumps({"client_message_id": "a", "text": "é" * 4001}), 422),
    "64 kB": (json.dumps({"client_message_id": "a", "text": "x" * 65_536}), 413),
    "a million characters": (json.dumps({"client_message_id": "a", "text": "x" * 1_000_000}), 413),
    "text is a number": ('{"client_message_id":"a","text":1}', 422),
    "text is a list": ('{"client_message_id":"a","text":["x"]}', 422),
    "text is NaN": ('{"client_message_id":"a","text":NaN}', 422),
    "id is a number": ('{"client_message_id":1,"text":"x"}', 422),
    "id is empty": ('{"client_message_id":"","text":"x"}', 422),
    "no id": ('{"text":"x"}', 422),
    "neither text nor choice": ('{"client_message_id":"a"}', 422),
    "text and choice": ('{"client_message_id":"a","text":"x","choice_id":"y"}', 422),
    "a choice never offered": ('{"client_message_id":"a","choice_id":"/ask_for_human"}', 422),
    "extra field": ('{"client_message_id":"a","text":"x","owner":"human"}', 422),
    "a list": ("[]", 422),
    "null": ("null", 422),
    "nothing": ("", 422),
    "not JSON": ("hello", 422),
    "half of JSON": ('{"client_message_id":', 422),
    "not UTF-8": (b'{"client_message_id":"a","text":"\xff"}', 400),
    "9000 deep": (deep(9000), 400),
    "9000 deep in a field": ('{"client_message_id":"a","text":' + deep(9000) + "}", 400),
}


@pytest.mark.parametrize(("body", "status"), BAD_MESSAGES.values(), ids=BAD_MESSAGES.keys())
def test_a_bad_message_gets_a_problem_and_changes_nothing(body: str | bytes, status: int, quiet: Customer) -> None:
    before = quiet.events()
    sent = quiet.http.post(f"{quiet.path}/messages", content=body, headers={"Content-Type": "application/json"})

    check_problem(sent, status)
    assert quiet.events() == before


BAD_STARTS = {
    "unknown channel": ('{"channel":"fax"}', 422),
    "locale": ('{"locale":"<script>"}', 422),
    "context is a list": ('{"context":[]}', 422),
    "context too large": (json.dumps({"context": {"page_url": "x" * 4_000}}), 422),
    "context too deep": ('{"context":{"a":' + deep(500) + "}}", 422),
    "context with NaN": ('{"context":{"page_url":NaN}}', 422),
    "context with a lone surrogate": ('{"context":{"page_url":"\\ud800"}}', 422),
    "extra field": ('{"token":"mine"}', 422),
}


@pytest.mark.parametrize(("body", "status"), BAD_STARTS.values(), ids=BAD_STARTS.keys())
def test_a_bad_start_gets_a_problem(body: str, status: int, quiet: Customer) -> None:
    started = quiet.http.post("/v1/conversations", content=body, headers={"Content-Type": "application/json"})

    check_problem(started, status)


@pytest.mark.parametrize("wait", ["x", "-1", "26", "nan", "inf", ""])
def test_a_wrong_wait_gets_a_problem(wait: str, quiet: Customer) -> None:
    check_problem(quiet.http.get(f"{quiet.path}/events", params={"wait": wait}), 422)
    body = {"client_message_id": "w", "text": "hello"}
    check_problem(quiet.http.post(f"{quiet.path}/messages", params={"wait": wait}, json=body), 422)


@pytest.mark.parametrize("after", ["x", "-1", "5-", "1-2-3", "99999999999999999999", "1-99999999999999999999", "١"])
def test_a_wrong_after_gets_a_problem(after: str, quiet: Customer) -> None:
    check_problem(quiet.http.get(f"{quiet.path}/events", params={"after": after}), 422)
    check_problem(quiet.http.get(f"{quiet.path}/events", headers={"Last-Event-ID": after.encode()}), 422)
    rating = {"event_id": after, "helpful": True}
    check_problem(quiet.http.post(f"{quiet.path}/feedback", json=rating), 422)


def test_somebody_elses_conversation_looks_like_none(stack: Stack, quiet: Customer) -> None:
    other = stack.customer()
    for method, path in (
        ("GET", ""),
        ("GET", "/events"),
        ("POST", "/messages"),
        ("POST", "/handoff"),
        ("DELETE", "/handoff"),
        ("POST", "/typing"),
        ("DELETE", ""),
    ):
        body = {"client_message_id": "a", "text": "x"} if path == "/messages" else None
        answers = [
            quiet.http.request(method, f"/v1/conversations/{cid}{path}", json=body)
            for cid in (other.conversation_id, NOBODY, "nothing")
        ]
        for answer in answers:
            check_problem(answer, 404)
        assert len({answer.content for answer in answers}) == 1
    assert other.owner() == "bot"


@pytest.mark.parametrize(
    "authorization",
    [
        b"",
        b"Bearer",
        b"Bearer nonsense",
        b"Basic abc",
        b"Bearer " + NOBODY.encode() + b".x",
        b"Bearer \xff\xfe",
        b"Bearer {own}.wrong",
    ],
)
def test_a_missing_or_bad_token_is_refused(authorization: bytes, stack: Stack, quiet: Customer) -> None:
    token = authorization.replace(b"{own}", quiet.conversation_id.encode())
    headers = {b"Authorization": token} if token else {}
    with httpx2.Client(base_url=stack.url, headers=headers) as http:
        for path in ("", "/events"):
            assert check_problem(http.get(f"{quiet.path}{path}"), 401)["code"] == "not_authenticated"
        check_problem(http.post(f"{quiet.path}/messages", json={"client_message_id": "a", "text": "x"}), 401)
        check_problem(http.delete(quiet.path), 401)


def test_unknown_addresses_and_methods_get_problems(quiet: Customer) -> None:
    check_problem(quiet.http.get("/v1/nothing"), 404)
    check_problem(quiet.http.put(quiet.path), 405)
