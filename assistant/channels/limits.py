"""Rate limits in Redis, shared by all gateways. Over the limit is a 429 with `Retry-After`."""

from __future__ import annotations

from limits import RateLimitItemPerMinute, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter

from assistant.conversation.redis_connection import pool
from assistant.errors import TooMany


class RateLimits:
    def __init__(self, redis_url: str, messages_per_second: int, conversations_per_minute: int) -> None:
        storage = RedisStorage(
            f"async+{redis_url}",
            implementation="redispy",
            key_prefix="offramp:limits",
            connection_pool=pool(redis_url),
        )
        self._limiter = SlidingWindowCounterRateLimiter(storage)
        self._messages = RateLimitItemPerSecond(messages_per_second)
        self._conversations = RateLimitItemPerMinute(conversations_per_minute)

    async def message(self, conversation_id: str) -> None:
        """Raises `TooMany`."""
        if not await self._limiter.hit(self._messages, "message", conversation_id):
            raise TooMany("Too many messages; please wait a moment.")

    async def new_conversation(self, address: str) -> None:
        """Raises `TooMany`."""
        if not await self._limiter.hit(self._conversations, "conversation", address):
            raise TooMany("Too many new conversations from this address; please wait a moment.")

    async def may_sign_in(self, address: str, username: str) -> None:
        """By address, so that nobody can lock an agent out from elsewhere. Raises `TooMany`."""
        for limit, names in _sign_in_limits(address, username):
            if not await self._limiter.test(limit, *names):
                raise TooMany("Too many attempts; please wait a moment.")

    async def failed_sign_in(self, address: str, username: str) -> None:
        """Only failures count: signing in often is no attack."""
        for limit, names in _sign_in_limits(address, username):
            await self._limiter.hit(limit, *names)


def _sign_in_limits(address: str, username: str) -> tuple[tuple[RateLimitItemPerMinute, tuple[str, ...]], ...]:
    return (
        (RateLimitItemPerMinute(60), ("sign-in", address)),
        (RateLimitItemPerMinute(10), ("sign-in", address, username)),
    )
