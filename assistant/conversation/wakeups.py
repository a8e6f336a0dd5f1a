"""Tells everyone in this process who waits on a conversation that its log has grown.

One Redis subscription a process, whatever the number of open streams. A lost message is harmless: waiters
also look by themselves now and then, and all are woken when the subscription comes back.
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import structlog
from redis.exceptions import RedisError

from assistant.conversation import keys
from assistant.conversation.redis_connection import RedisClient

log = structlog.get_logger()

RECONNECT_SECONDS = 0.5
POLL_SECONDS = 1.0
# Instead of a conversation id: any of them may have changed.
EVERYTHING = ""

TypingListener = Callable[[str, dict[str, Any]], None]


class Signal:
    """Set when the conversation's log may have grown; `typing` holds what is shown but never stored."""

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.typing: dict[str, dict[str, Any]] = {}

    async def wait(self, seconds: float) -> None:
        """Returns when woken or after `seconds`."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.woken.wait(), seconds)
        self.woken.clear()


class Wakeups:
    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        self._signals: dict[str, set[Signal]] = defaultdict(set)
        self._listeners: set[Callable[[str], None]] = set()
        self._typing_listeners: set[TypingListener] = set()

    @contextmanager
    def listen(self, conversation_id: str) -> Iterator[Signal]:
        """Listen first, then read the log: nothing can fall in between."""
        signal = Signal()
        self._signals[conversation_id].add(signal)
        try:
            yield signal
        finally:
            waiting = self._signals[conversation_id]
            waiting.discard(signal)
            if not waiting:
                del self._signals[conversation_id]

    @contextmanager
    def listen_to_all(
        self, listener: Callable[[str], None], typing: TypingListener = lambda _id, _event: None
    ) -> Iterator[None]:
        """Call `listener` with the id of every conversation that changes, `typing` with what is never stored."""
        self._listeners.add(listener)
        self._typing_listeners.add(typing)
        try:
            yield
        finally:
            self._listeners.discard(listener)
            self._typing_listeners.discard(typing)

    async def typing(self, conversation_id: str, author: dict[str, str]) -> None:
        event = {"kind": "typing", "author": author}
        await self._redis.publish(keys.TYPING_CHANNEL, json.dumps([conversation_id, event]))

    async def run(self) -> None:
        """Runs until cancelled, through losses of Redis."""
        while True:
            try:
                await self._subscribe()
            except (RedisError, OSError) as error:
                log.warning("wakeups.lost", error=type(error).__name__)
            except Exception:  # the outermost loop of this service
                log.exception("wakeups.failed")
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _subscribe(self) -> None:
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(keys.WAKE_CHANNEL, keys.TYPING_CHANNEL)
            while True:
                message = await subscription.get_message(timeout=POLL_SECONDS)
                if message is None:
                    continue
                if message["type"] == "subscribe":
                    self._wake_all()  # also after redis-py reconnected by itself: something may have been missed
                elif message["type"] == "message":
                    self._dispatch(message["channel"], message["data"])

    def _dispatch(self, channel: str, data: str) -> None:
        if channel == keys.TYPING_CHANNEL:
            conversation_id, event = json.loads(data)
            for signal in self._signals.get(conversation_id, ()):
                signal.typing[event["author"]["role"]] = event
                signal.woken.set()
            for typing in self._typing_listeners:
                typing(conversation_id, event)
            return
        for signal in self._signals.get(data, ()):
            signal.woken.set()
        for listener in self._listeners:
            listener(data)

    def _wake_all(self) -> None:
        for signals in self._signals.values():
            for signal in signals:
                signal.woken.set()
        for listener in self._listeners:
            listener(EVERYTHING)
