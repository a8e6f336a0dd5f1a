"""`GatewayInput`: the only door into Rasa. One HTTP call is one turn, answered with a `BotReply`.

Unlike the stock REST channel it never answers 200 for a failure, a caller that hangs up does not cancel the
turn, a repeated message id gets the stored reply, and typed text is never read as a command.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import re
from typing import Any, Awaitable, Callable, Dict, List, Optional, Text, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from assistant.bot import patches
from assistant.bot.tracker_store import AppendOnlyTrackerStore, TrackerStoreUnavailable
from assistant.bot.turn_reader import reply_of
from assistant.contract import BotRequest, ContractError

logger = logging.getLogger(__name__)

SECRET_HEADER = "X-Offramp-Secret"  # noqa: S105
_COMMAND_START = re.compile(r"^[\s/]+")


# HTTP status and JSON body.
Answer = Tuple[int, Dict[Text, Any]]


class SilentOutput(OutputChannel):
    """Says nothing by itself: what the bot said is read from the stored turn."""

    @classmethod
    def name(cls) -> Text:
        return "offramp"

    async def send_response(self, recipient_id: Text, message: Dict[Text, Any]) -> None:
        """The stored `bot` event is the message."""


class GatewayInput(InputChannel):
    """Set up in `credentials.yml`; the secret comes from there or from `OFFRAMP_BOT_SECRET`."""

    @classmethod
    def name(cls) -> Text:
        return "offramp"

    @classmethod
    def from_credentials(cls, credentials: Optional[Dict[Text, Any]]) -> "GatewayInput":
        secret = (credentials or {}).get("secret") or os.environ.get("OFFRAMP_BOT_SECRET")
        if not secret:
            raise ValueError("GatewayInput needs a secret: set OFFRAMP_BOT_SECRET, or `secret` in credentials.yml")
        return cls(str(secret))

    def __init__(self, secret: Text) -> None:
        self._secret = secret.encode()
        assert patches.PATCHED_VERSION

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("offramp_gateway", "gateway")
        running: Dict[Tuple[Text, Text], "asyncio.Future[Answer]"] = {}

        @blueprint.route("/ready", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            problem = await _problem(request.app.ctx.agent)
            return response.json({"ready": problem is None, "problem": problem}, 200 if problem is None else 503)

        @blueprint.route("/messages", methods=["POST"])
        async def messages(request: Request) -> HTTPResponse:
            given = request.headers.get(SECRET_HEADER, "").encode()
            if not hmac.compare_digest(given, self._secret):
                return response.json({"error": "secret"}, 401)
            try:
                turn = BotRequest.from_json(request.json)
            except ContractError as error:
                return response.json({"error": str(error)}, 422)
            # A caller that goes away must not cancel a turn half-way, and one that asks again joins it.
            key = (turn.conversation_id, turn.message_id)
            if key not in running:
                running[key] = asyncio.ensure_future(_answer(request.app.ctx.agent, turn))
                running[key].add_done_callback(lambda _: running.pop(key, None))
            status, body = await asyncio.shield(running[key])
            return response.json(body, status)

        return blueprint


async def _problem(agent: Optional[Agent]) -> Optional[Text]:
    """What keeps this process from answering, in words; None if nothing does."""
    if agent is None or not agent.is_ready():
        return "no trained model is loaded"
    store = _store(agent)
    if store is None:
        return "the tracker store of endpoints.yml could not be loaded"
    try:
        await store.ping()
    except TrackerStoreUnavailable as error:
        return str(error)
    return None


def _store(agent: Agent) -> Optional[AppendOnlyTrackerStore]:
    """Rasa hides the configured store in a `FailSafeTrackerStore`, and takes another if it cannot import it."""
    store = getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)
    return store if isinstance(store, AppendOnlyTrackerStore) else None


async def _answer(agent: Agent, turn: BotRequest) -> Answer:
    try:
        problem = await _problem(agent) if not agent.is_ready() else None
        store = _store(agent)
        if problem is not None or store is None:
            return 503, {"error": problem or "tracker store"}
        events: List[Dict[Text, Any]] = []
        if turn.redelivered:
            events = await store.events_of_turn(turn.conversation_id, turn.message_id)
        if not events:
            await agent.handle_message(_user_message(turn))
            events = await store.events_of_turn(turn.conversation_id, turn.message_id)
        if not events:
            return 503, {"error": "turn_failed"}
        return 200, reply_of(events).as_json()
    except TrackerStoreUnavailable as error:
        return 503, {"error": str(error)}
    except Exception as error:
        # Rasa's own handlers log the message text with an error; the type and the id are enough to find it.
        logger.error("turn.failed message_id=%s error=%s", turn.message_id, type(error).__name__)
        logger.debug("turn.failed", exc_info=True)
        return 503, {"error": "turn_failed"}


def _user_message(turn: BotRequest) -> UserMessage:
    return UserMessage(
        turn.payload if turn.payload is not None else typed(turn.text),
        SilentOutput(),
        turn.conversation_id,
        input_channel=turn.channel,
        message_id=turn.message_id,
        metadata={"epoch": turn.epoch, "tier": turn.tier},
    )


def typed(text: Text) -> Text:
    """Typed text that Rasa cannot take for a command: it reads `/intent{…}` even behind blanks."""
    return _COMMAND_START.sub("", text).strip() or "?"
