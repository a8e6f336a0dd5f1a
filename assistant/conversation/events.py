"""The events of a conversation log: immutable, appended once, read by everybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    CUSTOMER = "customer"
    BOT = "bot"
    AGENT = "agent"
    SYSTEM = "system"


class Kind(StrEnum):
    MESSAGE = "message"
    STATUS = "status"
    FEEDBACK = "feedback"
    TYPING = "typing"
    NOTE = "note"
    TRACE = "trace"
    VERDICT = "verdict"


# What a customer never sees: remarks among agents, what the bot measured, and whether the hand-off was right.
AGENTS_ONLY = frozenset({Kind.NOTE, Kind.TRACE, Kind.VERDICT})


@dataclass(frozen=True)
class Author:
    role: Role
    name: str = ""


@dataclass(frozen=True)
class OfferedChoice:
    """A button as logged: the public id and label, and the command behind it, which stays on the server."""

    id: str
    label: str
    payload: str


@dataclass(frozen=True)
class Source:
    title: str
    url: str | None = None


@dataclass(frozen=True)
class Event:
    """One entry of the log. `id` is the Redis stream id and the event's offset; empty until it is appended.

    `payload` is the command behind a chosen button. `reply_to` is the customer event that a bot message, a
    trace or a feedback refers to. `verdict`: see `assistant.handoff.verdicts`.
    """

    kind: Kind
    author: Author
    id: str = ""
    text: str | None = None
    html: str | None = None
    choices: tuple[OfferedChoice, ...] = ()
    article_id: str | None = None
    source: Source | None = None
    status: str | None = None
    owner: str | None = None
    client_message_id: str | None = None
    payload: str | None = None
    reply_to: str | None = None
    event_id: str | None = None
    helpful: bool | None = None
    trace: Mapping[str, Any] | None = None
    verdict: Mapping[str, Any] | None = None

    @property
    def milliseconds(self) -> int:
        """When it was appended, in milliseconds since 1970, by Redis' clock."""
        return int(self.id.partition("-")[0])

    @property
    def at(self) -> str:
        return iso_time(self.milliseconds / 1000)


def iso_time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Fields that are shown as they are, when they are set.
_OPTIONAL = (
    *("text", "html", "article_id", "status", "owner", "client_message_id", "reply_to", "event_id", "helpful"),
    *("trace", "verdict"),
)


def public(event: Event) -> dict[str, Any]:
    """The event as clients read it. Callers leave out `AGENTS_ONLY` kinds for customers."""
    body: dict[str, Any] = {
        "kind": event.kind.value,
        "author": {"role": event.author.role.value, "name": event.author.name},
    }
    if event.id:
        body = {"id": event.id, "at": event.at, **body}
    body |= {name: value for name in _OPTIONAL if (value := getattr(event, name)) is not None}
    if event.choices:
        body["choices"] = [{"id": c.id, "label": c.label} for c in event.choices]
    if event.source:
        body["source"] = {"title": event.source.title, "url": event.source.url}
    return body


def stored(event: Event) -> str:
    """The event as JSON for the log, with what only the server may know."""
    body = public(replace(event, id="", choices=()))
    if event.choices:
        body["choices"] = [{"id": c.id, "label": c.label, "payload": c.payload} for c in event.choices]
    if event.payload is not None:
        body["payload"] = event.payload
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"))


def from_stored(event_id: str, line: str) -> Event:
    body = json.loads(line)
    source = body.get("source")
    return Event(
        kind=Kind(body["kind"]),
        author=Author(Role(body["author"]["role"]), body["author"]["name"]),
        id=event_id,
        choices=tuple(OfferedChoice(**c) for c in body.get("choices", ())),
        source=Source(**source) if source else None,
        payload=body.get("payload"),
        **{name: body.get(name) for name in _OPTIONAL},
    )
