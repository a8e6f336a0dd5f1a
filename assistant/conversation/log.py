"""The conversation log in Redis: one stream a conversation, appended once, read by everybody.

Everything that must not happen half is one Lua script on one hash slot. An answer from here means "stored".
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from assistant.conversation import keys
from assistant.conversation.events import Event, from_stored, stored
from assistant.conversation.record import Record, fields_of, record_from, state_fields
from assistant.conversation.redis_connection import RedisClient
from assistant.conversation.state import Change, Owner, State, transition
from assistant.errors import IdempotencyConflict, NotFound

LUA = Path(__file__).parent / "lua"
DAY_SECONDS = 86_400
FIRST = "0-0"
_READ_BATCH = 500

# From the new state and the name of the status, the events to append with a change of owner.
EventsForChange = Callable[[State, str], Sequence[Event]]


class Stale(Exception):
    """The conversation changed after the decision was made: nothing was written."""


class Closed(Exception):
    """The conversation is closed; reopen it first."""


@dataclass(frozen=True)
class Accepted:
    """`repeated`: the same message was accepted before; `event` is what was logged then."""

    event: Event
    repeated: bool


@dataclass(frozen=True)
class TurnKey:
    """Proof that a commit comes from the lease's holder, for the turn at the head of the queue."""

    token: str
    event_id: str


