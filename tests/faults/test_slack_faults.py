"""Slack through trouble: limits, outages, lost answers, crashes. What was accepted is posted once, in order."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fake_slack import Fault, events_request
from slack_stack import SlackStack, conversation_of, new_channel, typed
from stack import until


@pytest.fixture
def slack(tmp_path: Path) -> Iterator[SlackStack]:
    with SlackStack(tmp_path) as running:
        yield running


@pytest.mark.parametrize(
    "faults",
    [
        [Fault(429, {"Retry-After": "1"})],
        [Fault(500), Fault(503)],
        [Fault(503, after_doing=True)],
        [Fault(error="internal_error"), Fault(error="not_in_channel")],
    ],
    ids=["rate-limit", "down", "answer-lost", "refused"],
)
def test_that_a_post_comes_once_and_in_order_through_trouble(slack: SlackStack, faults: list[Fault]) -> None:
    channel = new_channel()
    slack.slack.fail("chat.postMessage", *faults)
    payload = slack.ask(channel, "one")
    slack.ask(channel, "two")
    assert [p["text"] for p in slack.posted(channel, 2)] == ["Answer to *one*", "Answer to *two*"]
    until(lambda: slack.caught_up(conversation_of(payload)))
    slack.posted(channel, 2)
    calls = slack.slack.of("chat.postMessage", channel)
    if faults[0].status == 429:
        assert calls[1].at - calls[0].at >= 1.0


def test_that_a_gateway_killed_while_posting_posts_nothing_twice(slack: SlackStack) -> None:
    channel = new_channel()
    slack.slack.fail("chat.postMessage", Fault(seconds=30, after_doing=True))
    payload = slack.ask(channel, "before the crash")
    slack.posted(channel, 1)
    slack.gateways[0].kill()
    slack.gateways[0].wait(10)
    assert not slack.caught_up(conversation_of(payload))
    slack.start_gateway()
    slack.ask(channel, "after the crash")
    posts = slack.posted(channel, 2, 20)
    assert [p["text"] for p in posts] == ["Answer to *before the crash*", "Answer to *after the crash*"]
    until(lambda: slack.caught_up(conversation_of(payload)))
    slack.posted(channel, 2)


def test_that_what_could_not_be_stored_is_refused_so_that_slack_sends_it_again(slack: SlackStack) -> None:
    channel = new_channel()
    payload = typed(slack.slack, channel, "while Redis sleeps")
    slack.redis_process.send_signal(signal.SIGSTOP)
    started = time.monotonic()
    assert slack.send(payload).status_code == 503 and time.monotonic() - started < 3
    slack.redis_process.send_signal(signal.SIGCONT)
    until(lambda: slack.send(payload).status_code == 200)
    slack.posted(channel, 1)
    until(lambda: slack.caught_up(conversation_of(payload)))
    assert slack.bot.asked("while Redis sleeps") == 1


def test_that_two_gateways_post_everything_once_and_in_order(slack: SlackStack) -> None:
    first = slack.http
    slack.start_gateway()
    channels = [new_channel() for _ in range(8)]

    def converse(channel: str) -> None:
        for i in range(5):
            body, headers = events_request(typed(slack.slack, channel, f"{channel} {i}"))
            for gateway in (first, slack.http):
                assert gateway.post("/v1/slack/events", content=body, headers=headers).status_code == 200

    with ThreadPoolExecutor(len(channels)) as pool:
        list(pool.map(converse, channels))
    for channel in channels:
        expected = [f"Answer to *{channel} {i}*" for i in range(5)]
        assert [p["text"] for p in slack.posted(channel, 5)] == expected
    ids = slack.redis.zrange("offramp:slack", 0, -1)
    until(lambda: all(slack.caught_up(i) for i in ids))
    assert {len(slack.slack.posted(channel)) for channel in channels} == {5}


def test_that_a_message_of_an_agent_is_posted_after_a_gateway_was_away(slack: SlackStack) -> None:
    channel, agent = new_channel(), slack.agent()
    conversation_id = conversation_of(slack.ask(channel, "hello"))
    slack.posted(channel, 1)
    assert agent.act(conversation_id, "claim").status_code == 200
    slack.posted(channel, 2)
    slack.slack.fail("chat.postMessage", *[Fault(503)] * 2)
    assert agent.say(conversation_id, "I'm on it").status_code == 200
    slack.gateways[0].kill()
    slack.gateways[0].wait(10)
    # As if it had been away for days: no longer among those looked at every second.
    slack.redis.zadd("offramp:slack", {conversation_id: 1})
    slack.slack.heal()
    slack.start_gateway()
    assert slack.posted(channel, 3, 20)[2]["text"] == "*Mara*: I'm on it"
