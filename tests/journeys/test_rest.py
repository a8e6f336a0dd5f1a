"""The REST contract of mobile apps: idempotency, following the log, erasure, limits, shapes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from live import stream
from problem import check_problem
from redis import Redis
from stack import ROOT, Agent, Customer, Stack, free_port, until

QUESTION = "What forms of payment do you take at checkout?"
OWNERS = {"bot", "waiting", "human", "closed"}
EVENT_FIELDS = {"id", "at", "kind", "author", "text", "html", "choices", "article_id", "source", "status"}
OUR_FIELDS = {"owner", "client_message_id", "reply_to", "event_id", "helpful"}


@pytest.fixture
def customer(stack: Stack) -> Customer:
    return stack.customer()


def check_event(event: dict[str, Any]) -> None:
    assert {"id", "at", "kind", "author"} <= set(event) <= EVENT_FIELDS | OUR_FIELDS
    assert event["kind"] in {"message", "status", "feedback"}
    assert set(event["author"]) == {"role", "name"}
    assert event["author"]["role"] in {"customer", "bot", "agent", "system"}
    assert event["at"].endswith("Z")
    for choice in event.get("choices", []):
        assert set(choice) == {"id", "label"}
    if "source" in event:
        assert set(event["source"]) == {"title", "url"}
    if event["kind"] == "status":
        assert event["status"]
        assert event["text"]


def test_answers_have_the_agreed_shape(stack: Stack) -> None:
    with httpx2.Client(base_url=stack.url, timeout=30) as http:
        body = {"channel": "web", "locale": "en-GB", "context": {"page_url": "https://shop.example/", "cart": [1, 2]}}
        started = http.post("/v1/conversations", json=body)
    assert started.status_code == 201
    assert set(started.json()) == {"conversation_id", "token", "greeting"}
    check_event(started.json()["greeting"])
    customer = stack.customer()

    sent = customer.say(QUESTION)
    assert set(sent) == {"event", "replies", "owner"}
    unsure = customer.say("change the date of my delivery")
    assert unsure["replies"][0]["choices"]
    asked = customer.http.post(f"{customer.path}/handoff")
    assert set(asked.json()) == {"conversation_id", "owner", "queue"}
    shown = customer.http.get(customer.path).json()
    assert set(shown) == {"conversation_id", "owner", "queue"}
    assert set(shown["queue"]) == {"position", "wait_seconds"}
    assert {sent["owner"], shown["owner"]} <= OWNERS

    read = customer.http.get(f"{customer.path}/events").json()
    assert set(read) == {"events", "next"}
    assert read["next"] >= read["events"][-1]["id"]
    assert [e["kind"] for e in read["events"]] == ["message"] * 5 + ["status"]
    for event in read["events"]:
        check_event(event)


def test_a_repeated_message_is_accepted_once(customer: Customer) -> None:
    body = {"client_message_id": uuid.uuid4().hex, "text": QUESTION}
    first = customer.send(body)
    with ThreadPoolExecutor(4) as pool:
        again = list(pool.map(lambda _: customer.send(body), range(4)))

    assert all(answer["event"] == first["event"] and answer["replies"] == first["replies"] for answer in again)
    assert [e.get("text") for e in customer.events() if e["author"]["role"] == "customer"] == [QUESTION]


def test_another_message_under_a_known_id_is_refused(customer: Customer) -> None:
    body = {"client_message_id": "known", "text": QUESTION}
    customer.send(body)

    refused = customer.http.post(f"{customer.path}/messages", json={**body, "text": "something else"})

    assert check_problem(refused, 409)["code"] == "idempotency_conflict"


def test_without_waiting_a_message_is_acknowledged_and_the_answer_follows(customer: Customer) -> None:
    accepted = customer.say(QUESTION, wait=0)
    assert set(accepted) == {"event", "owner"}

    [reply] = customer.events(after=accepted["event"]["id"], wait=20)

    assert reply["reply_to"] == accepted["event"]["id"]
    assert reply["article_id"] == "payment-methods"


def test_messages_sent_in_a_burst_are_answered_in_order(customer: Customer) -> None:
    sent = [customer.say(text, wait=0)["event"]["id"] for text in ("hello", QUESTION, "thank you", "hi", "bye")]

    def answered() -> list[str]:
        return [event["reply_to"] for event in customer.events() if "reply_to" in event]

    until(lambda: len(answered()) == len(sent), 20, "an answer to each")
    assert answered() == sent


def test_a_long_poll_returns_when_the_agent_writes(customer: Customer, mara: Agent) -> None:
    mara.act(customer.conversation_id, "claim")
    last = customer.events()[-1]["id"]
    with ThreadPoolExecutor() as pool:
        started = time.monotonic()
        poll = pool.submit(customer.events, last, 25)
        assert not poll.done()
        sent = mara.say(customer.conversation_id, "Good morning.").json()["event"]
        assert poll.result() == [sent]
    assert time.monotonic() - started < 10, "it did not sit the wait out"


def test_a_long_poll_without_news_ends_empty(customer: Customer) -> None:
    last = customer.events()[-1]["id"]
    read = customer.http.get(f"{customer.path}/events", params={"after": last, "wait": 0.3})

    assert read.json() == {"events": [], "next": last}


def test_a_stream_resumes_without_gap_or_repeat(customer: Customer, mara: Agent) -> None:
    mara.act(customer.conversation_id, "claim")
    path = f"{customer.path}/events"
    seen: list[str] = []
    for number in range(4):
        resume = {"Last-Event-ID": seen[-1]} if seen else {}
        with stream(customer.http, path, **resume) as live:
            mara.say(customer.conversation_id, f"line {number}")
            live.until_text(f"line {number}")
            assert live.ids == [frame["id"] for frame in live.frames]
            seen += live.ids
        mara.say(customer.conversation_id, f"while away {number}")
    with stream(customer.http, f"{path}?after={seen[-1]}") as live:
        live.until_text("while away 3")
        seen += live.ids

    assert seen == [event["id"] for event in customer.events()]
    assert len(seen) == 2 + 8


def test_only_messages_of_the_assistant_can_be_rated(customer: Customer) -> None:
    own = customer.say(QUESTION)["event"]["id"]
    for event_id in (own, "1-0"):
        check_problem(
            customer.http.post(f"{customer.path}/feedback", json={"event_id": event_id, "helpful": True}), 404
        )


def test_erasing_leaves_nothing(stack: Stack, customer: Customer, mara: Agent) -> None:
    cid = customer.conversation_id
    customer.say(QUESTION)
    customer.say("let me speak to a person")
    mara.act(cid, "claim")
    mara.say(cid, "a note", "notes")
    customer.say("delete it all")

    with stream(mara.http, "/v1/desk/events") as desk:
        desk.until_line(":")
        assert customer.http.delete(customer.path).status_code == 204
        gone = desk.until(lambda frame: frame["conversation_id"] == cid and frame["event"] is None)
    assert gone["row"] is None, "an open desk drops it at once"

    check_problem(customer.http.get(customer.path), 401)
    check_problem(customer.http.post(f"{customer.path}/messages", json={"client_message_id": "z", "text": "x"}), 401)
    check_problem(mara.http.get(f"/v1/desk/conversations/{cid}"), 404)
    assert cid not in [row["conversation_id"] for row in mara.queue("all")]
    with Redis.from_url(stack.redis_url(), decode_responses=True) as redis:
        # The rate limit's counter holds the id for the seconds it lives.
        until(lambda: not list(redis.scan_iter(f"*{cid}*", count=10_000)), 5, "every key gone")
        indexes = [key for key in redis.scan_iter("offramp:*", count=10_000) if redis.type(key) == "zset"]
        assert not [key for key in indexes if redis.zscore(key, cid) is not None]


@pytest.fixture(scope="module")
def second_gateway(stack: Stack) -> Iterator[str]:
    """Another gateway on the same Redis, Rasa and action server, which allows two messages a second."""
    ports = {name: process["port"] for name, process in stack.processes().items()}
    port = free_port()
    environment = {
        **os.environ,
        "OFFRAMP_STATE_DIR": str(stack.state_dir),
        "OFFRAMP_REDIS_URL": stack.redis_url(),
        "OFFRAMP_BOT_URL": f"http://127.0.0.1:{ports['rasa']}",
        "OFFRAMP_ACTIONS_URL": f"http://127.0.0.1:{ports['actions']}/webhook",
        "OFFRAMP_BOT_SECRET": (stack.state_dir / "secret").read_text().strip(),
        "OFFRAMP_MESSAGES_PER_SECOND": "2",
    }
    command = [sys.executable, "-m", "uvicorn", "--factory", "assistant.app:create_app", "--port", str(port)]
    url = f"http://127.0.0.1:{port}"

    def ready() -> bool:
        try:
            return httpx2.get(f"{url}/readyz", timeout=3).status_code == 200
        except httpx2.HTTPError:
            return False

    with (stack.state_dir / "second-gateway.log").open("wb") as log:
        gateway = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=log, stderr=log)
        try:
            until(ready, 60, "the second gateway's start")
            yield url
        finally:
            gateway.terminate()
            gateway.wait(20)


def test_too_many_messages_are_refused_for_a_moment(second_gateway: str) -> None:
    customer = Customer.start(second_gateway)
    body = {"client_message_id": "same", "text": "hello"}

    def send() -> httpx2.Response | None:
        sent = customer.http.post(f"{customer.path}/messages", params={"wait": 0}, json=body)
        return sent if sent.status_code != 202 else None

    refused = until(send, 10, "a refusal")
    check_problem(refused, 429)
    assert int(refused.headers["Retry-After"]) > 0
    until(lambda: send() is None, 10, "being let in again")


def test_a_conversation_goes_on_at_any_gateway(stack: Stack, second_gateway: str, mara: Agent) -> None:
    customer = stack.customer()
    customer.say("where is my order?")
    elsewhere = httpx2.Client(base_url=second_gateway, headers=customer.http.headers, timeout=30)
    with elsewhere, stream(elsewhere, f"{customer.path}/events") as live:
        body = {"client_message_id": "there", "text": "TT-104233"}
        sent = elsewhere.post(f"{customer.path}/messages", params={"wait": 20}, json=body)
        assert "delivered" in sent.json()["replies"][0]["text"]
        mara.act(customer.conversation_id, "claim")
        mara.say(customer.conversation_id, "I'm at the other gateway.")

        assert live.until_text("I'm at the other gateway.")["author"]["name"] == "Mara"


def test_the_operator_and_developer_pages_answer(stack: Stack) -> None:
    with httpx2.Client(base_url=stack.url) as http:
        assert http.get("/healthz").json() == {"alive": True}
        ready = http.get("/readyz")
        assert ready.json() == {"ready": True, "dependencies": {"redis": None, "rasa": None, "actions": None}}
        metrics = http.get("/metrics")
        assert metrics.headers["content-type"].startswith("text/plain")
        assert "# TYPE" in metrics.text
        for page in ("/docs", "/", "/desk", "/widget/"):
            assert http.get(page).headers["content-type"].startswith("text/html"), page
        assert "javascript" in http.get("/widget.js").headers["content-type"]
        described = http.get("/openapi.json").json()["paths"]
    for path, methods in {
        "/v1/conversations": {"post"},
        "/v1/conversations/{conversation_id}/messages": {"post"},
        "/v1/conversations/{conversation_id}/events": {"get"},
        "/v1/conversations/{conversation_id}/handoff": {"post", "delete"},
        "/v1/desk/sessions": {"post", "delete"},
        "/v1/desk/queue": {"get"},
        "/v1/desk/events": {"get"},
    }.items():
        assert methods <= set(described[path]), path
