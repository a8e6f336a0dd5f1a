"""Delivery: posts the log's events of Slack conversations into their threads, in order, each once.

The cursor moves only after a post. A post whose answer was lost, or whose gateway died, is looked for in the
thread before it is tried again. What Slack does not take now stays first in line until it does.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from contextlib import suppress

import structlog
from redis.exceptions import RedisError

from assistant.channels.slack.blocks import is_shown, render
from assistant.channels.slack.outbox import Lease, LostLease, Outbox
from assistant.channels.slack.web_api import RateLimited, Refused, SlackApi, SlackError
from assistant.conversation.events import Event
from assistant.conversation.log import ConversationLog
from assistant.conversation.wakeups import Wakeups

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
# Conversations beyond this are looked at in every full sweep only; a wake-up reaches them at once.
ACTIVE_SECONDS = 600.0
FULL_SWEEP_EVERY = 60
CONCURRENT_POSTS = 32
FIRST_RETRY_SECONDS = 0.5
LONGEST_RETRY_SECONDS = 30.0
BATCH_EVENTS = 50


class Delivery:
    def __init__(self, outbox: Outbox, conversations: ConversationLog, api: SlackApi, wakeups: Wakeups) -> None:
        self._outbox, self._log, self._api, self._wakeups = outbox, conversations, api, wakeups
        self._places = asyncio.Semaphore(CONCURRENT_POSTS)
        self._known: set[str] = set()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    async def run(self) -> None:
        """Runs until cancelled, through losses of Redis and of Slack."""
        async with self._api.session():
            try:
                with self._wakeups.listen_to_all(self._woken):
                    for sweeps in itertools.count():
                        await self._sweep(full=sweeps % FULL_SWEEP_EVERY == 0)
                        await asyncio.sleep(SWEEP_SECONDS)
            finally:
                await self._stop()

    async def _stop(self) -> None:
        """What is being posted is looked for in the thread by whoever goes on."""
        running = list(self._running.values())
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)

    def follow(self, conversation_id: str) -> None:
        """From now on a wake-up of this conversation is for Slack."""
        self._known.add(conversation_id)

    def kick(self, conversation_id: str) -> None:
        """Start the conversation's delivery, or have the running one look again; does not wait."""
        if conversation_id in self._running:
            self._again.add(conversation_id)
            return
        task = asyncio.create_task(self._run(conversation_id), name=f"slack delivery {conversation_id}")
        self._running[conversation_id] = task
        task.add_done_callback(lambda _: self._running.pop(conversation_id, None))

    def _woken(self, conversation_id: str) -> None:
        if conversation_id in self._known:
            self.kick(conversation_id)

    async def _sweep(self, *, full: bool) -> None:
        try:
            found, behind = await self._outbox.pending(None if full else ACTIVE_SECONDS)
        except (RedisError, OSError) as error:
            log.warning("slack.sweep_interrupted", error=type(error).__name__)
            return
        except Exception:
            log.exception("slack.sweep_failed")
            return
        self._known = found if full else self._known | found
        for conversation_id in behind:
            if conversation_id not in self._running:
                self.kick(conversation_id)

    async def _run(self, conversation_id: str) -> None:
        failures = 0
        try:
            while True:
                self._again.discard(conversation_id)
                async with self._places:
                    wait_seconds = await self._attempt(conversation_id, failures)
                if not wait_seconds and conversation_id not in self._again:
                    return
                failures = failures + 1 if wait_seconds else 0
                await asyncio.sleep(wait_seconds)
        except (RedisError, OSError) as error:
            # The lease runs out by itself, and the sweep takes it up again.
            log.warning("slack.delivery_interrupted", conversation_id=conversation_id, error=type(error).__name__)
        except Exception:
            log.exception("slack.delivery_failed", conversation_id=conversation_id)

    async def _attempt(self, conversation_id: str, failures: int) -> float:
        """Post what is there. Returns how long to wait before another attempt; 0 if there is nothing left to do."""
        async with self._outbox.lease(conversation_id) as lease:
            if lease is None:
                return 0.0
            try:
                await self._deliver(conversation_id, lease)
            except LostLease:
                return 0.0
            except SlackError as error:
                wait_seconds = min(FIRST_RETRY_SECONDS * 2.0 ** min(failures, 10), LONGEST_RETRY_SECONDS)
                if isinstance(error, RateLimited):
                    wait_seconds = error.seconds
                level = log.error if isinstance(error, Refused) else log.warning
                level("slack.not_posted", conversation_id=conversation_id, error=str(error), retry_seconds=wait_seconds)
                # Until then no other gateway tries either.
                lease.keep_ms = max(round(wait_seconds * 1000) - 10, 1)
                return wait_seconds
        return 0.0

    async def _deliver(self, conversation_id: str, lease: Lease) -> None:
        while (cursor := await self._outbox.cursor(conversation_id)) is not None:
            events = await self._log.read(conversation_id, cursor, BATCH_EVENTS)
            for event in events:
                if is_shown(event):
                    await self._post(conversation_id, lease, event)
                await self._outbox.done(conversation_id, lease, event.id)
            if not events:
                return

    async def _post(self, conversation_id: str, lease: Lease, event: Event) -> None:
        attempt = await self._outbox.begin(conversation_id, lease, event.id)
        started = time.perf_counter()
        place = (attempt.channel, attempt.thread_ts)
        try:
            if attempt.again and await self._api.is_posted(*place, event.id, event.milliseconds / 1000):
                log.info("slack.found_posted", conversation_id=conversation_id, event_id=event.id)
                return
            await self._api.post(*place, render(event, conversation_id), event.id)
        except (RateLimited, Refused):
            # Not while it is unknown what an earlier attempt did: then it must be looked for again.
            if not attempt.again:
                with suppress(RedisError, OSError):
                    await self._outbox.not_posted(conversation_id)
            raise
        ms = round((time.perf_counter() - started) * 1000)
        log.info("slack.posted", conversation_id=conversation_id, event_id=event.id, ms=ms)
