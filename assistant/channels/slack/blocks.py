"""From an event of the log to what Slack shows for it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.channels.slack.inbound import BLOCK_PREFIX, ButtonPress
from assistant.channels.slack.mrkdwn import SECTION_CHARACTERS, escape, link, sections, to_mrkdwn
from assistant.conversation.events import Event, Kind, Role

# Block Kit as Slack's API takes it.
Block = dict[str, Any]

CHOICE = "offramp_choice"
HUMAN = "offramp_human"
HELPFUL = "offramp_helpful"
UNHELPFUL = "offramp_unhelpful"
TALK_TO_A_PERSON = "Talk to a person"
ASK_FOR_HUMAN_PAYLOAD = "/ask_for_human"
# Slack's limits.
BUTTON_CHARACTERS = 75
MAX_BLOCKS = 50
# Notifications show this; Slack advises 4,000 at most.
FALLBACK_CHARACTERS = 3_000
# Buttons that go together: pressing one takes all of them away.
_GROUPS = ((CHOICE,), (HUMAN,), (HELPFUL, UNHELPFUL))


@dataclass(frozen=True)
class SlackMessage:
    """`text` is for notifications and screen readers; `blocks` are what is shown."""

    text: str
    blocks: tuple[Block, ...]


def is_shown(event: Event) -> bool:
    """Whether the customer reads this event in Slack: the bot's and the agents' messages, and status lines."""
    said = event.kind is Kind.MESSAGE and event.author.role is not Role.CUSTOMER
    return (said or event.kind is Kind.STATUS) and bool((event.text or "").strip())


def render(event: Event, conversation_id: str) -> SlackMessage:
    """The message for an event that `is_shown`."""
    if event.kind is Kind.STATUS:
        line = escape(event.text or "")[:SECTION_CHARACTERS]
        return SlackMessage(line, (_context(line),))
    # Markdown can come to nothing (a link definition); then it is shown as it was written.
    text = to_mrkdwn(event.text or "") or escape(event.text or "")
    if event.author.role is Role.AGENT:
        text = f"*{escape(event.author.name)}*: {text}"
    blocks: list[Block] = [_section(piece) for piece in sections(text)]
    if event.source:
        blocks.append(_context(f"Source: {link(event.source.url or '', escape(event.source.title))}"))
    if event.author.role is Role.BOT:
        blocks += _buttons(event, conversation_id)
    return SlackMessage(sections(text, FALLBACK_CHARACTERS)[0], tuple(blocks[:MAX_BLOCKS]))


def block_id(conversation_id: str, event_id: str, part: str) -> str:
    """Names the block and says which event of which conversation its buttons belong to."""
    return f"{BLOCK_PREFIX}|{conversation_id}|{event_id}|{part}"


def _buttons(event: Event, conversation_id: str) -> list[Block]:
    # One block a choice: Slack refuses two buttons with the same action id in one block.
    rows = [[_button(CHOICE, choice.label, choice.id)] for choice in event.choices]
    last = []
    if event.article_id:
        last = [_button(HELPFUL, "👍 Helpful", event.id), _button(UNHELPFUL, "👎 Not helpful", event.id)]
    if not any(choice.payload == ASK_FOR_HUMAN_PAYLOAD for choice in event.choices):
        last.append(_button(HUMAN, TALK_TO_A_PERSON, event.id))
    rows += [last] if last else []
    return [
        {"type": "actions", "block_id": block_id(conversation_id, event.id, str(i)), "elements": row}
        for i, row in enumerate(rows)
    ]


def _button(action_id: str, label: str, value: str) -> Block:
    label = label if len(label) <= BUTTON_CHARACTERS else label[: BUTTON_CHARACTERS - 1] + "…"
    return {
        "type": "button",
        "action_id": action_id,
        "value": value,
        "text": {"type": "plain_text", "text": label, "emoji": True},
    }


def _section(text: str) -> Block:
    # Verbatim: Slack must not make mentions or links of its own out of the text.
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def pressed(press: ButtonPress) -> SlackMessage:
    """The message after a press: the buttons that went with it are gone, `✓ label` says which one it was."""
    group = next((g for g in _GROUPS if press.action_id in g), (press.action_id,))
    done = _context(f"✓ {escape(press.label)}")
    blocks: list[Block] = []
    for block in press.message.get("blocks") or ():
        here = block.get("block_id") == press.block_id
        left = _without(block, group)
        if left is not None:
            blocks.append(left)
        if here:
            blocks.append(done)
    return SlackMessage(str(press.message.get("text") or press.label), tuple(blocks[:MAX_BLOCKS]))


def _without(block: Mapping[str, Any], group: Sequence[str]) -> Block | None:
    elements = block.get("elements") or []
    if block.get("type") != "actions" or not any(e.get("action_id") in group for e in elements):
        return dict(block)
    left = [element for element in elements if element.get("action_id") not in group]
    # Slack wants a new id for a block that changed.
    return {**block, "block_id": f"{block.get('block_id', '')}+", "elements": left} if left else None
