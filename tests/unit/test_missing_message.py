"""A queued turn whose message is gone is skipped; the rest of the conversation stays."""

from __future__ import annotations

import asyncio

from assistant.conversation import keys
from assistant.conversation.events import Author, Event, Kind, Role
from assistant.conversation.lease import Leases
from assistant.conversation.log import ConversationLog
from assistant.conversation.record import Record
from assistant.conversation.redis_connection import connect
from assistant.conversation.state import State
from assistant.conversation.turns import TurnLimits, TurnWorker
from assistant.observe.metrics import Metrics


def test_that_a_missing_message_does_not_take_its_conversation_with_it(redis_url: str) -> None:
    asyncio.run(_run_a_turn_without_message(redis_url))


async def _run_a_turn_without_message(redis_url: str) -> None:
    redis = connect(redis_url)
    log = ConversationLog(redis, retention_days=1)
    bot = Author(Role.BOT, "bot")
    await log.create(Record("c" * 26, State(), "app", 0.0), Event(Kind.MESSAGE, bot, text="hello"), 0)
    await redis.rpush(keys.of("c" * 26, "turns"), "1-1")
    worker = TurnWorker(log, Leases(redis), None, None, bot, TurnLimits(5), Metrics(), lambda: 0.0)  # type: ignore[arg-type]
    worker.kick("c" * 26)
    await worker.stop()
    assert [event.text for event in await log.read("c" * 26)] == ["hello"]
    assert await redis.llen(keys.of("c" * 26, "turns")) == 0
    await redis.aclose()
