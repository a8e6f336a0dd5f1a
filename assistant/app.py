"""Builds the gateway: the one place that knows the concrete classes. Start reading here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass

import httpx2
from fastapi import FastAPI, Response
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import JSONResponse
from redis.exceptions import RedisError
from starlette.types import ASGIApp

from assistant.channels.limits import RateLimits
from assistant.channels.rest import RestParts, rest_router
from assistant.channels.slack.app import SlackParts, add_slack
from assistant.channels.web import SecurityHeaders, add_pages
from assistant.conversation.bot_client import BotClient
from assistant.conversation.customers import Customers
from assistant.conversation.events import Author, Role
from assistant.conversation.lease import Leases
from assistant.conversation.log import ConversationLog
from assistant.conversation.redis_connection import DEFAULT_REDIS_URL, RedisClient, connect
from assistant.conversation.sweep import Sweep
from assistant.conversation.turns import TurnLimits, TurnWorker
from assistant.conversation.wakeups import Wakeups
from assistant.desk.accounts import Accounts
from assistant.desk.api import DeskParts, desk_router
from assistant.desk.articles.builder import child_build
from assistant.desk.articles.catalogue import Catalogue
from assistant.desk.articles.drafts import Drafts
from assistant.desk.articles.editor import ArticleEditor
from assistant.desk.articles.publisher import Publisher
from assistant.desk.articles.routes import LibraryParts, page_router
from assistant.desk.feed import DeskFeed
from assistant.handoff.answering_client import AnsweringClient
from assistant.handoff.handoff import HandOff
from assistant.handoff.presence import Presence
from assistant.handoff.queue import HandoffQueue
from assistant.observe.logs import configure
from assistant.observe.metrics import Metrics
from assistant.problems import TooLargeAsProblem, add_problem_handlers
from assistant.settings import Settings

# Above the largest honest body (a 4,000-character message), far below what hurts.
MAX_BODY_BYTES = 32_768
HTTP_CONNECTIONS = 200


@dataclass(frozen=True)
class Gateway:
    """The object graph of one gateway process."""

    settings: Settings
    redis: RedisClient
    http: httpx2.AsyncClient
    log: ConversationLog
    queue: HandoffQueue
    handoff: HandOff
    customers: Customers
    turns: TurnWorker
    sweep: Sweep
    wakeups: Wakeups
    bot: BotClient
    answering: AnsweringClient
    accounts: Accounts
    editor: ArticleEditor
    limits: RateLimits
    metrics: Metrics


def build_gateway(settings: Settings) -> Gateway:
    url = settings.redis_url or DEFAULT_REDIS_URL
    redis = connect(url)
    http = httpx2.AsyncClient(limits=httpx2.Limits(max_connections=HTTP_CONNECTIONS))
    metrics, wakeups, queue = Metrics(), Wakeups(redis), HandoffQueue(redis)
    log = ConversationLog(redis, settings.retention_days)
    answering = AnsweringClient(settings.actions_url, settings.secret, http)
    bot = BotClient(settings.bot_url, settings.secret, http)
    handoff = HandOff(log, queue, answering, settings.team_name, time.time, settings.abuse == "close")
    author = Author(Role.BOT, settings.assistant_name)
    limits = TurnLimits(settings.turn_deadline_seconds)
    turns = TurnWorker(log, Leases(redis), bot, handoff, author, limits, metrics, time.time)
    return Gateway(
        settings=settings,
        redis=redis,
        http=http,
        log=log,
        queue=queue,
        handoff=handoff,
        customers=Customers(log, handoff, turns.kick, author, settings.greeting, metrics, time.time),
        turns=turns,
        sweep=Sweep(redis, log, turns.kick, Presence(queue, handoff, time.time).look_after, time.time),
        wakeups=wakeups,
        bot=bot,
        answering=answering,
        accounts=Accounts(redis),
        editor=build_editor(settings, redis, log),
        limits=RateLimits(url, settings.messages_per_second, settings.conversations_per_minute),
        metrics=metrics,
    )


def build_editor(settings: Settings, redis: RedisClient, log: ConversationLog) -> ArticleEditor:
    drafts = Drafts(redis)
    build = child_build(settings.articles_dir, settings.state_dir)
    publisher = Publisher(redis, drafts, build, settings.state_dir / "kb" / "current", time.time)
    return ArticleEditor(Catalogue(settings.articles_dir), drafts, publisher, log, time.time)


class GatewayApp(FastAPI):
    def build_middleware_stack(self) -> ASGIApp:
        """FastAPI's own body limit is outside of all added middleware; its answer needs our form too."""
        return SecurityHeaders(TooLargeAsProblem(super().build_middleware_stack()))


