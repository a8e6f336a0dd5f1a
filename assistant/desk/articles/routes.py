"""`/v1/desk/library`: editing articles. See docs/articles.md."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import FileResponse, JSONResponse

from assistant.conversation.state import Agent
from assistant.desk.articles import bodies, views
from assistant.desk.articles.checks import Checked
from assistant.desk.articles.editor import ArticleEditor
from assistant.desk.articles.publisher import BuildState
from assistant.errors import Unavailable
from assistant.handoff.answering_client import AnsweringClient

PAGE = Path(__file__).resolve().parents[1] / "pages" / "articles.html"

# Finds the signed-in agent of a request. (No postponed annotations here: FastAPI must see the local function.)
AgentOf = Callable[..., Awaitable[Agent]]


class TrialUnavailable(Unavailable):
    title = "The assistant cannot be asked at the moment; try again"


@dataclass(frozen=True)
class LibraryParts:
    """What the routes need."""

    editor: ArticleEditor
    answering: AnsweringClient


def page_router() -> APIRouter:
    router = APIRouter()

    @router.get("/desk/articles", include_in_schema=False)
    async def page() -> FileResponse:
        return FileResponse(PAGE)

    return router


def library_router(parts: LibraryParts, agent_of: AgentOf) -> APIRouter:
    """The API for agents that `agent_of` lets in."""
    router = APIRouter(prefix="/library")
    add_reading_routes(router, parts, agent_of)
    add_draft_routes(router, parts, agent_of)
    add_trial_routes(router, parts, agent_of)
    add_publishing_routes(router, parts, agent_of)
    return router


async def _build(parts: LibraryParts, state: BuildState) -> dict[str, Any]:
    return views.build(state, await parts.answering.serving_version())


def add_reading_routes(router: APIRouter, parts: LibraryParts, agent_of: AgentOf) -> None:
    @router.get("", response_model=None)
    async def library(agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """All articles, what keeps them from being published (null: nothing), and the last publication."""
        rows, problem = await parts.editor.rows(), await parts.editor.problem()
        build = await _build(parts, await parts.editor.publisher.state())
        return JSONResponse({"articles": rows, "problem": problem, "build": build})

    @router.get("/build", response_model=None)
    async def build(agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """How the last publication stands."""
        return JSONResponse(await _build(parts, await parts.editor.publisher.state()))

    @router.get("/articles/{article_id}", response_model=None)
    async def article(article_id: str, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """What is published, the draft, and the revision to save over."""
        return JSONResponse(await parts.editor.view(article_id))

    @router.get("/articles/{article_id}/history", response_model=None)
    async def history(article_id: str, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """Published revisions, newest first, each with what changed."""
        return JSONResponse({"entries": await parts.editor.history(article_id)})


def add_draft_routes(router: APIRouter, parts: LibraryParts, agent_of: AgentOf) -> None:
    @router.post("/articles", response_model=None)
    async def create(body: bodies.NewArticle, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """A new draft; its id is made from the question."""
        return JSONResponse(await parts.editor.create(body.question, agent), 201)

    @router.post("/articles/from-reply", response_model=None)
    async def create_from_reply(body: bodies.FromReply, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """A new draft from an agent's message and the customer's question before it."""
        return JSONResponse(await parts.editor.create_from_reply(body.conversation_id, body.event_id, agent), 201)

    @router.put("/articles/{article_id}/draft", response_model=None)
    async def save(article_id: str, body: bodies.SaveDraft, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """Save the draft; 409 `newer_revision` if somebody else did meanwhile."""
        return JSONResponse(await parts.editor.save(article_id, body.revision, body.article, agent))

    @router.delete("/articles/{article_id}/draft", status_code=204, response_model=None)
    async def discard(
        article_id: str, revision: Annotated[int, Query(ge=0)], agent: Annotated[Agent, Depends(agent_of)]
    ) -> Response:
        """Forget what is not published."""
        await parts.editor.discard(article_id, revision)
        return Response(status_code=204)

    @router.post("/articles/{article_id}/restore", response_model=None)
    async def restore(
        article_id: str, body: bodies.Restore, agent: Annotated[Agent, Depends(agent_of)]
    ) -> JSONResponse:
        """Make the draft say what an entry of the history said."""
        return JSONResponse(await parts.editor.restore(article_id, body.number, body.revision, agent))


def add_trial_routes(router: APIRouter, parts: LibraryParts, agent_of: AgentOf) -> None:
    @router.post("/articles/{article_id}/check", response_model=None)
    async def check(article_id: str, body: bodies.Check, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """The answer as customers see it, and what is wrong with the article. Nothing is stored."""
        return JSONResponse(_checked(await parts.editor.check(article_id, body.article)))

    @router.post("/articles/{article_id}/trial", response_model=None)
    async def trial(article_id: str, body: bodies.Trial, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """What the assistant does with a question now, and how close this article's texts are to it."""
        asked = {"question": body.question, "article": asdict(body.article.article(article_id, "en"))}
        found = await parts.answering.trial(asked)
        if found is None:
            raise TrialUnavailable
        return JSONResponse(found)

    @router.post("/articles/{article_id}/overlaps", response_model=None)
    async def overlaps(article_id: str, body: bodies.Check, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """Which of this article's texts other articles answer now."""
        found = await parts.answering.overlaps(asdict(body.article.article(article_id, "en")))
        if found is None:
            raise TrialUnavailable
        return JSONResponse({"overlaps": found})


def _checked(checked: Checked) -> dict[str, Any]:
    findings = [
        {"level": f.level.value, "rule": f.rule, "message": f.message, "field": views.FIELDS.get(f.rule)}
        for f in checked.findings
    ]
    return {"html": checked.html, "findings": findings}


def add_publishing_routes(router: APIRouter, parts: LibraryParts, agent_of: AgentOf) -> None:
    @router.post("/articles/{article_id}/publish", response_model=None)
    async def publish(
        article_id: str, body: bodies.AtRevision, agent: Annotated[Agent, Depends(agent_of)]
    ) -> JSONResponse:
        """Write the article and build in the background; 422 for one with errors, 409 while another is published."""
        state = await parts.editor.publish(article_id, body.revision, agent)
        return JSONResponse(await _build(parts, state), 202)

    @router.post("/articles/{article_id}/archive", response_model=None)
    async def archive(
        article_id: str, body: bodies.AtRevision, agent: Annotated[Agent, Depends(agent_of)]
    ) -> JSONResponse:
        """Take the article away from customers; its history stays, and it can be restored."""
        return JSONResponse(await _build(parts, await parts.editor.archive(article_id, body.revision, agent)), 202)
