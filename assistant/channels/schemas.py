"""The JSON bodies of the customer API: validated on the way in, documented on the way out."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

MAX_CONTEXT_BYTES = 4_000
# Far from what the JSON reader of any later process refuses.
MAX_CONTEXT_DEPTH = 8

ClientMessageId = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[\x21-\x7e]+$")]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class StartConversation(Body):
    channel: Literal["app", "web"] = "web"
    locale: str = Field("en", pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$", max_length=35)
    identity: str | None = Field(
        None, max_length=4000, description="JWT of a logged-in customer; your backend signs it."
    )
    context: dict[str, Any] = Field(default_factory=dict, description="Page, app version, …; shown to the agent.")

    @field_validator("context")
    @classmethod
    def _small(cls, value: dict[str, Any]) -> dict[str, Any]:
        if not shallow(value, MAX_CONTEXT_DEPTH):
            raise ValueError(f"may be nested {MAX_CONTEXT_DEPTH} deep at most")
        if len(json.dumps(value, allow_nan=False).encode("utf-8", "replace")) > MAX_CONTEXT_BYTES:
            raise ValueError(f"must be smaller than {MAX_CONTEXT_BYTES} bytes")
        json.dumps(value, ensure_ascii=False).encode()
        return value


def shallow(value: object, levels: int) -> bool:
    """Whether JSON data has at most that many levels of lists and objects."""
    if not isinstance(value, dict | list):
        return True
    parts = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(shallow(part, levels - 1) for part in parts)


class SendMessage(Body):
    """Either `text` or `choice_id`. The same `client_message_id` is accepted once."""

    client_message_id: ClientMessageId
    text: str | None = Field(None, description="At most 4,000 characters.")
    choice_id: str | None = Field(None, max_length=100, description="Of a choice in a message of the bot.")

    @model_validator(mode="after")
    def _one(self) -> SendMessage:
        if (self.text is None) == (self.choice_id is None):
            raise ValueError("send either `text` or `choice_id`")
        return self


class RequestHandoff(Body):
    note: str | None = Field(None, max_length=1000, description="What it is about; the agent reads it.")


class GiveFeedback(Body):
    event_id: str = Field(pattern=r"^[0-9]{1,19}-[0-9]{1,19}$")
    helpful: bool


class AuthorOut(BaseModel):
    role: Literal["customer", "bot", "agent", "system"]
    name: str


class ChoiceOut(BaseModel):
    id: str
    label: str


class SourceOut(BaseModel):
    title: str
    url: str | None = None


class EventOut(BaseModel):
    """One entry of the conversation log. Fields that do not apply are left out."""

    id: str = Field(description="Offset in the log; rises.")
    at: str = Field(description="ISO 8601, UTC.")
    kind: Literal["message", "status", "feedback", "typing"]
    author: AuthorOut
    text: str | None = None
    html: str | None = Field(None, description="Safe HTML of `text`.")
    choices: list[ChoiceOut] | None = None
    article_id: str | None = None
    source: SourceOut | None = None
    status: str | None = None
    owner: Literal["bot", "waiting", "human", "closed"] | None = Field(
        None, description="With a status: who has it now."
    )
    client_message_id: str | None = None
    reply_to: str | None = None
    event_id: str | None = None
    helpful: bool | None = None


class StartedOut(BaseModel):
    conversation_id: str
    token: str = Field(description="Send it as `Authorization: Bearer <token>`.")
    greeting: EventOut


class SentOut(BaseModel):
    event: EventOut
    replies: list[EventOut]
    owner: Literal["bot", "waiting", "human", "closed"]


class AcceptedOut(BaseModel):
    event: EventOut
    owner: Literal["bot", "waiting", "human", "closed"]


class EventsOut(BaseModel):
    events: list[EventOut]
    next: str = Field(description="Ask for events after this one.")


class QueueOut(BaseModel):
    position: int = Field(description="1 is next.")
    wait_seconds: int | None = None


class ConversationOut(BaseModel):
    conversation_id: str
    owner: Literal["bot", "waiting", "human", "closed"]
    agent: dict[str, str] | None = None
    queue: QueueOut | None = None


class Problem(BaseModel):
    """`application/problem+json`, RFC 9457, with a stable `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
