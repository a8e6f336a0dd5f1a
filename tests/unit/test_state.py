from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assistant.conversation.state import (
    Agent,
    AgentLost,
    CancelRequest,
    Change,
    Claim,
    CloseForAbuse,
    InvalidTransition,
    Owner,
    Reopen,
    RequestHuman,
    Resolve,
    ReturnToBot,
    State,
    transition,
)

MARA, JON = Agent("mara", "Mara"), Agent("jon", "Jon")
CHANGES = st.one_of(
    st.builds(RequestHuman, at=st.floats(1, 2e9)),
    st.just(CancelRequest()),
    st.builds(Claim, agent=st.sampled_from([MARA, JON]), at=st.floats(1, 2e9)),
    st.builds(ReturnToBot, agent=st.sampled_from([MARA, JON])),
    st.builds(Resolve, agent=st.sampled_from([MARA, JON])),
    st.builds(AgentLost, at=st.floats(1, 2e9)),
    st.just(CloseForAbuse()),
    st.just(Reopen()),
)
# The whole machine as a table: from → change → to. What is not here must be refused.
ALLOWED = {
    (Owner.BOT, RequestHuman): Owner.WAITING,
    (Owner.BOT, Claim): Owner.HUMAN,
    (Owner.BOT, CloseForAbuse): Owner.CLOSED,
    (Owner.WAITING, CancelRequest): Owner.BOT,
    (Owner.WAITING, Claim): Owner.HUMAN,
    (Owner.HUMAN, ReturnToBot): Owner.BOT,
    (Owner.HUMAN, Resolve): Owner.CLOSED,
    (Owner.HUMAN, AgentLost): Owner.WAITING,
    (Owner.CLOSED, Reopen): Owner.BOT,
}


def after(*changes: Change) -> State:
    state = State()
    for change in changes:
        state, _ = transition(state, change)
    return state


class Conversation(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.state = State()

    @rule(change=CHANGES)
    def something_happens(self, change: Change) -> None:
        before = self.state
        wanted = ALLOWED.get((before.owner, type(change)))
        if isinstance(change, ReturnToBot | Resolve) and change.agent != before.agent:
            wanted = None
        if wanted is None:
            with pytest.raises(InvalidTransition):
                transition(before, change)
            return
        self.state, status = transition(before, change)
        assert status
        assert self.state.owner is wanted
        assert self.state.epoch == before.epoch + 1

    @invariant()
    def exactly_one_owner(self) -> None:
        assert (self.state.agent is not None) == (self.state.owner is Owner.HUMAN)

    @invariant()
    def waiting_is_timed_from_the_request_until_it_goes_back(self) -> None:
        assert (self.state.waiting_since is not None) == (self.state.owner in (Owner.WAITING, Owner.HUMAN))


Conversation.TestCase.settings = settings(max_examples=200, stateful_step_count=30, deadline=None)
TestConversation = Conversation.TestCase


def test_that_going_back_and_forth_works_any_number_of_times() -> None:
    state = State()
    for at in range(1, 51):
        for change in (RequestHuman(at), Claim(MARA, at), ReturnToBot(MARA)):
            state, _ = transition(state, change)
    assert (state.owner, state.epoch) == (Owner.BOT, 150)


def test_that_only_the_owning_agent_can_give_a_conversation_away() -> None:
    state = after(RequestHuman(1), Claim(MARA, 2))
    with pytest.raises(InvalidTransition, match="owner is human"):
        transition(state, Resolve(JON))


def test_that_a_lost_agent_does_not_reset_how_long_the_customer_waits() -> None:
    state = after(RequestHuman(100.0), Claim(MARA, 160.0), AgentLost(300.0))
    assert (state.owner, state.waiting_since) == (Owner.WAITING, 100.0)
