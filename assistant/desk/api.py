"""`/v1/desk`: what agents do. See docs/desk.md."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Cookie, Depends, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse
from pydantic import Field

from assistant.channels.limits import RateLimits
from assistant.channels.schemas import Body, ClientMessageId
from assistant.conversation.access import bearer
from assistant.conversation.customers import clean
from assistant.conversation.events import Author, Event, Kind, Role, public
from assistant.conversation.log import ConversationLog, Stale
from assistant.conversation.record import Record
from assistant.conversation.state import Agent, Owner, State
from assistant.conversation.wakeups import Wakeups
from assistant.desk.accounts import SESSION_SECONDS, Accounts
from assistant.desk.articles.routes import AgentOf, LibraryParts, library_router
from assistant.desk.feed import DeskFeed
from assistant.desk.rows import row_of
from assistant.desk.verdicts import add_verdict_routes
from assistant.errors import Forbidden, NotAuthenticated, NotYours
from assistant.handoff.answering_client import AnsweringClient
from assistant.handoff.handoff import HandOff
from assistant.handoff.queue import HandoffQueue
from knowledge_base.rendering import to_html

COOKIE = "offramp_desk"
RECENT_SECONDS = 86_400.0
RECENT_LIMIT = 200


class SignIn(Body):
    username: str = Field(max_length=100)
    password: str = Field(max_length=1000)


class Say(Body):
    client_message_id: ClientMessageId
    text: str


class Closing(Body):
    note: str | None = Field(None, max_length=4000)


@dataclass(frozen=True)
class DeskParts:
    """What the routes need."""

    accounts: Accounts
    log: ConversationLog
    handoff: HandOff
    queue: HandoffQueue
    feed: DeskFeed
    wakeups: Wakeups
    answering: AnsweringClient
    limits: RateLimits
    library: LibraryParts
    clock: Callable[[], float]


def desk_router(parts: DeskParts) -> APIRouter:
    async def agent_of(
        request: Request,
        offramp_desk: Annotated[str | None, Cookie()] = None,
        authorization: Annotated[str | None, Header()] = None,
    ) -> Agent:
        if not authorization and not from_our_own_page(request):
            raise Forbidden
        agent = await parts.accounts.signed_in(bearer(authorization) if authorization else offramp_desk or "")
        await parts.queue.agent_seen(agent.username, parts.clock())
        return agent

    router = APIRouter(prefix="/v1/desk", tags=["desk"])
    add_session_routes(router, parts, agent_of)
    add_reading_routes(router, parts, agent_of)
    add_writing_routes(router, parts, agent_of)
    add_owner_routes(router, parts, agent_of)
    add_verdict_routes(router, parts.log, parts.clock, agent_of)
    router.include_router(library_router(parts.library, agent_of))
    return router


def from_our_own_page(request: Request) -> bool:
    """A cookie comes along by itself, so the browser must say where the request is from.

    Reading by address bar (`none`) is fine; writing needs our own origin, by `Sec-Fetch-Site` or, where browsers
    leave that out (plain http), by `Origin`. Clients that send neither are no browsers and have no such cookie.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site == "same-origin" or (site == "none" and request.method == "GET")
    return origin is None or origin == f"{request.url.scheme}://{request.headers.get('host', '')}"


def add_session_routes(router: APIRouter, parts: DeskParts, agent_of: AgentOf) -> None:
    @router.post("/sessions", response_model=None)
    async def sign_in(body: SignIn, request: Request) -> JSONResponse:
        address = request.client.host if request.client else ""
        await parts.limits.may_sign_in(address, body.username)
        try:
            agent, token = await parts.accounts.sign_in(body.username, body.password)
        except NotAuthenticated:
            await parts.limits.failed_sign_in(address, body.username)
            raise
        response = JSONResponse({"token": token, "agent": asdict(agent)})
        response.set_cookie(
            COOKIE,
            token,
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="strict",
            path="/",
            secure=request.url.scheme == "https",
        )
        return response

    @router.delete("/sessions", status_code=204, response_model=None)
    async def sign_out(
        offramp_desk: Annotated[str | None, Cookie()] = None, authorization: Annotated[str | None, Header()] = None
    ) -> Response:
        await parts.accounts.sign_out(bearer(authorization) if authorization else offramp_desk or "")
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path="/")
        return response

    @router.get("/me", response_model=None)
    async def me(agent: Annotated[Agent, Depends(agent_of)]) -> dict[str, Any]:
        return asdict(agent)


