"""What is stored beside the log of a conversation: its owner, and who and where the customer is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.conversation.state import Agent, Owner, State


@dataclass(frozen=True)
class Customer:
    """`id`: the company's own, from a signed token; None for an anonymous visitor."""

    name: str | None = None
    email: str | None = None
    tier: str | None = None
    id: str | None = None


@dataclass(frozen=True)
class Record:
    """`context`: what the channel said about the page or app. `bundle`: the last hand-off bundle, if any."""

    conversation_id: str
    state: State
    channel: str
    created_at: float
    locale: str = "en"
    context: Mapping[str, Any] = field(default_factory=dict)
    customer: Customer = field(default_factory=Customer)
    reason: Mapping[str, Any] | None = None
    bundle: Mapping[str, Any] | None = None
    token_hash: str = ""


def state_fields(state: State) -> dict[str, str]:
    return {
        "owner": state.owner.value,
        "epoch": str(state.epoch),
        "agent": json.dumps(asdict(state.agent)) if state.agent else "",
        "waiting_since": "" if state.waiting_since is None else repr(state.waiting_since),
    }


def fields_of(record: Record) -> dict[str, str]:
    """The hash that holds a record; empty values are left out."""
    optional = {
        "reason": json.dumps(record.reason) if record.reason else "",
        "bundle": json.dumps(record.bundle) if record.bundle else "",
    }
    return {
        **state_fields(record.state),
        "channel": record.channel,
        "created_at": repr(record.created_at),
        "locale": record.locale,
        "context": json.dumps(dict(record.context)),
        "customer": json.dumps(asdict(record.customer)),
        "token_hash": record.token_hash,
        **{name: value for name, value in optional.items() if value},
    }


def record_from(conversation_id: str, fields: Mapping[str, str]) -> Record:
    agent, since = fields.get("agent"), fields.get("waiting_since")
    reason, bundle = fields.get("reason"), fields.get("bundle")
    return Record(
        conversation_id=conversation_id,
        state=State(
            Owner(fields["owner"]),
            int(fields["epoch"]),
            Agent(**json.loads(agent)) if agent else None,
            float(since) if since else None,
        ),
        channel=fields["channel"],
        created_at=float(fields["created_at"]),
        locale=fields.get("locale", "en"),
        context=json.loads(fields.get("context") or "{}"),
        customer=Customer(**json.loads(fields.get("customer") or "{}")),
        reason=json.loads(reason) if reason else None,
        bundle=json.loads(bundle) if bundle else None,
        token_hash=fields.get("token_hash", ""),
    )
