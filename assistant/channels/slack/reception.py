"""What a message or a button press in Slack does: the accept into the log, and what to show for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog
from redis.asyncio import Redis

from assistant.channels.slack.blocks import CHOICE, HELPFUL, HUMAN, UNHELPFUL, SlackMessage, pressed
from assistant.channels.slack.inbound import ButtonPress, CustomerMessage
from assistant.channels.slack.people import People
from assistant.channels.slack.threads import Threads
from assistant.conversation import keys
from assistant.conversation.customers import Customers
from assistant.conversation.log import ConversationLog
from assistant.conversation.record import Record
from assistant.errors import IdempotencyConflict, InvalidRequest, NotFound

log = structlog.get_logger()

TOO_LATE = "That button has expired. Just write what you need."
ALREADY_CHOSEN = "You have chosen already. Just write if you need something else."


@dataclass(frozen=True)
class Remark:
    """A line that only one person sees."""

    channel: str
    user: str
    thread_ts: str | None
    text: str


@dataclass(frozen=True)
class Change:
    """What a message of ours shows from now on."""

    channel: str
    ts: str
    message: SlackMessage


class Reception:
    """Returns from here mean "stored". `follow` is called with a conversation whose events go to Slack."""

    def __init__(
        self,
        redis: Redis,
        conversations: ConversationLog,
        customers: Customers,
        threads: Threads,
        people: People,
        follow: Callable[[str], None],
    ) -> None:
        self._redis, self._log, self._customers = redis, conversations, customers
        self._threads, self._people, self._follow = threads, people, follow

    async def take(self, message: CustomerMessage) -> Remark | None:
        """Accept a message once, however often it is delivered."""
        conversation_id = await self._threads.conversation_of(message)
        if conversation_id is None:
            return None
        name = await self._people.name(message.user)
        record = await self._threads.open(conversation_id, message, name)
        self._follow(conversation_id)
        try:
            await self._customers.write(_written_by(record, name), message.client_id, message.text)
        except IdempotencyConflict:
            # The text of the first delivery counts: this is an edit on its way, or the mention's other form.
            log.warning("slack.repeat_differs", conversation_id=conversation_id)
        except InvalidRequest as error:
            return Remark(message.channel, message.user, message.thread_ts, f"That did not go through: {error}")
        return None

    async def press(self, press: ButtonPress) -> Remark | Change | None:
        """Do what a button says, once, for the customer of the conversation it was shown in."""
        try:
            record = await self._log.record(press.conversation_id)
        except NotFound:
            return _remark(press, TOO_LATE)
        place = await self._threads.place(press.conversation_id)
        if place is None or place.channel != press.channel:
            return _remark(press, TOO_LATE)
        if place.user != press.user:
            return _remark(
                press, f"These buttons are for <@{place.user}>. Mention me in a new message to ask something."
            )
        self._follow(press.conversation_id)
        return await self._do(record, press)

    async def _do(self, record: Record, press: ButtonPress) -> Remark | Change | None:
        try:
            if press.action_id == CHOICE:
                await self._customers.choose(record, f"slack:{press.channel}:{press.message_ts}:choice", press.value)
            elif press.action_id in (HELPFUL, UNHELPFUL):
                await self._customers.rate(record, press.value, press.action_id == HELPFUL)
            elif press.action_id == HUMAN:
                await self._ask_for_human(record, press)
            else:
                return None
        except IdempotencyConflict:
            return _remark(press, ALREADY_CHOSEN)
        except (InvalidRequest, NotFound):
            return _remark(press, TOO_LATE)
        return Change(press.channel, press.message_ts, pressed(press))

    async def _ask_for_human(self, record: Record, press: ButtonPress) -> None:
        """Once a press: a replayed request must not call a human again after they gave the conversation back."""
        seen = keys.of(record.conversation_id, "seen")
        client_id = f"slack:{press.channel}:{press.message_ts}:human:{press.action_ts}"
        if await self._redis.hexists(seen, client_id):
            return
        await self._customers.ask_for_human(record, None)
        # Afterwards: a crash in between asks again, which changes nothing while the conversation waits.
        await self._redis.hset(seen, client_id, f"{press.event_id} human")


def _written_by(record: Record, name: str | None) -> Record:
    return replace(record, customer=replace(record.customer, name=name)) if name else record


def _remark(press: ButtonPress, text: str) -> Remark:
    return Remark(press.channel, press.user, press.thread_ts, text)
