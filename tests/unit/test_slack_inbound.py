"""What the assistant hears of what Slack sends."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from assistant.channels.slack.inbound import button_from, message_from, plain_text
from assistant.channels.slack.threads import conversation_id_of

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "slack"


def payload(name: str, **event: Any) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / f"{name}.json").read_text())
    if event:
        body["event"] |= event
    return body


def test_that_a_direct_message_is_heard() -> None:
    message = message_from(payload("message_im"))
    assert message is not None
    assert (message.text, message.user, message.channel) == ("How do I return a jacket?", "U0ANNA", "D0ANNA")
    assert message.direct and not message.mentioned
    assert message.thread_ts is None and message.root == message.ts == "1767000000.000100"


def test_that_a_reply_in_a_thread_belongs_to_the_thread() -> None:
    message = message_from(payload("message_im_thread"))
    assert message is not None and message.root == "1767000000.000100" != message.ts


def test_that_a_mention_and_its_message_are_the_same_to_us() -> None:
    mention, message = message_from(payload("app_mention")), message_from(payload("message_channel_mention"))
    assert mention is not None and message is not None
    assert mention.client_id == message.client_id == "slack:C0HELP:1767000000.000100"
    assert mention.text == message.text and mention.mentioned and message.mentioned


def test_that_the_mention_is_taken_out_and_markup_reads_as_text() -> None:
    mention = message_from(payload("app_mention"))
    assert mention is not None and mention.text == "where is my order #1042 (https://shop.example/o?a=1&b=2)?"


def test_that_talk_among_others_is_no_mention() -> None:
    message = message_from(payload("message_channel"))
    assert message is not None and not message.mentioned and not message.direct


def test_that_a_file_with_text_is_heard_by_its_text() -> None:
    message = message_from(payload("message_im_file_share"))
    assert message is not None and message.text == "This zip is broken"
    assert message_from(payload("message_im_file_share", text="")) is None


def test_that_a_reply_also_sent_to_the_channel_is_heard() -> None:
    assert message_from(payload("message_im_thread", subtype="thread_broadcast")) is not None


@pytest.mark.parametrize("name", ["message_im_changed", "message_im_deleted", "message_im_own", "url_verification"])
def test_that_edits_deletions_and_own_messages_are_not_heard(name: str) -> None:
    assert message_from(payload(name)) is None


@pytest.mark.parametrize(
    "event",
    [
        {"text": "  "},
        {"text": "<@U0BOT> "},
        {"text": None},
        {"subtype": "channel_join"},
        {"subtype": "bot_message"},
        {"bot_id": "B0OTHER"},
        {"user": "U0BOT"},
        {"user": "USLACKBOT"},
        {"user": None},
        {"edited": {"user": "U0ANNA", "ts": "1767000002.000000"}},
        {"type": "reaction_added"},
        {"channel": None},
    ],
)
def test_that_what_no_person_typed_is_not_heard(event: dict[str, Any]) -> None:
    assert message_from(payload("message_im", **event)) is None


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("5 &lt; 7 &amp;&amp; 8 &gt; 2", "5 < 7 && 8 > 2"),
        ("I typed &amp;lt;", "I typed &lt;"),
        ("write to <mailto:anna@example.com|anna@example.com>", "write to anna@example.com"),
        ("see <https://example.com>", "see https://example.com"),
        ("<@U1|anna> and <@U2> in <#C1|help>, <!here>", "@anna and @U2 in #help, @here"),
        ("<!subteam^S1|@team> on <!date^1392734382^{date}|Feb 18>", "@team on @Feb 18"),
        ("a *bold* `x`", "a *bold* `x`"),
    ],
)
def test_that_markup_reads_as_a_person_reads_it(raw: str, read: str) -> None:
    assert plain_text(raw) == read


def test_that_a_press_says_which_message_of_which_conversation() -> None:
    press = button_from(payload("block_actions_choice"))
    assert press is not None
    assert (press.conversation_id, press.event_id) == ("abcdefghijklmnopqrstuvwxyz", "1767000001000-0")
    assert (press.action_id, press.value, press.label) == ("offramp_choice", "c0ffee01", "Return a jacket")
    assert (press.channel, press.user, press.message_ts) == ("D0ANNA", "U0ANNA", "1767000001.000200")


@pytest.mark.parametrize("change", [{"actions": []}, {"type": "view_submission"}, {"message": None}])
def test_that_other_presses_are_not_ours(change: dict[str, Any]) -> None:
    assert button_from(payload("block_actions_choice") | change) is None


def test_that_a_button_of_another_app_is_not_ours() -> None:
    body = payload("block_actions_choice")
    body["actions"][0]["block_id"] = "xYz1"
    assert button_from(body) is None


def test_that_a_thread_has_one_conversation_id_and_others_have_another() -> None:
    first = conversation_id_of("T1", "C1", "1.000001")
    assert re.fullmatch(r"[a-z0-9]{26}", first) and first == conversation_id_of("T1", "C1", "1.000001")
    others = {
        conversation_id_of(*key) for key in [("T2", "C1", "1.000001"), ("T1", "C2", "1.000001"), ("T1", "C1", "2")]
    }
    assert first not in others and len(others) == 3
