"""Finds what a dead worker left: conversations with queued turns and no lease. Runs in every gateway."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable

import structlog
from redis.exceptions import RedisError

from assistant.conversation import keys
from assistant.conversation.log import LUA, ConversationLog
from assistant.conversation.record import Record
from assistant.conversation.redis_connection import RedisClient
from assistant.conversation.state import Owner

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
BATCH = 500
# A message is queued within the time-out of one Redis call after its conversation entered the index.
FORGET_AFTER_MS = 30_000
# An index can only be behind after a crash between two writes; a day is more than anyone waits.
REBUILD_WINDOW_SECONDS = 86_400.0
REBUILD_EVERY_SWEEPS = 30


class Sweep:
    """`kick` starts a conversation's turns; `claimed` looks after one that a human has."""

    def __init__(
        self,
        redis: RedisClient,
        conversations: ConversationLog,
        kick: Callable[[str], None],
        claimed: Callable[[Record], Awaitable[None]],
        clock: Callable[[], float],
    ) -> None:
        self._redis, self._log, self._kick, self._clock = redis, conversations, kick, clock
        self._claimed = claimed
        self._forget = redis.register_script((LUA / "forget.lua").read_text())

    async def run(self) -> None:
        """Runs until cancelled, through losses of Redis."""
        for sweeps in itertools.count():
            try:
                await self.work()
                await self.queues()
                if sweeps % REBUILD_EVERY_SWEEPS == 0:
                    await self.rebuild()
            except (RedisError, OSError) as error:
                log.warning("sweep.interrupted", error=type(error).__name__)
            except Exception:  # the outermost loop of this service
                log.exception("sweep.failed")
            await asyncio.sleep(SWEEP_SECONDS)

    async def work(self) -> None:
        """Kick every conversation with a queued turn; forget those that have had none for a while."""
        first = 0
        while entries := await self._redis.zrange(keys.WORK, first, first + BATCH - 1, withscores=True):
            first += len(entries)
            async with self._redis.pipeline(transaction=False) as reads:
                for conversation_id, _ in entries:
                    reads.llen(keys.of(conversation_id, "turns"))
                lengths = await reads.execute()
            old = self._clock() * 1000 - FORGET_AFTER_MS
            for (conversation_id, since_ms), length in zip(entries, lengths, strict=True):
                if length:
                    self._kick(conversation_id)
                elif since_ms < old:
                    await self._forget([keys.WORK], [conversation_id, round(since_ms)])
                    first -= 1

    async def queues(self) -> None:
        """Take conversations out of the humans' indexes that no longer belong there."""
        old = self._clock() - FORGET_AFTER_MS / 1000
        for index, owner in ((keys.WAITING, Owner.WAITING), (keys.CLAIMED, Owner.HUMAN)):
            members = await self._redis.zrangebyscore(index, "-inf", old, start=0, num=BATCH)
            records = {r.conversation_id: r for r in await self._log.records(members)} if members else {}
            for conversation_id in members:
                record = records.get(conversation_id)
                if record is None or record.state.owner is not owner:
                    await self._redis.zrem(index, conversation_id)
                elif owner is Owner.HUMAN:
                    await self._claimed(record)

    async def rebuild(self) -> None:
        """Put conversations back into the humans' indexes that a crash kept out of them."""
        await self._redis.zremrangebyscore(keys.RECENT, "-inf", (self._clock() - self._log.retention_seconds) * 1000)
        since_ms = (self._clock() - REBUILD_WINDOW_SECONDS) * 1000
        recent = await self._redis.zrangebyscore(keys.RECENT, since_ms, "+inf")
        for start in range(0, len(recent), BATCH):
            for record in await self._log.records(recent[start : start + BATCH]):
                index = {Owner.WAITING: keys.WAITING, Owner.HUMAN: keys.CLAIMED}.get(record.state.owner)
                if index is not None:
                    since = record.state.waiting_since or self._clock()
                    await self._redis.zadd(index, {record.conversation_id: since}, nx=True)
