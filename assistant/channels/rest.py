"""`/v1/conversations`: the REST channel of mobile app and widget. See docs/rest.md."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse
from fastapi.sse import EventSourceResponse

from assistant.channels import schemas
from assistant.channels.identity import customer_from
from assistant.channels.limits import RateLimits
from assistant.channels.streams import for_customers, sse, wait_for_events
from assistant.conversation.access import access_conversation, bearer
from assistant.conversation.customers import Customers
from assistant.conversation.events import Event, Kind, Role, public
from assistant.conversation.log import FIRST, Accepted, ConversationLog
from assistant.conversation.record import Record
from assistant.conversation.state import Owner
from assistant.conversation.wakeups import Wakeups
from assistant.errors import InvalidRequest
from assistant.handoff.handoff import HandOff
from assistant.handoff.queue import HandoffQueue
from assistant.observe.metrics import Metrics

MAX_WAIT_SECONDS = 25.0
# A lost wake-up delays a waiting caller by this much at most.
LOST_WAKE_SECONDS = 1.0
# ASCII digits only, and few enough for the 64 bits of a stream id: Redis refuses any other.
EVENT_ID_PATTERN = r"^[0-9]{1,19}(-[0-9]{1,19})?$"

Authorization = Annotated[str | None, Header(description="Bearer <token>")]
Wait = Annotated[float, Query(ge=0, le=MAX_WAIT_SECONDS, description="Seconds to wait for an answer.")]
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": schemas.Problem, "content": {"application/problem+json": {}}}
    for status in (401, 404, 409, 413, 422, 429, 503)
}


@dataclass(frozen=True)
class RestParts:
    """What the routes need."""

    log: ConversationLog
    customers: Customers
    handoff: HandOff
    queue: HandoffQueue
    wakeups: Wakeups
    limits: RateLimits
    metrics: Metrics
    identity_secret: str | None = None


def rest_router(parts: RestParts) -> APIRouter:
    router = APIRouter(prefix="/v1/conversations", tags=["conversations"], responses=PROBLEMS)
    add_conversation_routes(router, parts)
    add_message_routes(router, parts)
    add_handoff_routes(router, parts)
    return router


async def allowed(parts: RestParts, conversation_id: str, authorization: str | None) -> Record:
    return await access_conversation(parts.log, conversation_id, bearer(authorization))


def add_conversation_routes(router: APIRouter, parts: RestParts) -> None:
    @router.post("", status_code=201, response_model=None, responses={201: {"model": schemas.StartedOut}})
    async def start(body: schemas.StartConversation, request: Request) -> JSONResponse:
        """Start a conversation; the token in the answer opens it."""
        await parts.limits.new_conversation(request.client.host if request.client else "")
        customer = customer_from(body.identity, parts.identity_secret) if body.identity else None
        started = await parts.customers.start(body.channel, body.locale, body.context, customer)
        return JSONResponse(
            {
                "conversation_id": started.record.conversation_id,
                "token": started.token,
                "greeting": public(started.greeting),
            },
            201,
        )

    @router.get("/{conversation_id}", response_model=None, responses={200: {"model": schemas.ConversationOut}})
    async def show(conversation_id: str, authorization: Authorization = None) -> JSONResponse:
        """Who owns the conversation, and the place in the queue while it waits."""
        record = await allowed(parts, conversation_id, authorization)
        return JSONResponse({"conversation_id": conversation_id, **await ownership(parts, record)})

    @router.delete("/{conversation_id}", status_code=204, response_model=None)
    async def erase(conversation_id: str, authorization: Authorization = None) -> Response:
        """Delete everything stored about the conversation. The token is void afterwards."""
        await allowed(parts, conversation_id, authorization)
        await parts.log.erase(conversation_id)
        return Response(status_code=204)

    @router.get("/{conversation_id}/events", response_model=None, responses={200: {"model": schemas.EventsOut}})
    async def events(
        conversation_id: str,
        after: Annotated[str, Query(pattern=EVENT_ID_PATTERN)] = FIRST,
        wait: Wait = 0,
        accept: Annotated[str, Header()] = "",
        last_event_id: Annotated[str | None, Header(pattern=EVENT_ID_PATTERN)] = None,
        authorization: Authorization = None,
    ) -> Response:
        """Events after an id: at once, as soon as there are any (`wait`), or as a stream (`text/event-stream`)."""
        await allowed(parts, conversation_id, authorization)
        after = last_event_id or after
        if "text/event-stream" in accept:
            stream = counted(parts.metrics, sse(parts.log, parts.wakeups, conversation_id, after, for_customers))
            return EventSourceResponse(stream, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        found, following = await wait_for_events(parts.log, parts.wakeups, conversation_id, after, wait, for_customers)
        return JSONResponse({"events": [public(e) for e in found], "next": following})


async def counted(metrics: Metrics, stream: Any) -> Any:
    with metrics.streams.track_inprogress():
        async for part in stream:
            yield part


def add_message_routes(router: APIRouter, parts: RestParts) -> None:
    @router.post(
        "/{conversation_id}/messages",
        response_model=None,
        responses={200: {"model": schemas.SentOut}, 202: {"model": schemas.AcceptedOut}},
    )
    async def send(
        conversation_id: str, body: schemas.SendMessage, wait: Wait = 0, authorization: Authorization = None
    ) -> JSONResponse:
        """Send a message; with `wait` the answer of the bot comes along when it is there in time."""
        record = await allowed(parts, conversation_id, authorization)
        await parts.limits.message(conversation_id)
        with parts.wakeups.listen(conversation_id) as signal:
            event = (await accept(parts, record, body)).event
            deadline = time.monotonic() + wait
            while True:
                replies = await replies_to(parts.log, conversation_id, event.id) if wait else []
                owner = await parts.log.owner(conversation_id)
                left = deadline - time.monotonic()
                if left <= 0 or owner is not Owner.BOT or answered(replies):
                    break
                await signal.wait(min(left, LOST_WAKE_SECONDS))
        if not wait:
            return JSONResponse({"event": public(event), "owner": owner.value}, 202)
        return JSONResponse({"event": public(event), "replies": [public(e) for e in replies], "owner": owner.value})

    @router.post("/{conversation_id}/feedback", status_code=202, response_model=None)
    async def feedback(
        conversation_id: str, body: schemas.GiveFeedback, authorization: Authorization = None
    ) -> JSONResponse:
        """Thumb up or down for a message of the bot."""
        record = await allowed(parts, conversation_id, authorization)
        await parts.limits.message(conversation_id)
        accepted = await parts.customers.rate(record, body.event_id, body.helpful)
        return JSONResponse({"event": public(accepted.event)}, 202)

    @router.post("/{conversation_id}/typing", status_code=204, response_model=None)
    async def typing(conversation_id: str, authorization: Authorization = None) -> Response:
        """Show the agent that the customer is typing."""
        record = await allowed(parts, conversation_id, authorization)
        await parts.limits.message(conversation_id)
        author = {"role": Role.CUSTOMER.value, "name": record.customer.name or ""}
        await parts.wakeups.typing(conversation_id, author)
        return Response(status_code=204)


async def accept(parts: RestParts, record: Record, body: schemas.SendMessage) -> Accepted:
    if body.choice_id is not None:
        return await parts.customers.choose(record, body.client_message_id, body.choice_id)
    if body.text is None:
        raise InvalidRequest("Send either `text` or `choice_id`.")
    return await parts.customers.write(record, body.client_message_id, body.text)


async def replies_to(log: ConversationLog, conversation_id: str, event_id: str) -> list[Event]:
    """What was said to a message: the bot's answer to it, agents' messages and status lines after it."""
    return [
        event
        for event in await log.read(conversation_id, event_id)
        if for_customers(event)
        and event.kind is not Kind.FEEDBACK
        and event.author.role is not Role.CUSTOMER
        and event.reply_to in (None, event_id)
    ]


def answered(replies: list[Event]) -> bool:
    """A holding line is no answer."""
    return any(e.kind is Kind.MESSAGE or e.status not in (None, "delayed") for e in replies)


def add_handoff_routes(router: APIRouter, parts: RestParts) -> None:
    @router.post(
        "/{conversation_id}/handoff",
        status_code=202,
        response_model=None,
        responses={202: {"model": schemas.ConversationOut}},
    )
    async def request_human(
        conversation_id: str, body: schemas.RequestHandoff | None = None, authorization: Authorization = None
    ) -> JSONResponse:
        """Talk to a person. Always possible, also while the bot is down."""
        record = await allowed(parts, conversation_id, authorization)
        await parts.limits.message(conversation_id)
        await parts.customers.ask_for_human(record, body.note if body else None)
        record = await parts.log.record(conversation_id)
        return JSONResponse({"conversation_id": conversation_id, **await ownership(parts, record)}, 202)

    @router.delete("/{conversation_id}/handoff", status_code=202, response_model=None)
    async def cancel(conversation_id: str, authorization: Authorization = None) -> JSONResponse:
        """Back to the assistant, while waiting for a person."""
        record = await allowed(parts, conversation_id, authorization)
        await parts.limits.message(conversation_id)
        state = await parts.handoff.cancel(record)
        return JSONResponse({"conversation_id": conversation_id, "owner": state.owner.value}, 202)


async def ownership(parts: RestParts, record: Record) -> dict[str, Any]:
    state = record.state
    body: dict[str, Any] = {"owner": state.owner.value}
    if state.agent:
        body["agent"] = {"name": state.agent.name}
    if state.owner is Owner.WAITING:
        now = time.time()
        waited = max(now - (state.waiting_since or now), 0.0)
        place = await parts.queue.place(record.conversation_id, waited, now)
        seconds = None if place.wait_seconds is None else round(place.wait_seconds)
        body["queue"] = {"position": place.position, "wait_seconds": seconds}
    return body
