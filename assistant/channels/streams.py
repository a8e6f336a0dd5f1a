"""One log, three ways to follow it: read, long-poll, Server-Sent Events. All resume after an event id."""

from __future__ import annotations

import json
import random
import time
from collections.abc import AsyncIterator, Callable

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event
from redis.exceptions import RedisError

from assistant.conversation.events import AGENTS_ONLY, Event, public
from assistant.conversation.log import ConversationLog
from assistant.conversation.wakeups import Signal, Wakeups

KEEPALIVE_SECONDS = 15.0
# A lost wake-up delays an event by this much at most.
LOOK_SECONDS = 10.0
RETRY_MS = 1000

Shown = Callable[[Event], bool]


def for_customers(event: Event) -> bool:
    return event.kind not in AGENTS_ONLY


async def wait_for_events(
    log: ConversationLog, wakeups: Wakeups, conversation_id: str, after: str, wait_seconds: float, shown: Shown
) -> tuple[list[Event], str]:
    """Events after `after` as soon as there are any, at most `wait_seconds` later; and where to go on."""
    deadline = time.monotonic() + wait_seconds
    with wakeups.listen(conversation_id) as signal:
        while True:
            events = await log.read(conversation_id, after)
            after = events[-1].id if events else after
            visible = [event for event in events if shown(event)]
            left = deadline - time.monotonic()
            if visible or left <= 0:
                return visible, after
            await signal.wait(min(left, LOOK_SECONDS))


async def sse(
    log: ConversationLog, wakeups: Wakeups, conversation_id: str, after: str, shown: Shown
) -> AsyncIterator[bytes]:
    """Events after `after`, then new ones as they come, as SSE frames; typing without id; keep-alive comments."""
    yield format_sse_event(comment="connected", retry=RETRY_MS)
    last_sent = time.monotonic()
    with wakeups.listen(conversation_id) as signal:
        while True:
            try:
                events = await log.read(conversation_id, after)
                there = bool(events) or await log.exists(conversation_id)
            except (RedisError, OSError):
                return  # the client comes back with the last id it saw
            # Before the events: what came with a message was typed before it.
            for typing in _typing(signal):
                yield frame(typing)
            for event in events:
                after = event.id
                if shown(event):
                    yield frame(public(event), event.id)
                    last_sent = time.monotonic()
            if not there:
                return  # erased
            if not events:
                await signal.wait(LOOK_SECONDS * random.uniform(0.7, 1.3))  # noqa: S311, not all streams at once
            if time.monotonic() - last_sent >= KEEPALIVE_SECONDS:
                yield KEEPALIVE_COMMENT
                last_sent = time.monotonic()


def _typing(signal: Signal) -> list[dict[str, object]]:
    pending, signal.typing = signal.typing, {}
    return list(pending.values())


def frame(body: object, event_id: str | None = None) -> bytes:
    return format_sse_event(data_str=json.dumps(body, ensure_ascii=False), id=event_id)
