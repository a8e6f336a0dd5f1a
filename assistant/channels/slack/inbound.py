"""From what Slack sends to frozen values. Pure; whatever is not for the assistant becomes None."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# How block ids begin: `offramp|<conversation id>|<event id>|<part>`. See `blocks.block_id`.
BLOCK_PREFIX = "offramp"
# What a person types: a plain message, one with a file, one that was also sent to the channel.
_TYPED_SUBTYPES = (None, "file_share", "thread_broadcast")
_SLACKBOT = "USLACKBOT"
_REFERENCE = re.compile(r"<([^<>]+)>")


@dataclass(frozen=True)
class CustomerMessage:
    """What a person wrote. `ts` is Slack's id of it in the channel, and sorts by time.

    `direct`: in a direct message with the app. `mentioned`: it names the app.
    """

    team: str
    channel: str
    user: str
    ts: str
    thread_ts: str | None
    text: str
    direct: bool
    mentioned: bool

    @property
    def client_id(self) -> str:
        """The same for every delivery of the message, and for the mention that comes beside it."""
        return f"slack:{self.channel}:{self.ts}"

    @property
    def root(self) -> str:
        """The message that the thread starts with, or would start with."""
        return self.thread_ts or self.ts


@dataclass(frozen=True)
class ButtonPress:
    """A button of ours that a person pressed. `message` is the message it is on, as Slack shows it now."""

    conversation_id: str
    event_id: str
    channel: str
    user: str
    message_ts: str
    thread_ts: str | None
    action_id: str
    block_id: str
    value: str
    label: str
    action_ts: str
    message: Mapping[str, Any]


def message_from(payload: Mapping[str, Any]) -> CustomerMessage | None:
    """The message in an Events API payload. None for edits, deletions, apps, and what holds no text."""
    event = payload.get("event") or {}
    apps = _own_users(payload)
    if event.get("type") not in ("message", "app_mention") or not _typed_by_person(event, apps):
        return None
    raw = str(event.get("text") or "")
    text = plain_text(raw, apps)
    if not text or not event.get("channel") or not event.get("ts"):
        return None
    return CustomerMessage(
        team=str(payload.get("team_id") or event.get("team") or ""),
        channel=str(event["channel"]),
        user=str(event["user"]),
        ts=str(event["ts"]),
        thread_ts=event.get("thread_ts"),
        text=text,
        direct=event.get("channel_type") == "im",
        mentioned=event["type"] == "app_mention" or any(f"<@{app}" in raw for app in apps),
    )


def _own_users(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """The app's bot user, as Slack names it beside every event."""
    authorizations: Sequence[Mapping[str, Any]] = payload.get("authorizations") or ()
    return tuple(str(a["user_id"]) for a in authorizations if a.get("is_bot") and a.get("user_id"))


def _typed_by_person(event: Mapping[str, Any], apps: tuple[str, ...]) -> bool:
    if event.get("bot_id") or event.get("user") in (None, "", _SLACKBOT, *apps):
        return False
    # A mention that is added later comes as `app_mention` with `edited`: an edit is never answered.
    return event.get("subtype") in _TYPED_SUBTYPES and not event.get("edited") and not event.get("hidden")


def plain_text(raw: str, apps: Sequence[str] = ()) -> str:
    """Slack's markup as a person reads it, without the mention of the app."""
    for app in apps:
        raw = re.sub(rf"<@{re.escape(app)}(?:\|[^<>]*)?>[,:]?\s*", "", raw)
    text = _REFERENCE.sub(lambda match: _readable(match[1]), raw)
    # In this order: `&amp;lt;` stands for a typed `&lt;`.
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").strip()


def _readable(reference: str) -> str:
    target, _, label = reference.partition("|")
    if target.startswith(("@", "#", "!")):
        sign = "#" if target[0] == "#" else "@"
        return sign + (label or target[1:]).lstrip("@#")
    target = target.removeprefix("mailto:").removeprefix("tel:")
    return target if not label or label in target else f"{label} ({target})"


def button_from(payload: Mapping[str, Any]) -> ButtonPress | None:
    """The press in a `block_actions` payload. None for buttons that are not ours."""
    actions: Sequence[Mapping[str, Any]] = payload.get("actions") or ()
    if payload.get("type") != "block_actions" or not actions:
        return None
    action, container, message = actions[0], payload.get("container") or {}, payload.get("message") or {}
    prefix, *ids = str(action.get("block_id") or "").split("|")
    if prefix != BLOCK_PREFIX or len(ids) != 3 or not message:
        return None
    return ButtonPress(
        conversation_id=ids[0],
        event_id=ids[1],
        channel=str((payload.get("channel") or {}).get("id") or container.get("channel_id") or ""),
        user=str((payload.get("user") or {}).get("id") or ""),
        message_ts=str(container.get("message_ts") or message.get("ts") or ""),
        thread_ts=container.get("thread_ts") or message.get("thread_ts"),
        action_id=str(action.get("action_id") or ""),
        block_id=str(action["block_id"]),
        value=str(action.get("value") or ""),
        label=str((action.get("text") or {}).get("text") or ""),
        action_ts=str(action.get("action_ts") or ""),
        message=message,
    )
