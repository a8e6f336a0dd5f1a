"""The right to run a conversation's turns: one holder at a time, with a token that only rises."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.conversation import keys
from assistant.conversation.log import LUA
from assistant.conversation.redis_connection import RedisClient

# A dead worker delays its conversations by this much, plus one sweep.
LEASE_MS = 5_000
RENEW_SECONDS = 1.5


@dataclass(frozen=True)
class QueuedTurn:
    """`attempt`: 1 for the first time a worker begins it. `epoch`: the owner's epoch at that moment."""

    event_id: str
    attempt: int
    epoch: int


class Leases:
    def __init__(self, redis: RedisClient) -> None:
        self._take = redis.register_script((LUA / "lease.lua").read_text())
        self._begin = redis.register_script((LUA / "begin_turn.lua").read_text())
        self._renew = redis.register_script((LUA / "renew.lua").read_text())
        self._release = redis.register_script((LUA / "release.lua").read_text())

    async def take(self, conversation_id: str) -> str | None:
        """A token, or None if somebody else has the lease or there is nothing to do."""
        names = [keys.of(conversation_id, name) for name in ("lease", "fence", "turns")]
        return await self._take(names, [LEASE_MS]) or None

    async def next_turn(self, conversation_id: str, token: str) -> QueuedTurn | None:
        """The turn at the head; None when there is none: the lease is given back in the same step."""
        names = [keys.of(conversation_id, name) for name in ("lease", "turns", "attempts", "state")]
        event_id, attempt, epoch = await self._begin(names, [token, LEASE_MS])
        return QueuedTurn(event_id, int(attempt), int(epoch)) if event_id else None

    async def renew(self, conversation_id: str, token: str) -> bool:
        return bool(await self._renew([keys.of(conversation_id, "lease")], [token, LEASE_MS]))

    async def release(self, conversation_id: str, token: str) -> None:
        await self._release([keys.of(conversation_id, "lease")], [token])
