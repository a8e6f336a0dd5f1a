"""The desk's live stream: what happens in conversations that humans have or wait for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from redis.exceptions import RedisError

from assistant.channels.streams import KEEPALIVE_SECONDS, RETRY_MS, frame
from assistant.conversation.events import public
from assistant.conversation.log import ConversationLog
from assistant.conversation.state import Agent, Owner
from assistant.conversation.wakeups import EVERYTHING, Wakeups
from assistant.desk.rows import row_of
from assistant.errors import NotAuthenticated, NotFound
from assistant.handoff.queue import HandoffQueue


class Changes:
    """What has to be looked at: each conversation once, however often it changed; bounded by what there is."""

    def __init__(self) -> None:
        self._dirty: dict[str, dict[str, Any] | None] = {}
        self._woken = asyncio.Event()

    def add(self, conversation_id: str, typing: dict[str, Any] | None = None) -> None:
        if typing is None or conversation_id not in self._dirty:
            self._dirty[conversation_id] = typing
        self._woken.set()

    async def take(self, seconds: float) -> dict[str, dict[str, Any] | None]:
        """Conversations, and what is shown of them but never stored; empty after `seconds` without any."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), seconds)
        self._woken.clear()
        taken, self._dirty = self._dirty, {}
        return taken


class DeskFeed:
    """`still_signed_in` raises `NotAuthenticated` when the agent's session has ended."""

    def __init__(self, log: ConversationLog, wakeups: Wakeups, queue: HandoffQueue, clock: Callable[[], float]) -> None:
        self._log, self._wakeups, self._queue, self._clock = log, wakeups, queue, clock

    async def stream(self, agent: Agent, still_signed_in: Callable[[], Awaitable[object]]) -> AsyncIterator[bytes]:
        """SSE frames `{"conversation_id", "event", "row"}`; the agent counts as present while it is open."""
        changes = Changes()
        last: dict[str, str] = {}
        yield format_sse_event(comment="connected", retry=RETRY_MS)
        beat = 0.0
        with self._wakeups.listen_to_all(changes.add, changes.add):
            try:
                start = await self._log.now()
                while True:
                    if time.monotonic() - beat >= KEEPALIVE_SECONDS:
                        beat = time.monotonic()
                        await still_signed_in()
                        await self._queue.agent_seen(agent.username, self._clock())
                        yield KEEPALIVE_COMMENT
                    for conversation_id, typing in (await changes.take(KEEPALIVE_SECONDS)).items():
                        if conversation_id == EVERYTHING:
                            return
                        for part in await self._frames(conversation_id, typing, last, start):
                            yield part
            except (RedisError, OSError, NotAuthenticated):
                return  # the page reconnects and reads the queue again

    async def _frames(
        self, conversation_id: str, typing: dict[str, Any] | None, last: dict[str, str], start: str
    ) -> list[bytes]:
        try:
            record = await self._log.record(conversation_id)
        except NotFound:
            last.pop(conversation_id, None)
            return [frame({"conversation_id": conversation_id, "event": None, "row": None})]
        fresh = await self._log.read(conversation_id, last.get(conversation_id, start))
        if fresh:
            last[conversation_id] = fresh[-1].id
        shown = [*(public(event) for event in fresh), *([typing] if typing else [])]
        if not shown:
            return []
        row = None if record.state.owner is Owner.CLOSED else await row_of(self._log, record)
        return [frame({"conversation_id": conversation_id, "event": event, "row": row}) for event in shown]
