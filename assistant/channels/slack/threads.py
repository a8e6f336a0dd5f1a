"""Which conversation a Slack message belongs to, and where that conversation's events go."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from redis.asyncio import Redis

from assistant.channels.slack.inbound import CustomerMessage
from assistant.conversation import keys
from assistant.conversation.customers import Customers
from assistant.conversation.log import DAY_SECONDS, ConversationLog, Stale
from assistant.conversation.record import Customer, Record
from assistant.conversation.state import Owner
from assistant.errors import NotFound

LUA = Path(__file__).parent / "lua"
ID_CHARACTERS = 26


@dataclass(frozen=True)
class Place:
    """Where a conversation is in Slack. `user`: the customer who started it."""

    channel: str
    thread_ts: str
    user: str


def conversation_id_of(team: str, channel: str, thread_ts: str) -> str:
    """The same thread always gives the same id, so that no two deliveries can start it twice."""
    digest = hashlib.sha256(f"slack:{team}:{channel}:{thread_ts}".encode()).digest()
    return base64.b32encode(digest).decode().lower()[:ID_CHARACTERS]


class Threads:
    def __init__(
        self,
        redis: Redis,
        conversations: ConversationLog,
        customers: Customers,
        retention_days: int,
        clock: Callable[[], float],
    ) -> None:
        self._redis, self._log, self._customers, self._clock = redis, conversations, customers, clock
        self._ttl_seconds = retention_days * DAY_SECONDS
        self._home = redis.register_script((LUA / "home.lua").read_text())
        self._follow = redis.register_script((LUA / "follow.lua").read_text())

    async def conversation_of(self, message: CustomerMessage) -> str | None:
        """The conversation that a message belongs to, started or not; None if it is not for the assistant.

        In a channel: the thread, once the assistant was mentioned in it; there its customer is heard without
        a mention, others with one. In a direct message: top-level messages share one conversation until it is
        closed, and a thread belongs to the conversation of the message it hangs on.
        """
        thread_id = conversation_id_of(message.team, message.channel, message.root)
        if message.direct:
            return await self._direct(message, thread_id)
        if message.mentioned:
            return thread_id
        place = await self.place(thread_id) if message.thread_ts else None
        return thread_id if place and place.user == message.user else None

    async def _direct(self, message: CustomerMessage, thread_id: str) -> str:
        tag = f"offramp:slack:{{{message.team}:{message.channel}}}"
        home, current = f"{tag}:{message.root}", f"{tag}:current"
        if message.thread_ts:
            return str(await self._redis.get(home) or thread_id)
        known = await self._redis.get(current)
        closed = known if known and await self._is_closed(str(known)) else ""
        return str(await self._home([home, current], [thread_id, closed, self._ttl_seconds]))

    async def _is_closed(self, conversation_id: str) -> bool:
        owner = await self._redis.hget(keys.of(conversation_id, "state"), "owner")
        return bool(owner == Owner.CLOSED.value)

    async def open(self, conversation_id: str, message: CustomerMessage, name: str | None) -> Record:
        """The conversation, started if it was not; from now on its events go to the message's thread."""
        try:
            record = await self._log.record(conversation_id)
        except NotFound:
            context = {"team": message.team, "channel": message.channel, "user": message.user}
            await self._customers.start("slack", "en", context, Customer(name), conversation_id)
            record = await self._log.record(conversation_id)
        if name and not record.customer.name and record.context.get("user") == message.user:
            record = await self._named(record, name)
        # The greeting is not for Slack: the customer wrote first.
        greeting = (await self._log.read(conversation_id, limit=1))[0].id
        await self._follow(
            [keys.of(conversation_id, "slack")],
            [message.channel, message.root, message.user, message.ts, greeting, self._ttl_seconds],
        )
        # After the place is known: the index may be behind, but never names a conversation without a place.
        await self._redis.zadd(keys.SLACK, {conversation_id: round(self._clock() * 1000)})
        return record

    async def _named(self, record: Record, name: str) -> Record:
        """Slack was too slow with the name when the conversation started."""
        customer = replace(record.customer, name=name)
        with suppress(Stale):
            fields = {"customer": json.dumps(asdict(customer))}
            await self._log.commit(record.conversation_id, record.state.epoch, [], fields=fields)
        return replace(record, customer=customer)

    async def place(self, conversation_id: str) -> Place | None:
        fields = await self._redis.hgetall(keys.of(conversation_id, "slack"))
        if "channel" not in fields:
            return None
        return Place(str(fields["channel"]), str(fields["thread_ts"]), str(fields["user"]))
