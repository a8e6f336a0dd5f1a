"""Customers in Slack: asking, being answered once, reaching a person."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_slack import Fault, events_request, signed
from slack_stack import SlackStack, conversation_of, new_channel, typed
from stack import until

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "slack"
HUMAN, CHOICE = "offramp_human", "offramp_choice"


@pytest.fixture(scope="module")
def slack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SlackStack]:
    with SlackStack(tmp_path_factory.mktemp("slack")) as running:
        yield running


def test_that_a_question_in_a_direct_message_is_answered_in_its_thread(slack: SlackStack) -> None:
    channel = new_channel()
    question = slack.ask(channel, "can I return a tent?")
    (answer,) = slack.posted(channel, 1)
    assert answer["text"] == "Answer to *can I return a tent?*"
    assert answer["thread_ts"] == question["event"]["ts"]
    assert [b["type"] for b in answer["blocks"]] == ["section", "context", "actions"]


def test_that_a_direct_message_is_one_conversation_that_answers_where_it_was_asked(slack: SlackStack) -> None:
    channel = new_channel()
    first = slack.ask(channel, "first")
    slack.posted(channel, 1)
    second = slack.ask(channel, "second")
    slack.posted(channel, 2)
    slack.ask(channel, "third", thread_ts=first["event"]["ts"])
    answers = slack.posted(channel, 3)
    assert [a["thread_ts"] for a in answers] == [p["event"]["ts"] for p in (first, second, first)]
    asked = [t for t in slack.bot.turns if t["text"] in ("first", "second", "third")]
    assert {turn["conversation_id"] for turn in asked} == {conversation_of(first)}


def test_that_four_deliveries_at_once_are_one_turn_and_one_post(slack: SlackStack) -> None:
    channel = new_channel()
    payload = typed(slack.slack, channel, "delivered four times")
    assert slack.send_at_once([payload] * 4) == [200] * 4
    slack.posted(channel, 1)
    assert slack.send(payload).status_code == 200
    until(lambda: slack.caught_up(conversation_of(payload)))
    slack.posted(channel, 1)
    assert slack.bot.asked("delivered four times") == 1


def test_that_messages_that_come_at_once_share_a_conversation_and_are_all_answered(slack: SlackStack) -> None:
    channel = new_channel()
    payloads = [typed(slack.slack, channel, f"burst {i}") for i in range(6)]
    assert slack.send_at_once(payloads) == [200] * 6
    answers = slack.posted(channel, 6)
    assert {a["text"] for a in answers} == {f"Answer to *burst {i}*" for i in range(6)}
    assert len({t["conversation_id"] for t in slack.bot.turns if t["text"].startswith("burst")}) == 1


def test_that_a_mention_and_its_message_are_one_turn(slack: SlackStack) -> None:
    channel = new_channel("C")
    message = typed(slack.slack, channel, "<@U0BOT> is the shop open?")
    mention = {**message, "event": {**message["event"], "type": "app_mention"}, "event_id": "EvOther"}
    del mention["event"]["channel_type"]
    assert slack.send_at_once([message, mention]) == [200, 200]
    (answer,) = slack.posted(channel, 1)
    assert answer["thread_ts"] == message["event"]["ts"] and slack.bot.asked("is the shop open?") == 1


def test_that_in_a_channels_thread_the_customer_needs_no_mention_and_others_do(slack: SlackStack) -> None:
    channel = new_channel("C")
    start = slack.ask(channel, "<@U0BOT> hello")["event"]["ts"]
    slack.posted(channel, 1)
    slack.ask(channel, "lunch, anyone?")
    slack.ask(channel, "I can help", user="U0BEN", thread_ts=start)
    slack.ask(channel, "more from me", thread_ts=start)
    slack.posted(channel, 2)
    slack.ask(channel, "<@U0BOT> and me", user="U0BEN", thread_ts=start)
    slack.posted(channel, 3)
    assert slack.bot.asked("lunch, anyone?") == slack.bot.asked("I can help") == 0


def test_that_edits_and_own_messages_are_not_answered(slack: SlackStack) -> None:
    channel = new_channel()
    slack.ask(channel, "from another app", bot_id="B0BOT")
    for name in ("message_im_changed", "message_im_deleted", "message_im_own", "message_channel"):
        payload = json.loads((FIXTURES / f"{name}.json").read_text())
        payload["event"]["channel"] = channel
        assert slack.send(payload).status_code == 200
    before = len(slack.bot.turns)
    slack.ask(channel, "a real question")
    slack.posted(channel, 1)
    assert len(slack.bot.turns) == before + 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0=é"},
        {"X-Slack-Request-Timestamp": "never"},
        signed(b"another body"),
        {"stale": "yes"},
        {"secret": "another"},
    ],
    ids=["missing", "wrong", "not-ascii", "no-time", "body-changed", "stale", "other-secret"],
)
def test_that_what_slack_did_not_sign_is_refused_and_not_logged(slack: SlackStack, headers: dict[str, str]) -> None:
    body, right = events_request(typed(slack.slack, new_channel(), "my secret plan"))
    if "stale" in headers:
        headers = signed(body, time.time() - 301)
    elif "secret" in headers:
        headers = signed(body, secret="another")
    elif headers and "X-Slack-Signature" not in headers:
        headers = right | headers
    elif "X-Slack-Request-Timestamp" not in headers and headers:
        headers = {"X-Slack-Request-Timestamp": str(int(time.time()))} | headers
    raw = {name: value.encode("latin-1") for name, value in headers.items()}
    answer = slack.http.post("/v1/slack/events", content=body, headers={"Content-Type": "application/json", **raw})
    assert answer.status_code == 401
    assert "my secret plan" not in slack.output.read_text() and slack.bot.asked("my secret plan") == 0


@pytest.mark.parametrize("body", [b"", b"[" * 30_000, b"\xff\xfe", b"payload=nothing", b'{"event": 1'])
def test_that_unsigned_rubbish_is_refused(slack: SlackStack, body: bytes) -> None:
    headers = {"Content-Type": "application/json", "X-Slack-Request-Timestamp": str(int(time.time()))}
    answer = slack.http.post("/v1/slack/actions", content=body, headers={**headers, "X-Slack-Signature": "v0=x"})
    assert answer.status_code == 401


def test_that_slack_can_verify_the_address(slack: SlackStack) -> None:
    payload = json.loads((FIXTURES / "url_verification.json").read_text())
    answer = slack.send(payload)
    assert answer.status_code == 200 and answer.json()["challenge"] == payload["challenge"]


def test_that_events_nobody_waits_for_are_taken_without_a_word(slack: SlackStack) -> None:
    payload = typed(slack.slack, new_channel(), "", type="app_home_opened")
    assert slack.send(payload).status_code == 200
    assert slack.http.post("/v1/slack/events", content=b"", headers=signed(b"")).status_code == 404


def test_that_a_long_message_in_another_script_is_taken(slack: SlackStack) -> None:
    channel, text = new_channel(), "ж" * 3990
    slack.ask(channel, text, blocks=[{"type": "rich_text", "elements": [{"type": "text", "text": text}]}])
    (answer,) = slack.posted(channel, 1)
    assert sum(b["type"] == "section" for b in answer["blocks"]) == 2


def test_that_a_message_too_long_for_us_is_not_dropped_silently(slack: SlackStack) -> None:
    channel = new_channel()
    slack.ask(channel, "x" * 4001)
    (told,) = until(lambda: slack.slack.of("chat.postEphemeral", channel) or None)
    assert "4000" in told.arguments["text"] and told.arguments["user"] == "U0ANNA"


def test_that_an_answer_to_slack_does_not_wait_for_the_bot(slack: SlackStack) -> None:
    channel = new_channel()
    slack.bot.frozen = True
    try:
        started = time.monotonic()
        slack.ask(channel, "is anybody there?")
        assert time.monotonic() - started < 2
        assert slack.slack.posted(channel) == []
    finally:
        slack.bot.frozen = False
    assert slack.posted(channel, 1)


def test_that_a_name_that_comes_late_does_not_hold_a_message_up(slack: SlackStack) -> None:
    channel, agent = new_channel(), slack.agent()
    slack.slack.names["U0SLOW"] = "Sasha Low"
    slack.slack.fail("users.info", Fault(seconds=1.5))
    started = time.monotonic()
    conversation_id = conversation_of(slack.ask(channel, "who am I?", user="U0SLOW"))
    assert time.monotonic() - started < 1
    slack.posted(channel, 1)
    until(lambda: slack.slack.of("users.info")[-1].arguments["user"] == "U0SLOW")

    def named() -> bool:
        slack.ask(channel, "and now?", user="U0SLOW")
        return "Sasha Low" in json.dumps(agent.queue("all"))

    until(named)
    assert conversation_id in json.dumps(agent.queue("all"))


def test_that_a_choice_is_taken_once_and_shown(slack: SlackStack) -> None:
    channel = new_channel()
    slack.ask(channel, "which one?")
    (offer,) = slack.posted(channel, 1)
    offer = json.loads(json.dumps(offer))
    press = slack.press(channel, offer, CHOICE, "U0ANNA", 1)
    assert slack.act(press).status_code == slack.act(press).status_code == 200
    assert slack.posted(channel, 2)[1]["text"] == "Answer to *Tent*"
    shown = until(lambda: "✓ Tent" in (text := json.dumps(slack.slack.posted(channel)[0], ensure_ascii=False)) and text)
    assert CHOICE not in shown
    assert slack.act(slack.press(channel, offer, CHOICE, "U0ANNA", 0)).status_code == 200
    (told,) = until(lambda: slack.slack.of("chat.postEphemeral", channel) or None)
    assert "chosen already" in told.arguments["text"]
    assert slack.bot.asked("Tent") == 1 and slack.bot.asked("Jacket") == 0


def test_that_a_thumb_down_has_the_bot_try_again(slack: SlackStack) -> None:
    channel = new_channel()
    slack.ask(channel, "how do I wash it?")
    (answer,) = slack.posted(channel, 1)
    assert slack.act(slack.press(channel, dict(answer), "offramp_unhelpful", "U0ANNA")).status_code == 200
    slack.posted(channel, 2)
    assert slack.bot.turns[-1]["payload"] == "/did_not_help"


def test_that_nobody_presses_another_customers_buttons(slack: SlackStack) -> None:
    channel = new_channel("C")
    payload = slack.ask(channel, "<@U0BOT> hello")
    (answer,) = slack.posted(channel, 1)
    assert slack.act(slack.press(channel, dict(answer), HUMAN, "U0BEN")).status_code == 200
    (told,) = until(lambda: slack.slack.of("chat.postEphemeral", channel) or None)
    assert told.arguments["user"] == "U0BEN"
    assert slack.agent().row(conversation_of(payload)) is None


def test_that_a_person_is_one_press_away_and_answers_in_the_thread(slack: SlackStack) -> None:
    channel, agent = new_channel(), slack.agent()
    slack.slack.names["U0CLEO"] = "Cleo Park"
    payload = slack.ask(channel, "my order is late", user="U0CLEO")
    conversation_id = conversation_of(payload)
    (answer,) = slack.posted(channel, 1)
    press = slack.press(channel, dict(answer), HUMAN, "U0CLEO")
    assert slack.act(press).status_code == 200
    row = until(lambda: agent.row(conversation_id))
    assert "Cleo Park" in json.dumps(row)
    assert slack.posted(channel, 2)[1]["blocks"][0]["type"] == "context"
    assert agent.act(conversation_id, "claim").status_code == 200
    assert agent.say(conversation_id, "careful with this one", "notes").status_code == 200
    assert agent.say(conversation_id, "It is **on its way**.").status_code == 200
    posts = slack.posted(channel, 4)
    assert [p["text"] for p in posts[2:]] == ["Mara from the support team has joined.", "*Mara*: It is *on its way*."]
    assert {p["thread_ts"] for p in posts} == {payload["event"]["ts"]}
    assert agent.act(conversation_id, "return").status_code == 200
    slack.posted(channel, 5)
    assert slack.act(press).status_code == 200, "a replay"
    assert agent.row(conversation_id) is None


def test_that_a_closed_direct_message_begins_anew_and_its_thread_goes_on(slack: SlackStack) -> None:
    channel, agent = new_channel(), slack.agent()
    first = slack.ask(channel, "old matter")
    conversation_id = conversation_of(first)
    slack.posted(channel, 1)
    assert agent.act(conversation_id, "claim").status_code == agent.act(conversation_id, "resolve").status_code == 200
    slack.posted(channel, 3)
    second = slack.ask(channel, "new matter")
    assert slack.posted(channel, 4)[3]["thread_ts"] == second["event"]["ts"]
    assert slack.send(first).status_code == 200, "a late repeat"
    slack.ask(channel, "still about the old", thread_ts=first["event"]["ts"])
    posts = slack.posted(channel, 6)
    assert [p["thread_ts"] for p in posts[4:]] == [first["event"]["ts"]] * 2
    turns = {t["text"]: t["conversation_id"] for t in slack.bot.turns}
    assert turns["old matter"] == turns["still about the old"] != turns["new matter"]
    assert slack.bot.asked("old matter") == 1
