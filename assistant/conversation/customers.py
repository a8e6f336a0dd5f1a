"""What a customer does in a conversation, whatever the channel: start, write, choose, rate, ask for a human."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from assistant.contract import BotMessage
from assistant.conversation import access
from assistant.conversation.events import Author, Event, Kind, OfferedChoice, Role
from assistant.conversation.log import Accepted, Closed, ConversationLog
from assistant.conversation.record import Customer, Record
from assistant.conversation.replies import message_event
from assistant.conversation.state import State
from assistant.errors import Conflict, InvalidRequest, NotFound
from assistant.handoff.handoff import HandOff
from assistant.observe.metrics import Metrics

# How far back a button may have been offered.
CHOICE_EVENTS = 200
REOPEN_ATTEMPTS = 3
MAX_TEXT_CHARACTERS = 4000
DID_NOT_HELP = "/did_not_help"


@dataclass(frozen=True)
class Started:
    record: Record
    token: str
    greeting: Event


class Customers:
    def __init__(
        self,
        log: ConversationLog,
        handoff: HandOff,
        kick: Callable[[str], None],
        bot: Author,
        greeting: str,
        metrics: Metrics,
        clock: Callable[[], float],
    ) -> None:
        self._log, self._handoff, self._kick = log, handoff, kick
        self._bot, self._greeting, self._metrics, self._clock = bot, greeting, metrics, clock

    async def start(
        self,
        channel: str,
        locale: str = "en",
        context: Mapping[str, Any] | None = None,
        customer: Customer | None = None,
        conversation_id: str | None = None,
    ) -> Started:
        cid = conversation_id or access.new_conversation_id()
        token, token_hash = access.new_token(cid)
        record = Record(
            cid, State(), channel, self._clock(), locale, context or {}, customer or Customer(), token_hash=token_hash
        )
        greeting = message_event(BotMessage(self._greeting), self._bot, None)
        return Started(record, token, await self._log.create(record, greeting, self._now_ms()))

    async def write(self, record: Record, client_id: str, text: str) -> Accepted:
        """Accept what the customer typed. Raises `InvalidRequest`, `IdempotencyConflict`."""
        text = clean(text)
        newest = await self._log.newest(record.conversation_id, 5)
        meant = same_label(newest, text)
        return await self._accept(record, client_id, text, meant.payload if meant else None, f"text:{text}")

    async def choose(self, record: Record, client_id: str, choice_id: str) -> Accepted:
        """Accept a button that the bot offered in this conversation. Raises `InvalidRequest` for any other."""
        for event in await self._log.newest(record.conversation_id, CHOICE_EVENTS):
            for choice in event.choices:
                if choice.id == choice_id:
                    sent = f"choice:{choice_id}"
                    return await self._accept(record, client_id, choice.label, choice.payload, sent)
        raise InvalidRequest("`choice_id` was not offered in this conversation.")

    async def rate(self, record: Record, event_id: str, helpful: bool) -> Accepted:
        """Accept a thumb up or down for a bot message; after a thumb down the bot tries something else."""
        rated = await self._log.event(record.conversation_id, event_id)
        if rated.author.role is not Role.BOT or rated.kind is not Kind.MESSAGE:
            raise NotFound("Only messages of the assistant can be rated.")
        event = Event(
            Kind.FEEDBACK,
            Author(Role.CUSTOMER),
            event_id=event_id,
            helpful=helpful,
            payload=None if helpful else DID_NOT_HELP,
        )
        client_id = f"feedback:{event_id}:{'up' if helpful else 'down'}"
        return await self._append(record, event, client_id, f"{event_id} {helpful}", wants_turn=not helpful)

    async def ask_for_human(self, record: Record, note: str | None) -> State:
        state = await self._handoff.request_by_button(record, clean(note) if note else None)
        self._metrics.handoffs.labels("customer_button").inc()
        return state

    async def _accept(self, record: Record, client_id: str, text: str, payload: str | None, sent: str) -> Accepted:
        author = Author(Role.CUSTOMER, record.customer.name or "")
        event = Event(Kind.MESSAGE, author, text=text, client_message_id=client_id, payload=payload)
        accepted = await self._append(record, event, client_id, sent, wants_turn=True)
        if not accepted.repeated:
            self._metrics.messages.labels(record.channel).inc()
        return accepted

    async def _append(self, record: Record, event: Event, client_id: str, sent: str, *, wants_turn: bool) -> Accepted:
        for _ in range(REOPEN_ATTEMPTS):
            try:
                accepted = await self._log.accept(
                    record.conversation_id, event, client_id, self._now_ms(), wants_turn=wants_turn, sent=sent
                )
            except Closed:
                record = await self._log.record(record.conversation_id)
                with suppress(Conflict):  # somebody else was faster
                    await self._handoff.reopen(record)
            else:
                self._kick(record.conversation_id)
                return accepted
        raise Conflict

    def _now_ms(self) -> int:
        return round(self._clock() * 1000)


def clean(text: str) -> str:
    """Text as it is logged. Raises `InvalidRequest` for nothing, too much, or what is not text."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidRequest("`text` holds characters that are not valid Unicode.") from error
    text = text.replace("\0", "").strip()
    if not text:
        raise InvalidRequest("`text` must not be empty.")
    if len(text) > MAX_TEXT_CHARACTERS:
        raise InvalidRequest(f"`text` may have {MAX_TEXT_CHARACTERS} characters at most.")
    return text


def same_label(newest: list[Event], text: str) -> OfferedChoice | None:
    """The choice of the bot's last message whose label the customer typed instead of tapping it."""
    for event in newest:
        if event.kind is Kind.MESSAGE and event.author.role is not Role.CUSTOMER:
            wanted = text.casefold().rstrip(".!")
            return next((c for c in event.choices if c.label.casefold().rstrip(".!") == wanted), None)
    return None
