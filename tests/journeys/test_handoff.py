"""From the bot to a person and back: every way there, what the agent sees, and who may speak when."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from live import stream
from stack import Agent, Customer, Stack, until

ANGRY = "This is absolutely disgusting, you have ruined my holiday and I am furious!!!"
QUESTION, ARTICLE = "What forms of payment do you take at checkout?", "payment-methods"
REACH_THE_QUEUE_SECONDS = 2.0


@pytest.fixture
def customer(stack: Stack) -> Customer:
    return stack.customer(context={"page_url": "https://shop.example/boots"})


@pytest.mark.parametrize(
    "words",
    [
        "let me speak to a person",
        "can I talk to a human please",
        "I want a real person",
        "get me an agent",
        "put me through to someone",
        "connect me with customer service staff",
        "is there anybody I can talk to?",
        "I'd rather deal with a human being",
        "could a member of your team help me instead",
        "HUMAN",
    ],
)
def test_asking_for_a_person_in_any_words_reaches_the_queue(words: str, customer: Customer, mara: Agent) -> None:
    asked = time.monotonic()
    answer = customer.say(words)
    row = until(lambda: mara.row(customer.conversation_id), REACH_THE_QUEUE_SECONDS, "reaching the queue")

    assert time.monotonic() - asked < REACH_THE_QUEUE_SECONDS
    assert answer["owner"] == row["owner"] == "waiting"
    assert row["reason"]["code"] == "asked_for_human"
    assert words in row["reason"]["text"]


def test_the_button_reaches_the_queue_with_its_note(customer: Customer, mara: Agent) -> None:
    asked = customer.http.post(f"{customer.path}/handoff", json={"note": "about a gift"})

    assert asked.status_code == 202
    assert asked.json()["owner"] == "waiting"
    assert asked.json()["queue"]["position"] >= 1
    reason = mara.open(customer.conversation_id)["bundle"]["reason"]
    assert reason["code"] == "customer_button"
    assert "about a gift" in reason["text"]


def test_pressing_the_button_twice_asks_once(customer: Customer) -> None:
    for _ in range(2):
        assert customer.http.post(f"{customer.path}/handoff").status_code == 202

    assert customer.statuses() == ["handoff_requested"]


def test_an_angry_message_brings_a_human(customer: Customer, mara: Agent) -> None:
    assert customer.say(ANGRY)["owner"] == "waiting"

    opened = mara.open(customer.conversation_id)
    assert opened["conversation"]["reason"]["code"] == "negative_sentiment"
    assert opened["bundle"]["sentiment"]["now"] > 0.9


def test_a_topic_that_only_people_handle_brings_one_at_the_first_message(customer: Customer, mara: Agent) -> None:
    answer = customer.say("I think someone used my card on your site without my permission")

    assert answer["owner"] == "waiting"
    assert answer["replies"][0]["article_id"] == "unknown-charge-fraud"
    row = mara.row(customer.conversation_id)
    assert row is not None
    assert row["reason"]["code"] == "sensitive_topic"


def test_the_agent_sees_why_what_was_tried_and_everything_that_was_said(customer: Customer, mara: Agent) -> None:
    where = customer.say("where is my order TT-104233?")
    answered = customer.say(QUESTION)
    rating = {"event_id": answered["replies"][0]["id"], "helpful": True}
    assert customer.http.post(f"{customer.path}/feedback", json=rating).status_code == 202
    asked = customer.say("my address is jo@example.org, let me speak to a person")

    opened = mara.open(customer.conversation_id)
    bundle = opened["bundle"]

    assert bundle["version"] == 1
    assert bundle["conversation_id"] == customer.conversation_id
    assert bundle["channel"]["type"] == "app"
    assert bundle["page_url"] == "https://shop.example/boots"
    assert bundle["reason"]["code"] == "asked_for_human"
    [trigger] = bundle["reason"]["triggers"]
    assert trigger["message_ids"] == [asked["event"]["id"]]
    assert trigger["score"] >= trigger["threshold"]
    [attempt] = bundle["attempts"]
    assert (attempt["question"], attempt["article_id"], attempt["feedback"]) == (QUESTION, ARTICLE, "helpful")
    assert attempt["article_title"] == "Which ways of paying do you accept?"
    assert 0.5 < attempt["score"] <= 1
    facts = {(fact["kind"], fact["value"]) for fact in bundle["facts"]}
    assert {("order_number", "TT-104233"), ("email", "jo@example.org")} <= facts
    assert bundle["slots"].get("order_number", "TT-104233") == "TT-104233"
    assert QUESTION in bundle["summary"]
    said = [where["event"]["id"], answered["event"]["id"], asked["event"]["id"]]
    assert [point["message_id"] for point in bundle["sentiment"]["trend"]][-3:] == said
    assert all(0 <= point["negative"] <= 1 for point in bundle["sentiment"]["trend"])
    shown = [event["id"] for event in opened["transcript"] if event["kind"] in ("message", "status", "feedback")]
    assert shown == [event["id"] for event in customer.events()], "the agent reads all that the customer reads"


def test_a_claim_and_a_reply_are_seen_live(customer: Customer, mara: Agent) -> None:
    customer.say("let me speak to a person")
    last = customer.events()[-1]["id"]
    with ThreadPoolExecutor() as pool, stream(customer.http, f"{customer.path}/events?after={last}") as live:
        poll = pool.submit(customer.events, last, 20)
        claimed = mara.act(customer.conversation_id, "claim")
        assert claimed.json() == {"owner": "human", "agent": {"username": "mara", "name": "Mara"}}
        assert [event["status"] for event in poll.result()] == ["agent_joined"]
        joined = live.until(lambda event: event.get("status") == "agent_joined")
        assert "Mara" in joined["text"]

        poll = pool.submit(customer.events, joined["id"], 20)
        sent = mara.say(customer.conversation_id, "Hello, I am **Mara**.").json()["event"]
        assert poll.result() == [sent]
        assert live.until_text(sent["text"]) == sent
        assert sent["author"] == {"role": "agent", "name": "Mara"}
        assert "<strong>Mara</strong>" in sent["html"]


def test_the_agent_sees_the_customers_messages_live_and_the_bot_keeps_quiet(customer: Customer, mara: Agent) -> None:
    customer.say("let me speak to a person")
    mara.act(customer.conversation_id, "claim")
    with stream(mara.http, "/v1/desk/events") as desk:
        desk.until_line(":")
        answer = customer.say(QUESTION)

        frame = desk.until(lambda frame: (frame["event"] or {}).get("text") == QUESTION)

    assert answer["owner"] == "human"
    assert answer["replies"] == []
    assert frame["conversation_id"] == customer.conversation_id
    assert frame["row"]["last_message"]["text"] == QUESTION
    assert customer.events()[-1]["text"] == QUESTION


def test_the_second_agent_is_told_who_has_the_conversation(customer: Customer, mara: Agent, tom: Agent) -> None:
    customer.say("let me speak to a person")
    assert mara.act(customer.conversation_id, "claim").status_code == 200
    assert mara.act(customer.conversation_id, "claim").status_code == 200, "claiming what one has is no error"

    late = tom.act(customer.conversation_id, "claim")
    assert (late.status_code, late.json()["code"]) == (409, "already_claimed")
    assert "Mara" in late.json()["detail"]

    for refused in (
        tom.say(customer.conversation_id, "I am here too"),
        tom.act(customer.conversation_id, "return"),
        tom.act(customer.conversation_id, "resolve"),
    ):
        assert (refused.status_code, refused.json()["code"]) == (409, "not_yours")
    assert customer.statuses() == ["handoff_requested", "agent_joined"]


def test_of_many_claims_at_once_one_wins(customer: Customer, mara: Agent, tom: Agent) -> None:
    customer.say("let me speak to a person")
    with ThreadPoolExecutor(8) as pool:
        claims = [pool.submit(agent.act, customer.conversation_id, "claim") for agent in (mara, tom) * 4]
        won = {claim.result().json()["agent"]["name"] for claim in claims if claim.result().status_code == 200}

    assert len(won) == 1
    assert customer.statuses().count("agent_joined") == 1


def test_a_note_never_reaches_the_customer(customer: Customer, mara: Agent) -> None:
    secret = "n0te-for-colleagues"
    cid = customer.conversation_id
    customer.say("let me speak to a person")
    assert mara.say(cid, f"{secret} while waiting", "notes").status_code == 200
    mara.act(cid, "claim")
    with stream(customer.http, f"{customer.path}/events") as live:
        assert mara.say(cid, f"{secret} while here", "notes").status_code == 200
        assert mara.act(cid, "return", {"note": f"{secret} at return"}).status_code == 200
        mara.act(cid, "claim")
        assert mara.act(cid, "resolve", {"note": f"{secret} at the end"}).status_code == 200
        live.until(lambda event: event.get("status") == "resolved")
    answer = customer.say("hello again")
    bodies = [
        "\n".join(live.raw),
        json.dumps(answer),
        customer.http.get(customer.path).text,
        customer.http.get(f"{customer.path}/events").text,
        customer.http.get(f"{customer.path}/events", params={"wait": 1}).text,
    ]

    assert not any(secret in body for body in bodies)
    notes = [event["text"] for event in mara.open(cid)["transcript"] if event["kind"] == "note"]
    places = ("while waiting", "while here", "at return", "at the end")
    assert notes == [f"{secret} {where}" for where in places], "the desk has them all"


def test_what_a_waiting_customer_writes_is_for_the_agent(customer: Customer, mara: Agent) -> None:
    customer.say("let me speak to a person")
    answer = customer.say(QUESTION)

    assert (answer["owner"], answer["replies"]) == ("waiting", [])
    assert mara.open(customer.conversation_id)["conversation"]["last_message"]["text"] == QUESTION


def test_an_agent_can_take_over_from_the_bot(customer: Customer, mara: Agent) -> None:
    cid = customer.conversation_id
    customer.say(QUESTION)
    assert cid in [row["conversation_id"] for row in mara.queue("all")]
    assert mara.row(cid) is None

    assert mara.act(cid, "claim").json()["owner"] == "human"

    row = mara.row(cid)
    assert row is not None
    assert (row["owner"], row["reason"]["code"]) == ("human", "taken_over")
    assert customer.say("how do I reset my password?")["replies"] == []
    assert mara.say(cid, "I noticed that you might need me.").status_code == 200


def test_typing_is_shown_both_ways_and_stored_nowhere(customer: Customer, mara: Agent) -> None:
    customer.say("let me speak to a person")
    mara.act(customer.conversation_id, "claim")
    before = customer.events()
    with stream(customer.http, f"{customer.path}/events") as live:
        live.until(lambda event: event.get("status") == "agent_joined")
        assert mara.act(customer.conversation_id, "typing").status_code == 204
        typing = live.until(lambda event: event["kind"] == "typing")

    with stream(mara.http, "/v1/desk/events") as desk:
        desk.until_line(":")
        assert customer.http.post(f"{customer.path}/typing").status_code == 204
        answering = desk.until(lambda frame: frame["event"]["kind"] == "typing")

    assert typing["author"] == {"role": "agent", "name": "Mara"}
    assert "id" not in typing
    assert answering["conversation_id"] == customer.conversation_id
    assert answering["event"]["author"]["role"] == "customer"
    assert answering["row"]["owner"] == "human", "typing takes nothing off the desk"
    assert customer.events() == before
