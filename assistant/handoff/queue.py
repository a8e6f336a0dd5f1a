"""The queue of conversations that wait for a human: an index over the conversations, never the truth."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.conversation import keys
from assistant.conversation.redis_connection import RedisClient

WAIT_ESTIMATE = "offramp:wait-estimate"
PRESENCE = "offramp:presence"
# An agent's page says so every 20 s; two missed beats mean that nobody is there.
PRESENCE_SECONDS = 50.0
# Exponentially weighted: one long wait moves the estimate by a tenth.
OLD_SHARE = 0.9


@dataclass(frozen=True)
class Place:
    """`position`: 1 is next. `wait_seconds` is None while nothing is known about it."""

    position: int
    wait_seconds: float | None


class HandoffQueue:
    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis

    async def enter(self, conversation_id: str, since: float) -> None:
        """Before the change of owner: an entry too many is cleaned up, one too few would be a lost customer."""
        await self._redis.zadd(keys.WAITING, {conversation_id: since})

    async def claimed(self, conversation_id: str, since: float) -> None:
        await self._redis.zadd(keys.CLAIMED, {conversation_id: since})

    async def has_work(self, conversation_id: str, now: float) -> None:
        """Before a turn is queued: the sweep looks at every conversation in this index."""
        await self._redis.zadd(keys.WORK, {conversation_id: round(now * 1000)})

    async def left(self, conversation_id: str, *indexes: str) -> None:
        for index in indexes:
            await self._redis.zrem(index, conversation_id)

    async def waiting(self) -> list[str]:
        """Conversation ids, the longest waiting first."""
        return list(await self._redis.zrange(keys.WAITING, 0, -1))

    async def with_humans(self) -> list[str]:
        return list(await self._redis.zrange(keys.CLAIMED, 0, -1))

    async def recent(self, since: float, limit: int) -> list[str]:
        return list(await self._redis.zrevrangebyscore(keys.RECENT, "+inf", since * 1000, start=0, num=limit))

    async def place(self, conversation_id: str, waited_seconds: float, now: float) -> Place:
        """Where a conversation stands; one that is not in line yet would come last.

        The wait is unknown while nobody is at the desk, and when it already took longer than it mostly does.
        """
        rank = await self._redis.zrank(keys.WAITING, conversation_id)
        position = (await self._redis.zcard(keys.WAITING) if rank is None else rank) + 1
        estimate = await self._redis.get(WAIT_ESTIMATE)
        left = 0.0 if estimate is None else float(estimate) - waited_seconds
        known = left > 0 and bool(await self.agents_there(now))
        return Place(position, left if known else None)

    async def note_wait(self, waited_seconds: float) -> None:
        """Called at each claim."""
        before = await self._redis.get(WAIT_ESTIMATE)
        new = waited_seconds if before is None else OLD_SHARE * float(before) + (1 - OLD_SHARE) * waited_seconds
        await self._redis.set(WAIT_ESTIMATE, new)

    async def agent_seen(self, username: str, now: float) -> None:
        await self._redis.zadd(PRESENCE, {username: now})

    async def seen_at(self, username: str) -> float | None:
        """When an agent was at the desk last, seconds since 1970."""
        score = await self._redis.zscore(PRESENCE, username)
        return None if score is None else float(score)

    async def agents_there(self, now: float) -> list[str]:
        return list(await self._redis.zrangebyscore(PRESENCE, now - PRESENCE_SECONDS, "+inf"))
