"""Agents say whether a hand-off was right, and it is read back for fitting the rules."""

from __future__ import annotations

import asyncio
import json

from stack import Agent, Customer, Stack

from assistant.observe.verdicts import Verdict, read_verdicts

ANYBODY = {"handoff_id": "0" * 32, "verdict": "right"}


def handed_off(stack: Stack) -> Customer:
    customer = stack.customer()
    customer.say("let me speak to a person")
    return customer


def handoff_id(agent: Agent, customer: Customer) -> str:
    return str(agent.open(customer.conversation_id)["bundle"]["handoff_id"])


def judge(agent: Agent, customer: Customer, verdict: str, handoff: str = "") -> tuple[int, dict[str, object]]:
    body = {"handoff_id": handoff or handoff_id(agent, customer), "verdict": verdict}
    answer = agent.act(customer.conversation_id, "handoff-verdict", body)
    return answer.status_code, answer.json()


def said(agent: Agent, customer: Customer) -> list[tuple[str, str]]:
    transcript = agent.open(customer.conversation_id)["transcript"]
    return [(e["author"]["name"], e["verdict"]["verdict"]) for e in transcript if e["kind"] == "verdict"]


def read(stack: Stack) -> list[Verdict]:
    return asyncio.run(read_verdicts(stack.redis_url(), days=1))


def test_that_any_agent_says_it_changes_it_and_it_is_read_once(stack: Stack, mara: Agent, tom: Agent) -> None:
    customer = handed_off(stack)
    [trigger] = mara.open(customer.conversation_id)["bundle"]["reason"]["triggers"]
    before = read(stack)

    for agent, verdict in ((mara, "needless"), (mara, "needless"), (tom, "late")):
        status, body = judge(agent, customer, verdict)
        assert (status, body["event"]["kind"]) == (200, "verdict")  # type: ignore[index]

    assert said(mara, customer) == [("Mara", "needless"), ("Tom", "late")]
    [new] = [one for one in read(stack) if one not in before]
    assert (new.rule, new.verdict) == ("asked_for_human", "late")
    assert (new.score, new.threshold) == (trigger["score"], trigger["threshold"])


def test_that_it_may_be_said_before_claiming_and_after_resolving(stack: Stack, mara: Agent) -> None:
    customer = handed_off(stack)
    assert judge(mara, customer, "right")[0] == 200
    assert customer.owner() == "waiting"
    mara.act(customer.conversation_id, "claim")
    mara.act(customer.conversation_id, "resolve")
    assert judge(mara, customer, "late")[0] == 200
    assert customer.owner() == "closed", "a verdict opens nothing"
    assert said(mara, customer) == [("Mara", "right"), ("Mara", "late")]


def test_that_customers_neither_see_nor_say_it(stack: Stack, mara: Agent) -> None:
    customer = handed_off(stack)
    seen = customer.events()
    judge(mara, customer, "needless")

    assert customer.events() == seen
    assert "needless" not in json.dumps(customer.http.get(customer.path).json())
    for headers, status in (({}, 401), ({"Sec-Fetch-Site": "cross-site", "Authorization": ""}, 403)):
        refused = customer.http.post(
            f"/v1/desk/conversations/{customer.conversation_id}/handoff-verdict",
            json={**ANYBODY, "handoff_id": handoff_id(mara, customer)},
            headers=headers,
        )
        assert refused.status_code == status
    assert said(mara, customer) == [("Mara", "needless")]


def test_that_a_verdict_is_about_the_handoff_that_was_read(stack: Stack, mara: Agent) -> None:
    customer = handed_off(stack)
    first = handoff_id(mara, customer)
    mara.act(customer.conversation_id, "claim")
    mara.act(customer.conversation_id, "return")
    customer.http.post(f"{customer.path}/handoff", json={})
    before = read(stack)

    status, problem = judge(mara, customer, "late", first)
    assert (status, problem["code"]) == (409, "later_handoff")
    assert judge(mara, customer, "needless")[0] == 200
    [new] = [one for one in read(stack) if one not in before]
    assert (new.rule, new.verdict) == ("customer_button", "needless")


def test_that_what_does_not_fit_gets_a_problem(stack: Stack, mara: Agent) -> None:
    customer = handed_off(stack)
    good = {"handoff_id": handoff_id(mara, customer), "verdict": "right"}
    quiet = stack.customer().conversation_id
    for conversation_id, body, status in (
        (customer.conversation_id, {**good, "verdict": "wrong"}, 422),
        (customer.conversation_id, {**good, "verdict": None}, 422),
        (customer.conversation_id, {**good, "note": "x"}, 422),
        (customer.conversation_id, {"verdict": "right"}, 422),
        (customer.conversation_id, {**good, "handoff_id": ""}, 422),
        (quiet, ANYBODY, 404),
        ("a" * 26, ANYBODY, 404),
    ):
        answer = mara.act(conversation_id, "handoff-verdict", body)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), body
    assert said(mara, customer) == []
