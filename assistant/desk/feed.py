"""The desk's live stream: what happens in conversations that humans have or wait for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from redis.exceptions import RedisError

from assistant.channels.streams import KEEPALIVE_SECONDS, RETRY_MS, frame
from assistant.conversation.events import public
from assistant.conversation.log import ConversationLog
from assistant.conversation.state import Agent, Owner
from assistant.conversation.wakeups import Wakeups
from assistant.desk.rows import row_of
from assistant.errors import NotFound
from assistant.handoff.queue import HandoffQueue

# Enough for the events of one turn; what a burst pushes out is fetched when the conversation is opened.
EVENTS_A_WAKE = 10


class DeskFeed:
    def __init__(self, log: ConversationLog, wakeups: Wakeups, queue: HandoffQueue, clock: Callable[[], float]) -> None:
        self._log, self._wakeups, self._queue, self._clock = log, wakeups, queue, clock

    async def stream(self, agent: Agent) -> AsyncIterator[bytes]:
        """SSE frames `{"conversation_id", "event", "row"}`; the agent counts as present while it is open."""
        changed: asyncio.Queue[str] = asyncio.Queue()
        last: dict[str, str] = {}
        start = f"{round(self._clock() * 1000)}-0"
        yield format_sse_event(comment="connected", retry=RETRY_MS)
        seen = 0.0
        with self._wakeups.listen_to_all(changed.put_nowait):
            while True:
                try:
                    if time.monotonic() - seen >= KEEPALIVE_SECONDS:
                        seen = time.monotonic()
                        await self._queue.agent_seen(agent.username, self._clock())
                        yield KEEPALIVE_COMMENT
                    with suppress(TimeoutError):
                        conversation_id = await asyncio.wait_for(changed.get(), KEEPALIVE_SECONDS)
                        for part in await self._frames(conversation_id, last, start):
                            yield part
                except (RedisError, OSError):
                    return  # the page reconnects and reads the queue again

    async def _frames(self, conversation_id: str, last: dict[str, str], start: str) -> list[bytes]:
        try:
            record = await self._log.record(conversation_id)
        except NotFound:
            last.pop(conversation_id, None)
            return [frame({"conversation_id": conversation_id, "event": None, "row": None})]
        newest = await self._log.newest(conversation_id, EVENTS_A_WAKE)
        after = last.get(conversation_id, start)
        fresh = [event for event in reversed(newest) if _number(event.id) > _number(after)]
        if not fresh:
            return []
        last[conversation_id] = fresh[-1].id
        row = None if record.state.owner is Owner.CLOSED else await row_of(self._log, record)
        return [frame({"conversation_id": conversation_id, "event": public(event), "row": row}) for event in fresh]


def _number(event_id: str) -> tuple[int, int]:
    milliseconds, _, sequence = event_id.partition("-")
    return int(milliseconds), int(sequence or 0)
