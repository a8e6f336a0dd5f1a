"""Turns: each accepted message gets the bot's answer exactly once, or a human.

A turn runs under the conversation's lease. Its result is written only if the lease still holds, the turn is
still first in line and the owner has not changed; otherwise it is dropped, because a human is there.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace

import structlog
from redis.exceptions import RedisError

from assistant.contract import BotMessage, BotReply, BotRequest, Trace, Trigger
from assistant.conversation.bot_client import BotClient, BotFailed, BotUnreachable
from assistant.conversation.events import Author, Event, Kind
from assistant.conversation.lease import RENEW_SECONDS, Leases, QueuedTurn
from assistant.conversation.log import ConversationLog, Stale, TurnKey
from assistant.conversation.record import Record
from assistant.conversation.replies import reply_events
from assistant.conversation.state import InvalidTransition, Owner
from assistant.conversation.status_lines import DELAYED, SYSTEM
from assistant.errors import NotFound, OfframpError
from assistant.handoff.handoff import HandOff
from assistant.observe.metrics import Metrics

log = structlog.get_logger()

# A message that breaks the bot this often goes to a human instead of breaking it again.
MAX_FAILURES = 3
RETRY_SECONDS = 0.25
# After this long without an answer the customer is told that it takes longer.
HOLDING_LINE_SECONDS = 3.0
# A message found late, after a crash, still gets this much time with the bot.
LEAST_SECONDS = 8.0
STOP_SECONDS = 1.0
FAILED = "Something failed on our side. Your message is safe, and I'm getting a person."


@dataclass(frozen=True)
class TurnLimits:
    """`deadline_seconds`: from accepting a message to giving it to a human."""

    deadline_seconds: float
    concurrent: int = 32


class TurnWorker:
    """Runs turns in this process. `kick` starts a conversation's turns; `sweep.py` finds what others left."""

    def __init__(
        self,
        conversations: ConversationLog,
        leases: Leases,
        bot: BotClient,
        handoff: HandOff,
        author: Author,
        limits: TurnLimits,
        metrics: Metrics,
        clock: Callable[[], float],
    ) -> None:
        self._log, self._leases, self._bot, self._handoff = conversations, leases, bot, handoff
        self._author, self._limits, self._metrics, self._clock = author, limits, metrics, clock
        self._places = asyncio.Semaphore(limits.concurrent)
        self._running: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._stopping = False
        self._unreachable_since: float | None = None

    def kick(self, conversation_id: str) -> None:
        """Start the conversation's turns, unless they are running here; does not wait."""
        if conversation_id in self._running:
            self._again.add(conversation_id)  # it may be past its last look at the queue
            return
        task = asyncio.create_task(self._run(conversation_id), name=f"turns {conversation_id}")
        self._running[conversation_id] = task
        task.add_done_callback(lambda _: self._ended(conversation_id))

    def _ended(self, conversation_id: str) -> None:
        self._running.pop(conversation_id, None)
        if conversation_id in self._again and not self._stopping:
            self._again.discard(conversation_id)
            self.kick(conversation_id)

    async def stop(self) -> None:
        """Let running turns finish for a moment; what does not is taken up by another worker."""
        self._stopping = True
        tasks = list(self._running.values())
        if not tasks:
            return
        _, unfinished = await asyncio.wait(tasks, timeout=STOP_SECONDS)
        for task in unfinished:
            task.cancel()
        if unfinished:
            await asyncio.wait(unfinished, timeout=STOP_SECONDS)  # they give their leases back

    async def _run(self, conversation_id: str) -> None:
        try:
            while (token := await self._leases.take(conversation_id)) is not None:
                async with self._kept(conversation_id, token):
                    while (turn := await self._leases.next_turn(conversation_id, token)) is not None:
                        await self._turn(conversation_id, turn, token)
        except (RedisError, OSError) as error:
            # The lease runs out by itself and the turn is taken up again.
            log.warning("turns.interrupted", conversation_id=conversation_id, error=type(error).__name__)
        except Exception:  # the worker's outermost loop
            log.exception("turns.failed", conversation_id=conversation_id)
            self._metrics.worker_errors.inc()

    @asynccontextmanager
    async def _kept(self, conversation_id: str, token: str) -> AsyncIterator[None]:
        """Renews the lease in the background; gives it back at the end, also when something broke."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                with suppress(RedisError, OSError):
                    if not await self._leases.renew(conversation_id, token):
                        return

        renewal = asyncio.create_task(renew())
        try:
            yield
        finally:
            renewal.cancel()
            with suppress(RedisError, OSError):
                await self._leases.release(conversation_id, token)

    async def _turn(self, conversation_id: str, turn: QueuedTurn, token: str) -> None:
        started = time.perf_counter()
        key = TurnKey(token, turn.event_id)
        try:
            record = await self._log.record(conversation_id)
            event = await self._log.event(conversation_id, turn.event_id)
            outcome = await self._answer(record, event, turn, key)
        except (Stale, InvalidTransition):
            outcome = "dropped"  # a human has it, or another worker finished it
        except NotFound:
            outcome = await self._nothing_to_answer(conversation_id, turn, key)
        self._metrics.turn(outcome, time.perf_counter() - started)
        log.info(
            "turn.finished",
            conversation_id=conversation_id,
            message_id=turn.event_id,
            outcome=outcome,
            attempt=turn.attempt,
            ms=round((time.perf_counter() - started) * 1000),
        )

    async def _nothing_to_answer(self, conversation_id: str, turn: QueuedTurn, key: TurnKey) -> str:
        """The conversation was erased: what came after goes with it. Or only this message is gone: skip it."""
        if not await self._log.exists(conversation_id):
            await self._log.erase(conversation_id)
            return "erased"
        with suppress(Stale):
            await self._log.commit(conversation_id, turn.epoch, [], turn=key)
        return "message_missing"

    async def _answer(self, record: Record, event: Event, turn: QueuedTurn, key: TurnKey) -> str:
        record = replace(record, state=replace(record.state, epoch=turn.epoch))
        reply = await self._ask(record, event, turn)
        if reply is None or (reply.handoff is None and not any(m.text.strip() for m in reply.messages)):
            # No answer, or an empty one: the customer is never met by silence.
            await self._hand_off(record, event, _unavailable(event, reply), key)
            return "bot_unavailable"
        if reply.handoff is not None:
            await self._hand_off(record, event, reply, key)
            return "handed_off"
        await self._log.commit(
            record.conversation_id, turn.epoch, reply_events(reply, self._author, event.id), turn=key
        )
        return "answered"

    async def _hand_off(self, record: Record, event: Event, reply: BotReply, key: TurnKey) -> None:
        assert reply.handoff is not None
        said = reply_events(reply, self._author, event.id)
        state = await self._handoff.request(record, reply.handoff, before=said, slots=dict(reply.slots), turn=key)
        if state.owner is not Owner.CLOSED:
            self._metrics.handoffs.labels(reply.handoff.rule).inc()

    async def _ask(self, record: Record, event: Event, turn: QueuedTurn) -> BotReply | None:
        """The bot's reply, or None once the message has had its time or its failures."""
        deadline = self._deadline(event)
        holding = asyncio.create_task(self._holding_line(record, event))
        failures, sent = turn.attempt - 1, turn.attempt > 1
        try:
            while failures < MAX_FAILURES and (left := deadline - self._clock()) > 0:
                try:
                    return await self._call(_request(record, event, sent), left)
                except BotUnreachable:
                    sent = True  # a 503 may come after the turn was run
                except BotFailed as error:
                    failures, sent = failures + 1, True
                    log.warning("bot.failed", message_id=event.id, failures=failures, error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            return None
        finally:
            holding.cancel()

    async def _call(self, request: BotRequest, seconds: float) -> BotReply:
        """Ask once. Only the calls themselves are limited in number: a turn that waits takes no place."""
        try:
            async with asyncio.timeout(seconds), self._places:
                reply = await self._bot.answer(request)
        except TimeoutError as error:
            raise BotFailed("no answer before the deadline") from error
        except BotUnreachable:
            self._unreachable_since = self._unreachable_since or self._clock()
            raise
        self._unreachable_since = None
        return reply

    def _deadline(self, event: Event) -> float:
        """Seconds since 1970. A message found late, after a crash, still gets some time with the bot; one that
        comes while the bot has been down for long goes to a human soon."""
        now, allowed = self._clock(), self._limits.deadline_seconds
        down = self._unreachable_since is not None and now - self._unreachable_since > allowed
        least = min(HOLDING_LINE_SECONDS if down else LEAST_SECONDS, allowed)
        return now + least if down else max(event.milliseconds / 1000 + allowed, now + least)

    async def _holding_line(self, record: Record, event: Event) -> None:
        await asyncio.sleep(HOLDING_LINE_SECONDS)
        line = Event(Kind.STATUS, SYSTEM, text=DELAYED, status="delayed", owner=record.state.owner.value)
        with suppress(RedisError, OSError, OfframpError, Stale):
            await self._log.accept(
                record.conversation_id,
                line,
                f"delayed:{event.id}",
                round(self._clock() * 1000),
                wants_turn=False,
                epoch=record.state.epoch,
            )


def _request(record: Record, event: Event, redelivered: bool) -> BotRequest:
    return BotRequest(
        conversation_id=record.conversation_id,
        message_id=event.id,
        text=event.text or "",
        payload=event.payload,
        channel=record.channel,
        tier=record.customer.tier,
        epoch=record.state.epoch,
        redelivered=redelivered,
    )


def _unavailable(event: Event, reply: BotReply | None) -> BotReply:
    why = "The assistant did not answer, so the message came straight to you."
    trigger = Trigger("bot_unavailable", why, message_ids=(event.id,))
    return BotReply((BotMessage(FAILED),), trigger, reply.trace if reply else Trace())
