"""What was asked in vain, read from a Redis of its own."""

from __future__ import annotations

import asyncio
import time

from assistant.contract import BotMessage, BotReply, Trace
from assistant.conversation import keys
from assistant.conversation.events import Author, Event, Kind, Role
from assistant.conversation.log import ConversationLog
from assistant.conversation.record import Record
from assistant.conversation.redis_connection import connect
from assistant.conversation.replies import reply_events
from assistant.conversation.state import State
from assistant.observe.questions import read_unanswered

CUSTOMER, BOT = Author(Role.CUSTOMER), Author(Role.BOT)


async def converse(log: ConversationLog, conversation_id: str, question: str, decision: str) -> None:
    now_ms = round(time.time() * 1000)
    await log.create(
        Record(conversation_id, State(), "web", now_ms / 1000), Event(Kind.MESSAGE, BOT, text="Hi"), now_ms
    )
    asked = Event(Kind.MESSAGE, CUSTOMER, text=question)
    accepted = await log.accept(conversation_id, asked, "m1", now_ms, wants_turn=False)
    reply = BotReply((BotMessage("…"),), trace=Trace(intent="question", decision=decision))
    await log.commit(conversation_id, 0, reply_events(reply, BOT, accepted.event.id))


def test_that_questions_of_all_recent_conversations_are_read(redis_url: str) -> None:
    async def run() -> list[tuple[str, str]]:
        redis = connect(redis_url)
        log = ConversationLog(redis, retention_days=90)
        await converse(log, "c1", "do you rent tents", "none")
        await converse(log, "c2", "where are you", "answer")
        await converse(log, "c3", "can i hire a stove", "suggest")
        await converse(log, "c4", "long ago", "none")
        await redis.zadd(keys.RECENT, {"c4": 0})
        await log.erase("c3")
        await redis.zadd(keys.RECENT, {"c3": round(time.time() * 1000)})
        await redis.aclose()
        return [(question.text, question.customer) for question in await read_unanswered(redis_url, days=30)]

    assert asyncio.run(run()) == [("do you rent tents", "conversation c1")]
