"""Builds the action server: rasa-sdk's executor in a FastAPI app, one process, one copy of the knowledge base."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

import httpx2
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request
from fastapi.responses import JSONResponse
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions.answer import ActionAnswer, ActionGiveArticle, ActionOtherAnswers
from actions.article_trial import add_article_trial
from actions.facts import FactFinder
from actions.live_knowledge_base import LiveKnowledgeBase
from actions.order_status import ActionOrderStatus
from actions.orders import DemoOrders, HttpOrders, Orders
from actions.yes_or_no import ActionAffirm, ActionDeny
from assistant.encoder import Encoder
from assistant.escalation_settings import load_rule_settings
from assistant.settings import Settings
from assistant.setup.environments import ROOT
from knowledge_base.rendering import to_html
from knowledge_base.snapshot import current_version, load_current

# Two one-thread sessions give twice the throughput of one; more cores, more gateways and action servers.
ENCODER_SESSIONS = 2
SUGGESTED_ARTICLES = 3


def build_app(settings: Settings) -> FastAPI:
    """Raises `EncoderError`, `SnapshotError` or `RuleSettingsError` if what it serves from is missing or broken."""
    executor = ThreadPoolExecutor(ENCODER_SESSIONS, "search")
    encoder = Encoder(settings.state_dir / "encoder", ENCODER_SESSIONS)
    root = settings.state_dir / "kb"
    live = LiveKnowledgeBase(lambda: load_current(root, encoder), lambda: current_version(root), executor)
    client = httpx2.AsyncClient()
    give_article, other_answers = ActionGiveArticle(live), ActionOtherAnswers(live)
    actions = register(
        [
            ActionAnswer(live, load_rule_settings(ROOT / "config.yml", settings.state_dir)),
            give_article,
            other_answers,
            ActionAffirm(give_article),
            ActionDeny(other_answers),
            ActionOrderStatus(orders(settings, client)),
        ]
    )

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        watcher = asyncio.create_task(live.watch())
        yield
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
        await client.aclose()

    app = FastAPI(title="Offramp actions", lifespan=lifespan, docs_url=None, redoc_url=None)
    add_rasa_webhook(app, actions)
    add_services(app, live, FactFinder(), settings.secret)
    add_article_trial(app, live, encoder, executor, settings.secret)
    return app


def orders(settings: Settings, client: httpx2.AsyncClient) -> Orders:
    if settings.orders_url is None:
        return DemoOrders()
    token = settings.orders_token.get_secret_value() if settings.orders_token else None
    return HttpOrders(settings.orders_url, token, client)


def register(actions: list[Action]) -> ActionExecutor:
    executor = ActionExecutor()
    for action in actions:
        executor.register_action(action)
    return executor


def add_rasa_webhook(app: FastAPI, actions: ActionExecutor) -> None:
    @app.post("/webhook")
    async def webhook(request: Request) -> JSONResponse:
        body = await request.json()
        try:
            result = await actions.run(body)
        except ActionExecutionRejection as error:
            return JSONResponse({"error": str(error), "action_name": error.action_name}, 400)
        except ActionNotFoundException as error:
            return JSONResponse({"error": str(error), "action_name": error.action_name}, 404)
        return JSONResponse(result.model_dump() if result else {"events": [], "responses": []})


def add_services(app: FastAPI, live: LiveKnowledgeBase, facts: FactFinder, secret: str) -> None:
    """What the gateway asks for: readiness, facts for the hand-off, articles for the desk."""

    def trusted(x_offramp_secret: Annotated[str, Header()] = "") -> None:
        if not secret or not hmac.compare_digest(x_offramp_secret.encode(), secret.encode()):
            raise HTTPException(401)

    @app.get("/readyz")
    async def ready() -> dict[str, Any]:
        return {"ready": True, "knowledge_base": live.current.version, "articles": len(live.current.articles)}

    @app.post("/facts", dependencies=[Depends(trusted)])
    async def find_facts(texts: list[str]) -> dict[str, Any]:
        found = await asyncio.to_thread(facts.find, texts)
        return {"facts": [{"kind": f.kind, "value": f.value} for f in found]}

    @app.get("/articles", dependencies=[Depends(trusted)])
    async def articles(q: Annotated[str, Query(max_length=4000)]) -> dict[str, Any]:
        knowledge_base, result = await live.search(q)
        likely = [(knowledge_base.article(h.article_id), h.probability) for h in result.hits]
        found = [(a, p) for a, p in likely if not a.human_only][:SUGGESTED_ARTICLES]
        rows = (
            {"id": a.id, "question": a.question, "answer": a.answer, "html": to_html(a.answer), "probability": p}
            for a, p in found
        )
        return {"articles": list(rows)}

    @app.get("/articles/{article_id}", dependencies=[Depends(trusted)])
    async def article(article_id: str) -> dict[str, Any]:
        found = live.current.articles.get(article_id)
        if found is None:
            raise HTTPException(404)
        return {"id": found.id, "question": found.question}


def create_app() -> FastAPI:
    """Entry point for uvicorn."""
    return build_app(Settings())
