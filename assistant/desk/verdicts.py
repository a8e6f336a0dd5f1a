"""`POST /v1/desk/conversations/{id}/handoff-verdict`: an agent says whether a hand-off was right."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import Field

from assistant.channels.schemas import Body
from assistant.conversation.events import Event, public
from assistant.conversation.log import ConversationLog
from assistant.conversation.state import Agent
from assistant.desk.articles.routes import AgentOf
from assistant.errors import Conflict, NotFound
from assistant.handoff.verdicts import VerdictName, last_verdicts, verdict_event


class NoHandoff(NotFound):
    title = "This conversation was never handed off"


class LaterHandoff(Conflict):
    code, title = "later_handoff", "This conversation was handed off again; read the new reason"


class HandoffVerdict(Body):
    handoff_id: str = Field(min_length=1, max_length=100)
    verdict: VerdictName


def add_verdict_routes(router: APIRouter, log: ConversationLog, clock: Callable[[], float], agent_of: AgentOf) -> None:
    @router.post("/conversations/{conversation_id}/handoff-verdict", response_model=None)
    async def judge(
        conversation_id: str, body: HandoffVerdict, agent: Annotated[Agent, Depends(agent_of)]
    ) -> JSONResponse:
        """Say whether the last hand-off was right. Any agent can, at any time; the last word counts."""
        said = await say(log, conversation_id, body.handoff_id, body.verdict, agent, round(clock() * 1000))
        return JSONResponse({"event": public(said)})


async def say(
    log: ConversationLog, conversation_id: str, handoff_id: str, verdict: VerdictName, agent: Agent, now_ms: int
) -> Event:
    """The event that says it; the one there is if this agent said the same last.

    Raises `NotFound`, `NoHandoff`, or `LaterHandoff` if `handoff_id` is not that of the bundle.
    """
    bundle = (await log.record(conversation_id)).bundle
    if bundle is None:
        raise NoHandoff
    if bundle["handoff_id"] != handoff_id:
        raise LaterHandoff
    event = verdict_event(bundle, verdict, agent)
    before = last_verdicts(await log.read_all(conversation_id)).get(handoff_id)
    if before and (before.verdict, before.author) == (event.verdict, event.author):
        return before
    client_id = f"verdict:{agent.username}:{handoff_id}:{before.id if before else ''}:{verdict}"
    return (await log.accept(conversation_id, event, client_id, now_ms, wants_turn=False)).event
