"""The connection to Redis: every call ends in time, a dropped connection is tried again."""

from __future__ import annotations

from typing import Any

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError

# redis-py types each reply as a union over both protocols and both decodings; with `decode_responses` they are
# plain `str`, which its types cannot say.
RedisClient = Any

DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/0"
TIMEOUT_SECONDS = 1.5
# Callers beyond this wait for a connection; the default pool would refuse them.
MAX_CONNECTIONS = 64


def options() -> dict[str, Any]:
    """Of every connection pool: bounded waits, and two more tries when a restart of Redis dropped a connection."""
    return {
        "socket_timeout": TIMEOUT_SECONDS,
        "socket_connect_timeout": TIMEOUT_SECONDS,
        # Time-outs are not tried again (by default they are, within each other): a frozen Redis would take 14 s.
        "retry": Retry(ExponentialBackoff(cap=0.2, base=0.02), 2, supported_errors=(RedisConnectionError,)),
        "health_check_interval": 15,
    }


def pool(url: str) -> Any:
    return BlockingConnectionPool.from_url(
        url, decode_responses=True, max_connections=MAX_CONNECTIONS, timeout=TIMEOUT_SECONDS, **options()
    )


def connect(url: str) -> RedisClient:
    return Redis.from_pool(pool(url))
