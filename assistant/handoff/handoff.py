"""Every change of owner goes through here: request, cancel, claim, return, resolve, lost agent, reopen."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import structlog

from assistant.contract import Trigger
from assistant.conversation import keys
from assistant.conversation.events import Event, Kind, Role
from assistant.conversation.log import ConversationLog, Stale, TurnKey
from assistant.conversation.record import Record
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
from assistant.conversation.status_lines import CLOSED_FOR_ABUSE, change_line, status_event, waiting_line
from assistant.errors import AlreadyClaimed, Conflict, NotYours
from assistant.handoff.answering_client import AnsweringClient
from assistant.handoff.bundle import build_bundle
from assistant.handoff.queue import HandoffQueue

log = structlog.get_logger()

# How often a change is tried again when somebody else changed the conversation in between.
ATTEMPTS = 5
# Status lines and traces may follow a message.
UNANSWERED_EVENTS = 20


class HandOff:
    def __init__(
        self,
        log: ConversationLog,
        queue: HandoffQueue,
        answering: AnsweringClient,
        team: str,
        clock: Callable[[], float],
        closes_abuse: bool = False,
    ) -> None:
        self._log, self._queue, self._answering = log, queue, answering
        self._team, self._clock, self._closes_abuse = team, clock, closes_abuse

    async def request(
        self,
        record: Record,
        trigger: Trigger,
        *,
        before: Sequence[Event] = (),
        slots: dict[str, Any] | None = None,
        turn: TurnKey | None = None,
    ) -> State:
        """Put a conversation of the bot into the queue, with its bundle. `before`: what the bot says first.

        Abuse closes it instead, where that is the policy. Raises `Stale` or `InvalidTransition` if it is not the bot's
        any more: then it needs no request.
        """
        if trigger.rule == "abuse" and self._closes_abuse:
            state, _ = await self._log.change_owner(
                record,
                CloseForAbuse(),
                # Why stays in the log; that a person is coming is not said.
                lambda state, status: [
                    *(event for event in before if event.kind is not Kind.MESSAGE),
                    status_event(status, CLOSED_FOR_ABUSE, state),
                ],
                turn=turn,
            )
            return state
        now = self._clock()
        cid = record.conversation_id
        events = [*await self._log.read_all(cid), *before]
        facts = await self._answering.facts([e.text for e in events if _typed_by_customer(e) and e.text])
        bundle = self._bundle(record, events, trigger, facts, slots or {}, now)
        place = await self._queue.place(cid, 0.0, now)
        line = waiting_line(place.position, place.wait_seconds, bool(await self._queue.agents_there(now)))
        await self._queue.enter(cid, now)
        state, _ = await self._log.change_owner(
            record,
            RequestHuman(now),
            lambda state, status: [*before, status_event(status, line, state)],
            fields={"reason": json.dumps(bundle["reason"]), "bundle": json.dumps(bundle)},
            turn=turn,
        )
        await self._queue.enter(cid, now)
        return state

    def _bundle(
        self,
        record: Record,
        events: list[Event],
        trigger: Trigger,
        facts: list[dict[str, str]],
        slots: dict[str, Any],
        now: float,
    ) -> dict[str, Any]:
        """The whole bundle, or the least of one: nothing in a conversation may keep its customer from a human."""
        try:
            return build_bundle(record, events, trigger, facts, slots, now)
        except Exception:
            log.exception("bundle.failed", conversation_id=record.conversation_id)
            return build_bundle(record, [], trigger, [], {}, now)

    async def request_by_button(self, record: Record, note: str | None) -> State:
        """The customer wants a human: always, at once. A request already under way is left as it is."""
        ids = tuple(e.id for e in (await self._log.newest(record.conversation_id, 20)) if _typed_by_customer(e))[:1]
        said = (
            f"The customer chose to talk to a person: “{note}”" if note else "The customer chose to talk to a person."
        )
        trigger = Trigger("customer_button", said, message_ids=ids)
        for _ in range(ATTEMPTS):
            if record.state.owner is Owner.CLOSED:
                with suppress(Conflict):  # somebody else was faster
                    await self.reopen(record)
            elif record.state.owner is not Owner.BOT:
                return record.state
            else:
                try:
                    return await self.request(record, trigger)
                except Stale:
                    pass
            record = await self._log.record(record.conversation_id)
        raise Conflict

    async def cancel(self, record: Record) -> State:
        """The customer goes on with the assistant; no effect unless they wait."""
        if record.state.owner is not Owner.WAITING:
            return record.state
        return await self._change(record, CancelRequest(), queue_turn=await self._unanswered(record))

    async def reopen(self, record: Record) -> State:
        if record.state.owner is not Owner.CLOSED:
            return record.state
        return await self._change(record, Reopen())

    async def claim(self, record: Record, agent: Agent) -> State:
        """Raises `AlreadyClaimed` if another agent has it; claiming twice is no error."""
        if record.state.owner is Owner.HUMAN and record.state.agent and record.state.agent.username == agent.username:
            return record.state
        since = record.state.waiting_since
        now = self._clock()
        fields = {} if since else {"reason": json.dumps(_taken_over(agent))}
        await self._queue.claimed(record.conversation_id, now)
        state = await self._change(record, Claim(agent, now), fields)
        if since:
            await self._queue.note_wait(now - since)
        return state

    async def return_to_bot(self, record: Record, agent: Agent, note: Event | None = None) -> State:
        """A message that nobody has answered yet goes to the bot."""
        return await self._change(record, ReturnToBot(agent), note=note, queue_turn=await self._unanswered(record))

    async def resolve(self, record: Record, agent: Agent, note: Event | None = None) -> State:
        return await self._change(record, Resolve(agent), note=note)

    async def agent_lost(self, record: Record) -> State:
        """Back into the queue, at the place that the customer had."""
        await self._queue.enter(record.conversation_id, record.state.waiting_since or self._clock())
        return await self._change(record, AgentLost(self._clock()))

    async def _unanswered(self, record: Record) -> str:
        """The customer's last message if nobody has said anything since, else nothing."""
        for event in await self._log.newest(record.conversation_id, UNANSWERED_EVENTS):
            if event.kind is Kind.MESSAGE:
                return event.id if event.author.role is Role.CUSTOMER else ""
        return ""

    async def _change(
        self,
        record: Record,
        change: Change,
        fields: dict[str, str] | None = None,
        *,
        note: Event | None = None,
        queue_turn: str = "",
    ) -> State:
        name = _agent_name(record, change)

        def events(state: State, status: str) -> list[Event]:
            line = status_event(status, change_line(status, name, self._team), state)
            return [note, line] if note else [line]

        if queue_turn:
            await self._queue.has_work(record.conversation_id, self._clock())
        try:
            state, _ = await self._log.change_owner(record, change, events, fields=fields, queue_turn=queue_turn)
        except Stale as error:
            state = await self._already(record, change, error)
        except InvalidTransition as error:
            raise _refused(error.state, change) from error
        await self._tidy(record.conversation_id, state)
        return state

    async def _already(self, record: Record, change: Change, error: Stale) -> State:
        """The state if this very change was written and only its answer got lost; else why it is refused."""
        current = (await self._log.record(record.conversation_id)).state
        if current == transition(record.state, change)[0]:
            return current
        raise _refused(current, change) from error

    async def _tidy(self, conversation_id: str, state: State) -> None:
        indexes = {Owner.WAITING: keys.WAITING, Owner.HUMAN: keys.CLAIMED}
        gone = [index for owner, index in indexes.items() if owner is not state.owner]
        await self._queue.left(conversation_id, *gone)
        if state.owner is Owner.WAITING:
            await self._queue.enter(conversation_id, state.waiting_since or self._clock())


def _refused(state: State, change: Change) -> Conflict:
    if isinstance(change, Claim):
        who = state.agent.name if state.agent else "Somebody else"
        return AlreadyClaimed(f"{who} has this conversation.") if state.owner is Owner.HUMAN else Conflict()
    return NotYours() if isinstance(change, (ReturnToBot, Resolve)) else Conflict()


def _agent_name(record: Record, change: Change) -> str:
    if isinstance(change, (Claim, ReturnToBot, Resolve)):
        return change.agent.name
    return record.state.agent.name if record.state.agent else ""


def _taken_over(agent: Agent) -> dict[str, Any]:
    return {"code": "taken_over", "text": f"{agent.name} took over from the assistant.", "triggers": []}


def _typed_by_customer(event: Event) -> bool:
    return event.kind is Kind.MESSAGE and event.author.role is Role.CUSTOMER and event.payload is None
