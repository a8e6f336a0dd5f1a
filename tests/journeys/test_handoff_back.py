"""Back from a person: to the bot, to a closed conversation, or before anybody came."""

from __future__ import annotations

import pytest
from stack import Agent, Customer, Stack

ANGRY = "This is absolutely disgusting, you have ruined my holiday and I am furious!!!"
QUESTION, ARTICLE = "What forms of payment do you take at checkout?", "payment-methods"


@pytest.fixture
def customer(stack: Stack) -> Customer:
    return stack.customer()


def test_returned_to_the_bot_old_anger_does_not_count_and_a_second_handoff_works(
    customer: Customer, mara: Agent
) -> None:
    cid = customer.conversation_id
    customer.say(ANGRY)
    mara.act(cid, "claim")
    mara.say(cid, "I have sorted it out.")
    assert mara.act(cid, "return").json()["owner"] == "bot"

    answer = customer.say(QUESTION)
    assert (answer["owner"], answer["replies"][0]["article_id"]) == ("bot", ARTICLE)
    assert mara.row(cid) is None

    assert customer.say("let me speak to a person again")["owner"] == "waiting"
    bundle = mara.open(cid)["bundle"]
    assert bundle["reason"]["code"] == "asked_for_human"
    assert mara.act(cid, "claim").json()["owner"] == "human"
    joined = ["handoff_requested", "agent_joined"]
    assert customer.statuses() == [*joined, "returned_to_bot", *joined]


def test_a_resolved_conversation_opens_again_when_the_customer_writes(customer: Customer, mara: Agent) -> None:
    cid = customer.conversation_id
    customer.say("let me speak to a person")
    mara.act(cid, "claim")
    assert mara.act(cid, "resolve").json()["owner"] == "closed"
    assert customer.owner() == "closed"
    assert mara.row(cid) is None
    refused = mara.say(cid, "one more thing")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_yours")

    answer = customer.say(QUESTION)

    assert (answer["owner"], answer["replies"][0]["article_id"]) == ("bot", ARTICLE)
    assert customer.statuses()[-2:] == ["resolved", "reopened"]


def test_the_button_works_in_a_closed_conversation(customer: Customer, mara: Agent) -> None:
    customer.say("let me speak to a person")
    mara.act(customer.conversation_id, "claim")
    mara.act(customer.conversation_id, "resolve")

    assert customer.http.post(f"{customer.path}/handoff").json()["owner"] == "waiting"
    assert mara.row(customer.conversation_id) is not None


def test_a_waiting_customer_can_change_their_mind(customer: Customer, mara: Agent) -> None:
    customer.say("let me speak to a person")
    cancelled = customer.http.delete(f"{customer.path}/handoff")

    assert (cancelled.status_code, cancelled.json()["owner"]) == (202, "bot")
    assert mara.row(customer.conversation_id) is None
    assert customer.say(QUESTION)["replies"][0]["article_id"] == ARTICLE
    assert customer.statuses() == ["handoff_requested", "handoff_cancelled"]