class ConversationLog:
    def __init__(self, redis: RedisClient, retention_days: int) -> None:
        self._redis = redis
        self._ttl_seconds = self.retention_seconds = retention_days * DAY_SECONDS
        self._create = redis.register_script((LUA / "create.lua").read_text())
        self._accept = redis.register_script((LUA / "accept.lua").read_text())
        self._commit = redis.register_script((LUA / "commit.lua").read_text())

    async def create(self, record: Record, first: Event, now_ms: int) -> Event:
        """Start a conversation with its first event; one that exists already is left as it is."""
        cid = record.conversation_id
        fields = [part for pair in fields_of(record).items() for part in pair]
        names = [keys.of(cid, name) for name in ("state", "log")]
        event_id = await self._create(names, [stored(first), self._ttl_seconds, *fields])
        await self._redis.zadd(keys.RECENT, {cid: now_ms})
        return replace(first, id=event_id)

    async def record(self, conversation_id: str) -> Record:
        """Raises `NotFound`."""
        fields = await self._redis.hgetall(keys.of(conversation_id, "state"))
        if "owner" not in fields:
            raise NotFound
        return record_from(conversation_id, fields)

    async def owner(self, conversation_id: str) -> Owner:
        """Raises `NotFound`."""
        owner = await self._redis.hget(keys.of(conversation_id, "state"), "owner")
        if owner is None:
            raise NotFound
        return Owner(owner)

    async def exists(self, conversation_id: str) -> bool:
        return bool(await self._redis.exists(keys.of(conversation_id, "state")))

    async def records(self, conversation_ids: Sequence[str]) -> list[Record]:
        """The records that exist, in the order asked for."""
        async with self._redis.pipeline(transaction=False) as reads:
            for cid in conversation_ids:
                reads.hgetall(keys.of(cid, "state"))
            found = await reads.execute()
        return [record_from(cid, f) for cid, f in zip(conversation_ids, found, strict=True) if "owner" in f]

    async def accept(
        self,
        conversation_id: str,
        event: Event,
        client_id: str,
        now_ms: int,
        *,
        wants_turn: bool,
        sent: str | None = None,
        epoch: int | None = None,
    ) -> Accepted:
        """Append an event once for `client_id`, and queue a turn while the bot owns the conversation.

        `sent` is what the client sent, if the event says more than that: it tells a repeat from another message.
        Raises `IdempotencyConflict` for another event under a known id, `Closed` for a closed conversation,
        `Stale` if `epoch` is given and no longer true, `NotFound`.
        """
        body = stored(event)
        fingerprint = hashlib.sha256((sent or body).encode()).hexdigest()[:16]
        async with self._redis.pipeline(transaction=False) as writes:
            # The index first: a conversation with work is always in it, whatever dies in between.
            if wants_turn:
                writes.zadd(keys.WORK, {conversation_id: now_ms})
            writes.zadd(keys.RECENT, {conversation_id: now_ms})
            await self._accept(
                [keys.of(conversation_id, name) for name in ("seen", "state", "log", "turns")],
                [
                    client_id,
                    fingerprint,
                    body,
                    int(wants_turn),
                    self._ttl_seconds,
                    conversation_id,
                    "" if epoch is None else epoch,
                ],
                client=writes,
            )
            outcome, event_id = (await writes.execute())[-1]
        if outcome in ("accepted", "repeated"):
            repeated = outcome == "repeated"
            return Accepted(
                await self.event(conversation_id, event_id) if repeated else replace(event, id=event_id), repeated
            )
        if outcome == "missing":
            await self._redis.zrem(keys.WORK, conversation_id)
            await self._redis.zrem(keys.RECENT, conversation_id)
        raise {"conflict": IdempotencyConflict, "closed": Closed, "stale": Stale}.get(outcome, NotFound)()

    async def commit(
        self,
        conversation_id: str,
        epoch: int,
        events: Sequence[Event],
        *,
        fields: dict[str, str] | None = None,
        turn: TurnKey | None = None,
        clear_turns: bool = False,
        queue_turn: str = "",
    ) -> list[Event]:
        """Append events and set fields if the epoch, and the turn if given, still hold. Raises `Stale`.

        `clear_turns` drops what is queued; `queue_turn` then queues the turn of that message.
        """
        flat = [part for pair in (fields or {}).items() for part in pair]
        result = await self._commit(
            [keys.of(conversation_id, name) for name in ("state", "log", "turns", "lease")],
            [
                epoch,
                turn.token if turn else "",
                turn.event_id if turn else "",
                int(clear_turns),
                queue_turn,
                self._ttl_seconds,
                conversation_id,
                len(flat) // 2,
                *flat,
                *(stored(event) for event in events),
            ],
        )
        if result[0] != "ok":
            raise Stale(result[0])
        return [replace(event, id=event_id) for event, event_id in zip(events, result[1:], strict=True)]

    async def change_owner(
        self,
        record: Record,
        change: Change,
        events_for: EventsForChange,
        *,
        fields: dict[str, str] | None = None,
        turn: TurnKey | None = None,
        queue_turn: str = "",
    ) -> tuple[State, list[Event]]:
        """Apply a change to the state the record was read with; queued turns go, a new owner starts afresh.

        `queue_turn`: a message that the bot is to answer after all.

        Raises `InvalidTransition`, or `Stale` if the conversation changed since.
        """
        state, status = transition(record.state, change)
        following = {**(fields or {}), **state_fields(state)}
        events = await self.commit(
            record.conversation_id,
            record.state.epoch,
            events_for(state, status),
            fields=following,
            turn=turn,
            clear_turns=True,
            queue_turn=queue_turn,
        )
        return state, events

    async def read(self, conversation_id: str, after: str = FIRST, limit: int = _READ_BATCH) -> list[Event]:
        """Events after `after`, oldest first, at most `limit`."""
        rows = await self._redis.xrange(keys.of(conversation_id, "log"), f"({after}", "+", count=limit)
        return [from_stored(event_id, fields["event"]) for event_id, fields in rows]

    async def read_all(self, conversation_id: str) -> list[Event]:
        events = await self.read(conversation_id)
        while len(events) and len(events) % _READ_BATCH == 0:
            more = await self.read(conversation_id, events[-1].id)
            if not more:
                break
            events += more
        return events

    async def newest(self, conversation_id: str, limit: int) -> list[Event]:
        """The last `limit` events, newest first."""
        rows = await self._redis.xrevrange(keys.of(conversation_id, "log"), count=limit)
        return [from_stored(event_id, fields["event"]) for event_id, fields in rows]

    async def event(self, conversation_id: str, event_id: str) -> Event:
        """Raises `NotFound`."""
        rows: list[Any] = await self._redis.xrange(keys.of(conversation_id, "log"), event_id, event_id)
        if not rows:
            raise NotFound
        return from_stored(event_id, rows[0][1]["event"])

    async def now(self) -> str:
        """An event id for this moment, by Redis' clock."""
        seconds, microseconds = await self._redis.time()
        return f"{seconds * 1000 + microseconds // 1000}-0"

    async def erase(self, conversation_id: str) -> None:
        """Delete everything stored about a conversation, Rasa's tracker included."""
        # The indexes first: without them nothing leads to what a crash would leave, and it expires.
        for index in (keys.WORK, keys.RECENT, keys.WAITING, keys.CLAIMED, keys.SLACK):
            await self._redis.zrem(index, conversation_id)
        names = ("state", "log", "seen", "turns", "lease", "fence", "attempts", "slack", "tracker", "slots")
        await self._redis.delete(*(keys.of(conversation_id, name) for name in names))
        await self._redis.publish(keys.WAKE_CHANNEL, conversation_id)
