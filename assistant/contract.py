"""What crosses between the gateway (Python 3.11+) and Rasa (Python 3.10). Standard library only.

`BotRequest` goes to Rasa, `BotReply` comes back. Both are frozen; `from_json` raises `ContractError` on
anything that does not fit, so neither side works on a half-understood message.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

# The name under which actions attach our own fields to a bot message (`json_message` / `custom`).
MESSAGE_FIELDS = "offramp"
# The slot that carries a hand-off request out of a turn, and the one that carries what the answer was.
HANDOFF_SLOT = "handoff"
OUTCOME_SLOT = "outcome"


class ContractError(ValueError):
    """A message between the processes does not have the agreed shape."""


def _text(body: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = body.get(name, default)
    if not isinstance(value, str):
        raise ContractError(f"`{name}` must be a string")
    return value


def _text_or_none(body: Mapping[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise ContractError(f"`{name}` must be a string or null")
    return value


def _number(body: Mapping[str, Any], name: str, default: float) -> float:
    value = body.get(name, default)
    # Infinity, NaN and integers beyond floating point fail the comparison.
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) <= sys.float_info.max:
        raise ContractError(f"`{name}` must be a number")
    return float(value)


def _mapping(value: Any, name: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ContractError(f"`{name}` must be an object")
    return value


def _list(body: Mapping[str, Any], name: str) -> list[Any]:
    value = body.get(name) or []
    if not isinstance(value, list):
        raise ContractError(f"`{name}` must be a list")
    return value


@dataclass(frozen=True)
class BotRequest:
    """One customer message for the bot.

    `text` is what the customer typed and is never read as a command; `payload` is the command behind a
    button that the server offered (`/affirm`) and wins over the text. `epoch` is the conversation's owner
    epoch: rules look only at turns of the same epoch. `redelivered` says that an earlier attempt may have
    reached Rasa, so a stored reply must be looked for first.
    """

    conversation_id: str
    message_id: str
    text: str
    payload: str | None = None
    channel: str = "web"
    tier: str | None = None
    epoch: int = 0
    redelivered: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, body: Any) -> BotRequest:
        body = _mapping(body, "request")
        return cls(
            conversation_id=_text(body, "conversation_id"),
            message_id=_text(body, "message_id"),
            text=_text(body, "text"),
            payload=_text_or_none(body, "payload"),
            channel=_text(body, "channel", "web"),
            tier=_text_or_none(body, "tier"),
            epoch=int(_number(body, "epoch", 0)),
            redelivered=bool(body.get("redelivered", False)),
        )


@dataclass(frozen=True)
class Choice:
    """A button: what the customer reads, and the command that the server runs when it is chosen."""

    label: str
    payload: str


@dataclass(frozen=True)
class BotMessage:
    """One message of the bot. `text` is Markdown from approved sources only."""

    text: str
    choices: tuple[Choice, ...] = ()
    article_id: str | None = None
    source_title: str | None = None
    source_url: str | None = None

    @classmethod
    def from_json(cls, body: Any) -> BotMessage:
        body = _mapping(body, "message")
        choices = tuple(
            Choice(_text(c, "label"), _text(c, "payload"))
            for c in (_mapping(c, "choice") for c in _list(body, "choices"))
        )
        return cls(
            text=_text(body, "text"),
            choices=choices,
            article_id=_text_or_none(body, "article_id"),
            source_title=_text_or_none(body, "source_title"),
            source_url=_text_or_none(body, "source_url"),
        )


@dataclass(frozen=True)
class Trigger:
    """Why a rule fired: the measured value, the threshold it passed, and the messages that show it.

    `topic` is that of a sensitive message, one of `assistant.escalation.sentiment.TOPICS`. `measure` is the name of
    the threshold, see `assistant.escalation.thresholds`; None if the rule has none.
    """

    rule: str
    explanation: str
    score: float = 1.0
    threshold: float = 1.0
    message_ids: tuple[str, ...] = ()
    topic: str | None = None
    measure: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "message_ids": list(self.message_ids)}

    @classmethod
    def from_json(cls, body: Any) -> Trigger:
        body = _mapping(body, "trigger")
        return cls(
            rule=_text(body, "rule"),
            explanation=_text(body, "explanation"),
            score=_number(body, "score", 1.0),
            threshold=_number(body, "threshold", 1.0),
            message_ids=tuple(str(m) for m in _list(body, "message_ids")),
            topic=_text_or_none(body, "topic"),
            measure=_text_or_none(body, "measure"),
        )


@dataclass(frozen=True)
class BestMatch:
    """An article that came close, with the calibrated probability (0..1) that it is the right one."""

    article_id: str
    probability: float


@dataclass(frozen=True)
class Trace:
    """What the bot made of one customer message; for the agent, the reports and `offramp replay`.

    `negative` (unhappy with the service) and `asked_for_human` are probabilities (0..1). `decision` is what the
    knowledge base said (see `assistant.escalation.turns.Outcome`), or None when it was not asked.
    """

    intent: str = ""
    intent_confidence: float = 0.0
    negative: float = 0.0
    asked_for_human: float = 0.0
    decision: str | None = None
    article_id: str | None = None
    confidence: float | None = None
    hits: tuple[BestMatch, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "hits": [asdict(h) for h in self.hits]}

    @classmethod
    def from_json(cls, body: Any) -> Trace:
        body = _mapping(body, "trace")
        confidence = body.get("confidence")
        hits = (_mapping(h, "hit") for h in _list(body, "hits"))
        return cls(
            intent=_text(body, "intent", ""),
            intent_confidence=_number(body, "intent_confidence", 0.0),
            negative=_number(body, "negative", 0.0),
            asked_for_human=_number(body, "asked_for_human", 0.0),
            decision=_text_or_none(body, "decision"),
            article_id=_text_or_none(body, "article_id"),
            confidence=None if confidence is None else _number(body, "confidence", 0.0),
            hits=tuple(BestMatch(_text(h, "article_id"), _number(h, "probability", 0.0)) for h in hits),
        )


@dataclass(frozen=True)
class BotReply:
    """The outcome of one turn in Rasa: what to say, whether to hand off, and what the bot understood."""

    messages: tuple[BotMessage, ...] = ()
    handoff: Trigger | None = None
    trace: Trace = field(default_factory=Trace)
    slots: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "messages": [asdict(m) for m in self.messages],
            "handoff": self.handoff.as_json() if self.handoff else None,
            "trace": self.trace.as_json(),
            "slots": dict(self.slots),
        }

    @classmethod
    def from_json(cls, body: Any) -> BotReply:
        body = _mapping(body, "reply")
        handoff = body.get("handoff")
        return cls(
            messages=tuple(BotMessage.from_json(m) for m in _list(body, "messages")),
            handoff=None if handoff is None else Trigger.from_json(handoff),
            trace=Trace.from_json(body.get("trace") or {}),
            slots=dict(_mapping(body.get("slots") or {}, "slots")),
        )