def add_reading_routes(router: APIRouter, parts: DeskParts, agent_of: AgentOf) -> None:
    @router.get("/queue", response_model=None)
    async def queue(
        agent: Annotated[Agent, Depends(agent_of)], view: Annotated[Literal["open", "all"], Query()] = "open"
    ) -> JSONResponse:
        """`open`: waiting, longest first, then those with a human. `all`: also those the assistant has."""
        ids = [*await parts.queue.waiting(), *await parts.queue.with_humans()]
        owners = {Owner.WAITING, Owner.HUMAN}
        if view == "all":
            ids += await parts.queue.recent(parts.clock() - RECENT_SECONDS, RECENT_LIMIT)
            owners.add(Owner.BOT)
        records = await parts.log.records(list(dict.fromkeys(ids)))
        rows = [await row_of(parts.log, r) for r in records if r.state.owner in owners]
        return JSONResponse({"conversations": rows})

    @router.get("/conversations/{conversation_id}", response_model=None)
    async def conversation(conversation_id: str, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """Everything about a conversation: its row, the hand-off bundle, the whole log with notes and traces."""
        record = await parts.log.record(conversation_id)
        events = await parts.log.read_all(conversation_id)
        return JSONResponse(
            {
                "conversation": await row_of(parts.log, record),
                "bundle": record.bundle,
                "transcript": [public(event) for event in events],
            }
        )

    @router.get("/events", response_model=None)
    async def events(
        agent: Annotated[Agent, Depends(agent_of)],
        offramp_desk: Annotated[str | None, Cookie()] = None,
        authorization: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Server-Sent Events about every conversation."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        token = bearer(authorization) if authorization else offramp_desk or ""
        stream = parts.feed.stream(agent, lambda: parts.accounts.signed_in(token))
        return EventSourceResponse(stream, headers=headers)

    @router.get("/articles", response_model=None)
    async def articles(
        agent: Annotated[Agent, Depends(agent_of)], q: Annotated[str, Query(min_length=1, max_length=1000)]
    ) -> JSONResponse:
        """Articles that may help with a question."""
        return JSONResponse({"articles": await parts.answering.articles(q)})


def add_writing_routes(router: APIRouter, parts: DeskParts, agent_of: AgentOf) -> None:
    async def say(record: Record, agent: Agent, body: Say, kind: Kind) -> JSONResponse:
        text = clean(body.text)
        event = Event(
            kind,
            Author(Role.AGENT, agent.name),
            text=text,
            html=to_html(text),
            client_message_id=body.client_message_id,
        )
        client_id = f"{kind.value}:{agent.username}:{body.client_message_id}"
        epoch = record.state.epoch if kind is Kind.MESSAGE else None
        now_ms = round(parts.clock() * 1000)
        try:
            accepted = await parts.log.accept(
                record.conversation_id, event, client_id, now_ms, wants_turn=False, epoch=epoch
            )
        except Stale as error:
            raise NotYours from error
        return JSONResponse({"event": public(accepted.event)})

    @router.post("/conversations/{conversation_id}/messages", response_model=None)
    async def reply(conversation_id: str, body: Say, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """Say something to the customer. Only the agent who has the conversation can."""
        return await say(await owned(parts, conversation_id, agent), agent, body, Kind.MESSAGE)

    @router.post("/conversations/{conversation_id}/notes", response_model=None)
    async def note(conversation_id: str, body: Say, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """A remark among agents; it never reaches the customer."""
        return await say(await parts.log.record(conversation_id), agent, body, Kind.NOTE)

    @router.post("/conversations/{conversation_id}/typing", status_code=204, response_model=None)
    async def typing(conversation_id: str, agent: Annotated[Agent, Depends(agent_of)]) -> Response:
        await owned(parts, conversation_id, agent)
        await parts.wakeups.typing(conversation_id, {"role": Role.AGENT.value, "name": agent.name})
        return Response(status_code=204)


async def owned(parts: DeskParts, conversation_id: str, agent: Agent) -> Record:
    """Raises `NotFound` or `NotYours`."""
    record = await parts.log.record(conversation_id)
    if record.state.owner is not Owner.HUMAN or record.state.agent is None:
        raise NotYours
    if record.state.agent.username != agent.username:
        raise NotYours(f"{record.state.agent.name} has this conversation.")
    return record


def add_owner_routes(router: APIRouter, parts: DeskParts, agent_of: AgentOf) -> None:
    def body_of(state: State) -> JSONResponse:
        return JSONResponse({"owner": state.owner.value, "agent": asdict(state.agent) if state.agent else None})

    def note_of(agent: Agent, closing: Closing | None) -> Event | None:
        if closing is None or not closing.note:
            return None
        text = clean(closing.note)
        return Event(Kind.NOTE, Author(Role.AGENT, agent.name), text=text, html=to_html(text))

    @router.post("/conversations/{conversation_id}/claim", response_model=None)
    async def claim(conversation_id: str, agent: Annotated[Agent, Depends(agent_of)]) -> JSONResponse:
        """Take a conversation from the queue, or over from the assistant."""
        return body_of(await parts.handoff.claim(await parts.log.record(conversation_id), agent))

    @router.post("/conversations/{conversation_id}/return", response_model=None)
    async def return_to_bot(
        conversation_id: str, agent: Annotated[Agent, Depends(agent_of)], body: Closing | None = None
    ) -> JSONResponse:
        """Give the conversation back to the assistant."""
        record = await owned(parts, conversation_id, agent)
        return body_of(await parts.handoff.return_to_bot(record, agent, note_of(agent, body)))

    @router.post("/conversations/{conversation_id}/resolve", response_model=None)
    async def resolve(
        conversation_id: str, agent: Annotated[Agent, Depends(agent_of)], body: Closing | None = None
    ) -> JSONResponse:
        """Close the conversation; it opens again when the customer writes."""
        record = await owned(parts, conversation_id, agent)
        return body_of(await parts.handoff.resolve(record, agent, note_of(agent, body)))
