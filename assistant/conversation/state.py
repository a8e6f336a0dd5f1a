"""Who owns a conversation: a pure state machine. `(state, event) → (state, status line)` or `InvalidTransition`.

Exactly one owner at a time. The epoch rises at every change, so that whoever acted on an older state is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    BOT = "bot"
    WAITING = "waiting"
    HUMAN = "human"
    CLOSED = "closed"


@dataclass(frozen=True)
class Agent:
    username: str
    name: str


@dataclass(frozen=True)
class State:
    """`waiting_since`: seconds since 1970, set from the request for a human until the conversation goes back."""

    owner: Owner = Owner.BOT
    epoch: int = 0
    agent: Agent | None = None
    waiting_since: float | None = None


@dataclass(frozen=True)
class RequestHuman:
    at: float


@dataclass(frozen=True)
class CancelRequest:
    """The customer would rather go on with the assistant."""


@dataclass(frozen=True)
class Claim:
    agent: Agent
    at: float


@dataclass(frozen=True)
class ReturnToBot:
    agent: Agent


@dataclass(frozen=True)
class Resolve:
    agent: Agent


@dataclass(frozen=True)
class CloseForAbuse:
    """The customer was asked to keep it civil and did not; only where the shop's policy says so."""


@dataclass(frozen=True)
class AgentLost:
    """The agent who owns the conversation has not been seen for too long."""

    at: float


@dataclass(frozen=True)
class Reopen:
    """The customer writes in a closed conversation."""


Change = RequestHuman | CancelRequest | Claim | ReturnToBot | Resolve | CloseForAbuse | AgentLost | Reopen


class InvalidTransition(Exception):
    def __init__(self, state: State, change: Change) -> None:
        self.state = state
        super().__init__(f"{type(change).__name__} is not possible while the owner is {state.owner}")


def transition(state: State, change: Change) -> tuple[State, str]:
    """The next state, and the name of the status event that tells everybody."""
    following = _next(state, change)
    if following is None:
        raise InvalidTransition(state, change)
    owner, agent, since, status = following
    return State(owner, state.epoch + 1, agent, since), status


def _next(state: State, change: Change) -> tuple[Owner, Agent | None, float | None, str] | None:
    match state.owner, change:
        case Owner.BOT, RequestHuman(at):
            return Owner.WAITING, None, at, "handoff_requested"
        case Owner.WAITING, CancelRequest():
            return Owner.BOT, None, None, "handoff_cancelled"
        case ((Owner.WAITING | Owner.BOT), Claim(agent, at)):
            return Owner.HUMAN, agent, state.waiting_since or at, "agent_joined"
        case Owner.HUMAN, ReturnToBot(agent) if agent.username == _owner_name(state):
            return Owner.BOT, None, None, "returned_to_bot"
        case Owner.HUMAN, Resolve(agent) if agent.username == _owner_name(state):
            return Owner.CLOSED, None, None, "resolved"
        case Owner.BOT, CloseForAbuse():
            return Owner.CLOSED, None, None, "resolved"
        case Owner.HUMAN, AgentLost(at):
            return Owner.WAITING, None, state.waiting_since or at, "agent_left"
        case Owner.CLOSED, Reopen():
            return Owner.BOT, None, None, "reopened"
    return None


def _owner_name(state: State) -> str | None:
    return state.agent.username if state.agent else None
