"""Agents who vanish: their conversations go back into the queue, and the customer is told."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from assistant.conversation.record import Record
from assistant.errors import Conflict
from assistant.handoff.handoff import HandOff
from assistant.handoff.queue import HandoffQueue

log = structlog.get_logger()

# Neither an open desk nor any request for this long: longer than writing a careful reply takes.
LOST_AFTER_SECONDS = 180.0


class Presence:
    def __init__(self, queue: HandoffQueue, handoff: HandOff, clock: Callable[[], float]) -> None:
        self._queue, self._handoff, self._clock = queue, handoff, clock

    async def look_after(self, record: Record) -> None:
        """Put a conversation back into the queue if its agent is gone."""
        agent = record.state.agent
        seen = await self._queue.seen_at(agent.username) if agent else None
        if agent is None or seen is None or self._clock() - seen < LOST_AFTER_SECONDS:
            return
        try:
            await self._handoff.agent_lost(record)
        except Conflict:
            return  # the agent is back, or somebody else was faster
        log.info("agent.lost", conversation_id=record.conversation_id, agent=agent.username)