def build_app(settings: Settings) -> FastAPI:
    gateway = build_gateway(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(gateway.redis.aclose)
            stack.push_async_callback(gateway.http.aclose)
            stack.push_async_callback(gateway.turns.stop)
            stack.push_async_callback(gateway.editor.publisher.stop)
            for service in (gateway.wakeups.run(), gateway.sweep.run(), *([slack.run()] if slack else [])):
                await stack.enter_async_context(_running(asyncio.create_task(service)))
            yield

    app = GatewayApp(
        title="Offramp",
        summary="Customer support assistant with an exit to a human that is always open.",
        version="1",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        max_body_size=MAX_BODY_BYTES,
    )
    add_problem_handlers(app)
    add_middleware(app, settings)
    add_routes(app, gateway)
    parts = SlackParts(gateway.redis, gateway.log, gateway.customers, gateway.wakeups)
    slack = add_slack(app, settings, parts)
    add_pages(app)
    return app


@asynccontextmanager
async def _running(task: asyncio.Task[None]) -> AsyncIterator[None]:
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def add_middleware(app: FastAPI, settings: Settings) -> None:
    if settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allowed_origins),
            allow_methods=["GET", "POST", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
        )


def add_routes(app: FastAPI, gateway: Gateway) -> None:
    g = gateway
    feed = DeskFeed(g.log, g.wakeups, g.queue, time.time)
    secret = g.settings.identity_secret.get_secret_value() if g.settings.identity_secret else None
    rest = RestParts(g.log, g.customers, g.handoff, g.queue, g.wakeups, g.limits, g.metrics, secret)
    app.include_router(rest_router(rest))
    library = LibraryParts(g.editor, g.answering)
    desk = DeskParts(g.accounts, g.log, g.handoff, g.queue, feed, g.wakeups, g.answering, g.limits, library, time.time)
    app.include_router(desk_router(desk))
    app.include_router(page_router())

    @app.get("/healthz", tags=["operate"])
    async def alive() -> dict[str, bool]:
        """This process is alive."""
        return {"alive": True}

    @app.get("/readyz", tags=["operate"], response_model=None)
    async def ready() -> JSONResponse:
        """Each dependency: null, or what is wrong with it. 503 until all are ready."""
        bot, actions, redis = await asyncio.gather(g.bot.problem(), g.answering.problem(), _redis_problem(g.redis))
        problems = {"redis": redis, "rasa": bot, "actions": actions}
        ready = not any(problems.values())
        return JSONResponse({"ready": ready, "dependencies": problems}, 200 if ready else 503)

    @app.get("/metrics", tags=["operate"], response_class=Response)
    async def metrics() -> Response:
        """Prometheus metrics of this process."""
        with suppress(RedisError):
            g.metrics.waiting.set(len(await g.queue.waiting()))
        return Response(g.metrics.text(), media_type="text/plain; version=0.0.4")


async def _redis_problem(redis: RedisClient) -> str | None:
    try:
        await redis.ping()
    except (RedisError, OSError) as error:
        return f"no answer: {type(error).__name__}"
    return None


def create_app() -> FastAPI:
    """Entry point for uvicorn."""
    configure()
    return build_app(Settings())
