"""What customers see in Slack."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fake_slack import wrong_blocks
from hypothesis import given
from hypothesis import strategies as st

from assistant.channels.slack.blocks import SlackMessage, is_shown, pressed, render
from assistant.channels.slack.inbound import button_from
from assistant.channels.slack.mrkdwn import escape, sections, to_mrkdwn
from assistant.conversation.events import Author, Event, Kind, OfferedChoice, Role, Source

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "slack"
CID = "abcdefghijklmnopqrstuvwxyz"
BOT, AGENT, SYSTEM = Author(Role.BOT, "Assistant"), Author(Role.AGENT, "Mara"), Author(Role.SYSTEM)


def message(text: str = "Hello", author: Author = BOT, **fields: Any) -> Event:
    return Event(Kind.MESSAGE, author, id="1767000001000-0", text=text, **fields)


def buttons(shown: SlackMessage) -> list[tuple[str, str, str]]:
    rows = (block["elements"] for block in shown.blocks if block["type"] == "actions")
    return [(e["action_id"], e["value"], e["text"]["text"]) for row in rows for e in row]


def texts(shown: SlackMessage) -> list[str]:
    return [block["text"]["text"] for block in shown.blocks if block["type"] == "section"]


@pytest.mark.parametrize(
    ("markdown", "mrkdwn"),
    [
        ("**bold** and *soft* and `code`", "*bold* and _soft_ and `code`"),
        ("[our page](https://shop.example/a?b=1&c=2)", "<https://shop.example/a?b=1&amp;c=2|our page>"),
        ("[**bold** label](https://shop.example/)", "<https://shop.example/|bold label>"),
        ("[relative](/help)", "relative"),
        ("[no](javascript:alert(1))", "[no](javascript:alert(1))"),
        ("see https://shop.example/help.", "see <https://shop.example/help>."),
        ("- one\n- two\n  - inner", "• one\n• two\n    • inner"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("# Returns\n\nSend it back.", "*Returns*\n\nSend it back."),
        ("> quoted\n> twice", "> quoted\n> twice"),
        ("```\na < b\n```", "```\na &lt; b\n```"),
        ("one\ntwo", "one\ntwo"),
        ("<b>not html</b> & co", "&lt;b&gt;not html&lt;/b&gt; &amp; co"),
    ],
)
def test_that_markdown_becomes_slacks_markup(markdown: str, mrkdwn: str) -> None:
    assert to_mrkdwn(markdown) == mrkdwn


@pytest.mark.parametrize("text", ["<!channel>", "<@U0ANNA>", "<!here|x>", "`<!channel>`", "[x](https://a.b/<!here>)"])
def test_that_nobody_can_be_called_by_markup_in_a_text(text: str) -> None:
    assert "<!" not in to_mrkdwn(text) and "<@" not in to_mrkdwn(text)


def test_that_an_answer_has_its_source_thumbs_and_the_way_to_a_person() -> None:
    event = message(article_id="returns", source=Source("Returns & refunds", "https://shop.example/returns"))
    shown = render(event, CID)
    assert {
        "type": "mrkdwn",
        "text": "Source: <https://shop.example/returns|Returns &amp; refunds>",
        "verbatim": True,
    } in [element for block in shown.blocks if block["type"] == "context" for element in block["elements"]]
    assert [name for name, _, _ in buttons(shown)] == ["offramp_helpful", "offramp_unhelpful", "offramp_human"]
    assert buttons(shown)[0][1] == event.id


def test_that_choices_are_buttons_that_slack_accepts() -> None:
    choices = tuple(OfferedChoice(f"c{i}", f"Choice {i} " + "x" * 100, "/x") for i in range(3))
    shown = render(message(choices=choices), CID)
    assert wrong_blocks(list(shown.blocks)) == ""
    assert [(name, value) for name, value, _ in buttons(shown)][:3] == [("offramp_choice", f"c{i}") for i in range(3)]
    assert all(len(label) <= 75 for _, _, label in buttons(shown)) and buttons(shown)[0][2].endswith("…")


def test_that_a_person_is_offered_once() -> None:
    offered = (OfferedChoice("c1", "Talk to a person", "/ask_for_human"),)
    assert [name for name, _, _ in buttons(render(message(choices=offered), CID))] == ["offramp_choice"]


def test_that_an_agent_speaks_under_their_name_without_buttons() -> None:
    shown = render(message("It's **on its way**", Author(Role.AGENT, "Mara <3")), CID)
    assert texts(shown) == ["*Mara &lt;3*: It's *on its way*"] and buttons(shown) == []


def test_that_a_status_line_is_a_quiet_line() -> None:
    shown = render(Event(Kind.STATUS, SYSTEM, id="1-0", text="Mara <joined>", status="agent_joined"), CID)
    assert [block["type"] for block in shown.blocks] == ["context"] and shown.text == "Mara &lt;joined&gt;"


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        (message(), True),
        (message(author=AGENT), True),
        (Event(Kind.STATUS, SYSTEM, text="You're next"), True),
        (message(author=Author(Role.CUSTOMER)), False),
        (Event(Kind.NOTE, AGENT, text="careful"), False),
        (Event(Kind.TRACE, SYSTEM, trace={"intent": "faq"}), False),
        (Event(Kind.FEEDBACK, Author(Role.CUSTOMER), helpful=True), False),
    ],
)
def test_that_only_what_is_meant_for_the_customer_is_shown(event: Event, shown: bool) -> None:
    assert is_shown(event) is shown


@given(st.text(max_size=6000), st.integers(20, 200))
def test_that_sections_fit_and_lose_no_word(text: str, limit: int) -> None:
    pieces = sections(escape(text), limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(escape(text).split())


def test_that_a_cut_never_goes_through_a_link_or_an_entity() -> None:
    text = "word " * 17 + "<https://shop.example/a|a label with words> " + "&amp;" * 60
    for limit in range(60, 120):
        pieces = sections(text, limit)
        assert all(p.count("<") == p.count(">") and p.count("&") == p.count("&amp;") for p in pieces), limit


@given(st.text(min_size=1, max_size=4000))
def test_that_slack_accepts_whatever_a_message_says(text: str) -> None:
    event = message(text, article_id="a", source=Source("s", None))
    if not is_shown(event):
        return
    shown = render(event, CID)
    assert wrong_blocks(list(shown.blocks)) == "" and 0 < len(shown.text) <= 3000


def test_that_markdown_that_comes_to_nothing_is_shown_as_written() -> None:
    assert texts(render(message("[a]: https://shop.example"), CID)) == ["[a]: https://shop.example"]


def press(action_id: str = "offramp_choice", block: str = "0", label: str = "Return a jacket") -> SlackMessage:
    body = json.loads((FIXTURES / "block_actions_choice.json").read_text())
    block_id = f"offramp|{CID}|1767000001000-0|{block}"
    body["actions"][0] |= {"action_id": action_id, "block_id": block_id}
    body["actions"][0]["text"]["text"] = label
    found = button_from(body)
    assert found is not None
    return pressed(found)


def test_that_the_choice_taken_stays_and_the_choices_go() -> None:
    shown = press()
    assert "offramp_choice" not in [name for name, _, _ in buttons(shown)]
    assert [b["elements"][0]["text"] for b in shown.blocks if b["type"] == "context"] == ["✓ Return a jacket"]
    assert "offramp_human" in [name for name, _, _ in buttons(shown)]


def test_that_a_thumb_leaves_the_way_to_a_person() -> None:
    shown = press("offramp_helpful", "2", "👍 Helpful")
    left = [name for name, _, _ in buttons(shown)]
    assert left == ["offramp_choice", "offramp_choice", "offramp_human"] and wrong_blocks(list(shown.blocks)) == ""
