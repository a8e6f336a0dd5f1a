"""Recent conversations, read from a running Redis."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from assistant.conversation import keys
from assistant.conversation.events import Event
from assistant.conversation.log import DAY_SECONDS, ConversationLog
from assistant.conversation.record import Record
from assistant.conversation.redis_connection import connect

# Conversations whose records are read in one round trip.
BATCH = 200


async def recent_conversations(redis_url: str, days: int) -> AsyncIterator[tuple[Record, Sequence[Event], int]]:
    """Yield record and whole log of each conversation of the last `days` days, and when these began (ms since 1970,
    by Redis' clock). Raises `RedisError`, `OSError`.
    """
    redis = connect(redis_url)
    try:
        log = ConversationLog(redis, retention_days=days)
        since_ms = int((await log.now()).partition("-")[0]) - days * DAY_SECONDS * 1000
        ids: list[str] = await redis.zrangebyscore(keys.RECENT, since_ms, "+inf")
        for start in range(0, len(ids), BATCH):
            for record in await log.records(ids[start : start + BATCH]):
                yield record, await log.read_all(record.conversation_id), since_ms
    finally:
        await redis.aclose()
