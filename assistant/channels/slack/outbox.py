"""What is still to be posted to Slack, in Redis: cursor, lease, and the mark of an attempt under way."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.exceptions import RedisError

from assistant.channels.slack.threads import LUA
from assistant.conversation import keys
from assistant.conversation.log import DAY_SECONDS
from assistant.conversation.log import LUA as CONVERSATION_LUA

# A dead gateway delays a conversation by this much, plus one sweep.
LEASE_MS = 5_000
RENEW_SECONDS = 1.5
SWEEP_BATCH = 500


@dataclass(frozen=True)
class Attempt:
    """Where an event is to be posted. `again`: an earlier attempt may have posted it."""

    channel: str
    thread_ts: str
    again: bool


class LostLease(Exception):
    """Another gateway posts for this conversation now."""


class Lease:
    """The right to post for one conversation. `keep_ms`: how long nobody may post after it is given back."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.keep_ms = 0


class Outbox:
    def __init__(self, redis: Redis, retention_days: int, clock: Callable[[], float]) -> None:
        self._redis, self._clock = redis, clock
        self._ttl_seconds = retention_days * DAY_SECONDS
        self._posting = redis.register_script((LUA / "posting.lua").read_text())
        self._posted = redis.register_script((LUA / "posted.lua").read_text())
        self._renew = redis.register_script((CONVERSATION_LUA / "renew.lua").read_text())
        self._release = redis.register_script((CONVERSATION_LUA / "release.lua").read_text())

    @asynccontextmanager
    async def lease(self, conversation_id: str) -> AsyncIterator[Lease | None]:
        """The lease, renewed until the block ends; None if another gateway has it."""
        key, lease = keys.of(conversation_id, "slack_lease"), Lease(secrets.token_hex(8))
        if not await self._redis.set(key, lease.token, nx=True, px=LEASE_MS):
            yield None
            return
        await self._touch(conversation_id)
        renewal = asyncio.create_task(self._keep(key, lease.token), name=f"slack lease {conversation_id}")
        try:
            yield lease
        finally:
            renewal.cancel()
            with suppress(RedisError, OSError):
                if lease.keep_ms:
                    await self._renew([key], [lease.token, lease.keep_ms])
                else:
                    await self._release([key], [lease.token])

    async def _keep(self, key: str, token: str) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(RedisError, OSError):
                if not await self._renew([key], [token, LEASE_MS]):
                    return

    async def cursor(self, conversation_id: str) -> str | None:
        """The last event that is dealt with; None if the conversation is not (any more) in Slack."""
        cursor = await self._redis.hget(keys.of(conversation_id, "slack"), "cursor")
        return None if cursor is None else str(cursor)

    async def begin(self, conversation_id: str, lease: Lease, event_id: str) -> Attempt:
        """Note that an event is about to be posted. Raises `LostLease`."""
        place = await self._posting(self._keys(conversation_id), [lease.token, event_id])
        if not place:
            raise LostLease
        channel, thread_ts, again = place
        return Attempt(channel, thread_ts, bool(again))

    async def not_posted(self, conversation_id: str) -> None:
        """The attempt had no effect for sure, so nobody needs to look for it."""
        await self._redis.hdel(keys.of(conversation_id, "slack"), "posting", "posting_thread")

    async def done(self, conversation_id: str, lease: Lease, event_id: str) -> None:
        """Move the cursor. Raises `LostLease`."""
        if not await self._posted(self._keys(conversation_id), [lease.token, event_id, self._ttl_seconds]):
            raise LostLease

    async def pending(self, active_seconds: float | None) -> tuple[set[str], list[str]]:
        """Conversations in Slack that were active that recently (None: all), and those of them with events to post."""
        since = "-inf" if active_seconds is None else self._now_ms() - round(active_seconds * 1000)
        members = [str(member) for member in await self._redis.zrangebyscore(keys.SLACK, since, "+inf")]
        behind: list[str] = []
        gone: list[str] = []
        for start in range(0, len(members), SWEEP_BATCH):
            batch = members[start : start + SWEEP_BATCH]
            for conversation_id, cursor, newest in zip(batch, *await self._positions(batch), strict=True):
                if cursor is None or not newest:
                    gone.append(conversation_id)
                elif newest[0][0] != cursor:
                    behind.append(conversation_id)
        if gone:
            await self._redis.zrem(keys.SLACK, *gone)
        # Whoever has the lease may be dead: look again in a second, not at the next full sweep.
        await self._touch(*behind)
        return set(members) - set(gone), behind

    async def _positions(self, batch: list[str]) -> tuple[list[str | None], list[list[tuple[str, object]]]]:
        async with self._redis.pipeline(transaction=False) as reads:
            for conversation_id in batch:
                reads.hget(keys.of(conversation_id, "slack"), "cursor")
                reads.xrevrange(keys.of(conversation_id, "log"), count=1)
            found = await reads.execute()
        return found[::2], found[1::2]

    async def _touch(self, *conversation_ids: str) -> None:
        if conversation_ids:
            await self._redis.zadd(keys.SLACK, dict.fromkeys(conversation_ids, self._now_ms()), xx=True)

    def _keys(self, conversation_id: str) -> list[str]:
        return [keys.of(conversation_id, "slack"), keys.of(conversation_id, "slack_lease")]

    def _now_ms(self) -> int:
        return round(self._clock() * 1000)
