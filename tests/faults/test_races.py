"""An agent claims while the bot is still thinking: the bot never speaks over a human."""

from __future__ import annotations

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor

from stack import Agent, Customer, Stack, until

RACES = int(os.environ.get("OFFRAMP_RACES", "40"))
# A turn takes some 30 to 60 ms: claims fall before, within and after it.
CLAIM_WITHIN_SECONDS = 0.06


def test_that_the_bot_says_nothing_after_a_claim(stack: Stack) -> None:
    agent = stack.agent()
    early = 0
    for _ in range(RACES):
        customer = stack.customer()
        early += _race(customer, agent)
    assert early, "no claim came before the answer: this test has lost its point"


def _race(customer: Customer, agent: Agent) -> bool:
    """Ask and claim at once; whether the claim came before the answer."""
    with ThreadPoolExecutor(2) as pool:
        asking = pool.submit(customer.say, "how long does delivery take", 0)
        time.sleep(random.uniform(0, CLAIM_WITHIN_SECONDS))
        claimed = agent.act(customer.conversation_id, "claim")
        assert claimed.status_code == 200, claimed.text
        asking.result()
    _let_turns_end(customer, agent)
    events = customer.events()
    joined = next(i for i, e in enumerate(events) if e.get("status") == "agent_joined")
    spoken_after = [e for e in events[joined:] if e["author"]["role"] == "bot"]
    assert not spoken_after, spoken_after
    return not any(e["author"]["role"] == "bot" and e.get("reply_to") for e in events)


def _let_turns_end(customer: Customer, agent: Agent) -> None:
    """A second message to another conversation is answered: the bot is through with the first."""
    said = agent.say(customer.conversation_id, "I'm here.")
    assert said.status_code == 200
    until(lambda: any(e.get("text") == "I'm here." for e in customer.events()), what="the agent's message")


def test_that_each_waiting_conversation_is_claimed_by_one_agent(stack: Stack) -> None:
    agents = [stack.agent(f"agent{i}") for i in range(4)]
    customers = [stack.customer() for _ in range(10)]
    for customer in customers:
        assert customer.http.post(f"{customer.path}/handoff").status_code == 202
    with ThreadPoolExecutor(len(agents)) as pool:
        tries = [
            [pool.submit(agent.act, customer.conversation_id, "claim") for agent in agents] for customer in customers
        ]
        for claims in tries:
            statuses = sorted(claim.result().status_code for claim in claims)
            assert statuses == [200, 409, 409, 409]
