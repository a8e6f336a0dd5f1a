"""Slack's way in: bolt checks and routes the requests, the accept comes before the answer. Delivery runs beside it."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import APIRouter, FastAPI, Request, Response
from redis.exceptions import RedisError
from slack_bolt import BoltResponse
from slack_bolt.adapter.fastapi.async_handler import AsyncSlackRequestHandler
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.error import BoltUnhandledRequestError
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from assistant.channels.slack.inbound import button_from, message_from
from assistant.channels.slack.outbound import Delivery
from assistant.channels.slack.outbox import Outbox
from assistant.channels.slack.people import People
from assistant.channels.slack.reception import Change, Reception, Remark
from assistant.channels.slack.threads import Threads
from assistant.channels.slack.web_api import TIMEOUT_SECONDS, SlackApi, SlackError
from assistant.conversation.customers import Customers
from assistant.conversation.log import ConversationLog, Stale
from assistant.conversation.redis_connection import RedisClient
from assistant.conversation.wakeups import Wakeups
from assistant.errors import Conflict, NotAuthenticated
from assistant.settings import Settings

log = structlog.get_logger()

# Slack waits 3 s for an answer; ours, also a 503, must be there before.
ACCEPT_SECONDS = 2.5
# A message comes as text and again as rich text, escaped: far more bytes than its 4,000 characters.
MAX_BODY_BYTES = 524_288
_ANY = re.compile(".*")
_AFTERWARDS = "offramp_afterwards"

Json = dict[str, Any]
Next = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class SlackParts:
    """What the channel needs."""

    redis: RedisClient
    log: ConversationLog
    customers: Customers
    wakeups: Wakeups


def add_slack(app: FastAPI, settings: Settings, parts: SlackParts) -> Delivery | None:
    """Add Slack's routes, if token and signing secret are set. The caller runs the delivery that is returned."""
    token, secret = settings.slack_bot_token, settings.slack_signing_secret
    if token is None or secret is None:
        return None
    client = web_client(token.get_secret_value(), settings.slack_api_url)
    p, days, api = parts, settings.retention_days, SlackApi(client)
    delivery = Delivery(Outbox(p.redis, days, time.time), p.log, api, p.wakeups)
    threads = Threads(p.redis, p.log, p.customers, days, time.time)
    reception = Reception(p.redis, p.log, p.customers, threads, People(api), delivery.follow)
    bolt = bolt_app(client, secret.get_secret_value(), reception, api)
    app.include_router(slack_router(bolt, SignatureVerifier(secret.get_secret_value())))
    return delivery


def quiet_logger() -> logging.Logger:
    """For bolt and the SDK. Below WARNING they log whole requests, with what the customer wrote."""
    logger = logging.getLogger("assistant.channels.slack")
    logger.setLevel(logging.WARNING)
    return logger


def web_client(token: str, api_url: str) -> AsyncWebClient:
    # No retries of its own: a post that may have arrived must be looked for first.
    return AsyncWebClient(
        token=token, base_url=api_url, timeout=TIMEOUT_SECONDS, retry_handlers=[], logger=quiet_logger()
    )


def slack_router(bolt: AsyncApp, verifier: SignatureVerifier) -> APIRouter:
    router = APIRouter(prefix="/v1/slack", tags=["slack"])
    handler = AsyncSlackRequestHandler(bolt)

    @router.post("/events", response_model=None, include_in_schema=False, max_body_size=MAX_BODY_BYTES)
    @router.post("/actions", response_model=None, include_in_schema=False, max_body_size=MAX_BODY_BYTES)
    async def from_slack(request: Request) -> Response:
        """Events API and interactivity. Only for Slack: every request must be signed."""
        # Bolt checks the signature too, but only after it has parsed the body.
        if not is_signed(verifier, await request.body(), request):
            log.warning("slack.bad_signature")
            raise NotAuthenticated("The request is not signed by Slack, or too old.")
        response: Response = await handler.handle(request)
        return response

    return router


def is_signed(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    try:
        return signature.isascii() and verifier.is_valid(body, timestamp, signature)
    except ValueError:  # a timestamp that is no number, a body that is no text
        return False


def bolt_app(client: AsyncWebClient, signing_secret: str, reception: Reception, api: SlackApi) -> AsyncApp:
    async def authorize() -> AuthorizeResult:
        # One workspace, one token: no call of Slack's API stands between a message and its answer.
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)

    bolt = AsyncApp(
        client=client,
        authorize=authorize,
        signing_secret=signing_secret,
        logger=quiet_logger(),
        raise_error_for_unhandled_request=True,
        attaching_conversation_kwargs_enabled=False,
    )
    bolt.error(failed)
    add_listeners(bolt, reception, api)
    return bolt


def add_listeners(bolt: AsyncApp, reception: Reception, api: SlackApi) -> None:
    # As middleware of a listener, because bolt answers an event before it runs the listener itself.
    async def accept_message(body: Json, context: Json, next: Next) -> None:
        message = message_from(body)
        if message is not None:
            context[_AFTERWARDS] = await in_time(reception.take(message))
        await next()

    async def accept_press(body: Json, context: Json, next: Next) -> None:
        press = button_from(body)
        if press is not None:
            context[_AFTERWARDS] = await in_time(reception.press(press))
        await next()

    async def afterwards(ack: Callable[[], Awaitable[BoltResponse]], context: Json) -> None:
        await ack()
        await show(api, context.get(_AFTERWARDS))

    bolt.event(_ANY, middleware=[accept_message])(afterwards)
    bolt.action(_ANY, middleware=[accept_press])(afterwards)


async def in_time(accept: Awaitable[Remark | Change | None]) -> Remark | Change | None:
    """Raises `TimeoutError` while Slack still listens."""
    async with asyncio.timeout(ACCEPT_SECONDS):
        return await accept


async def show(api: SlackApi, outcome: Remark | Change | None) -> None:
    """What is nice to see but not worth another attempt: what counts is in the log already."""
    try:
        if isinstance(outcome, Change):
            await api.update(outcome.channel, outcome.ts, outcome.message)
        elif isinstance(outcome, Remark):
            await api.tell(outcome.channel, outcome.user, outcome.thread_ts, outcome.text)
    except SlackError as error:
        log.warning("slack.not_shown", error=str(error))


async def failed(error: Exception, response: BoltResponse | None) -> BoltResponse | None:
    """Nothing was accepted: Slack shall send it again. Never logs the request, which holds what was written."""
    if isinstance(error, BoltUnhandledRequestError):
        log.warning("slack.unknown_request")
        status = 404
    elif isinstance(error, (RedisError, OSError, Conflict, Stale)):
        log.error("slack.not_accepted", error=type(error).__name__)
        status = 503
    else:
        log.error("slack.failed", error=type(error).__name__, exc_info=error)
        status = 500
    return None if response is None else BoltResponse(status=status, body="")
