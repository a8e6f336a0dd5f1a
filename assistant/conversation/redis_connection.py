"""The connection to Redis: every call ends in time, a dropped connection is tried again."""

from __future__ import annotations

from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

# redis-py types each reply as a union over both protocols and both decodings; with `decode_responses` they are
# plain `str`, which its types cannot say.
RedisClient = Any

DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/0"
TIMEOUT_SECONDS = 1.5


def options() -> dict[str, Any]:
    """Of every connection pool: bounded waits, and two more tries when a restart of Redis dropped a connection."""
    return {
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        "retry": Retry(ExponentialBackoff(cap=0.2, base=0.02), 2),
        "retry_on_error": [RedisConnectionError],
        "health_check_interval": 15,
    }


def connect(url: str) -> RedisClient:
    return Redis.from_url(url, decode_responses=True, **options())
