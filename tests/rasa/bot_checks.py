"""Checks of what is loaded inside Rasa; run by the bot's Python, one JSON object of name → problem on the last line.

`bot_checks.py REDIS_URL MODEL`. Each `check_…` gets the address and the loaded agent and asserts.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import time
import traceback
import uuid

import rasa
import redis
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.agent import Agent, load_agent
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SlotSet, UserUttered

from assistant.bot import patches
from assistant.bot.channel import _answer, typed
from assistant.bot.tracker_store import TAIL_EVENTS, AppendOnlyTrackerStore, TrackerStoreUnavailable
from assistant.contract import BotReply, BotRequest

TURNS = 60
EVENTS_A_TURN = 4
SLOT_HEAD_EVENTS = 10
UNAVAILABLE_SECONDS = 2.0


def request(text: str, conversation_id: str, message_id: str, redelivered: bool = False) -> BotRequest:
    return BotRequest(conversation_id, message_id, text, redelivered=redelivered)


async def reply(agent: Agent, turn: BotRequest) -> BotReply:
    """Of a conversation that the gateway knows: turns of others are not stored."""
    redis.Redis.from_url(sys.argv[1]).hset(f"offramp:{{{turn.conversation_id}}}:state", "owner", "bot")
    status, body = await _answer(agent, turn)
    assert status == 200, body
    return BotReply.from_json(json.loads(json.dumps(body)))


def store_at(url: str) -> AppendOnlyTrackerStore:
    return AppendOnlyTrackerStore(Domain.load("domain.yml"), redis_url=url)


async def talk(store: AppendOnlyTrackerStore, conversation_id: str, turns: int) -> None:
    for turn in range(turns):
        tracker = await store.retrieve(conversation_id) or store.init_tracker(conversation_id)
        if turn == 0:
            tracker.update(ActionExecuted("action_listen"))
        tracker.update(UserUttered(f"question {turn}", message_id=f"m{turn}"))
        tracker.update(SlotSet("order_number", "TT-104233") if turn == 0 else ActionExecuted("utter_greet"))
        tracker.update(BotUttered(f"answer {turn}"))
        tracker.update(ActionExecuted("action_listen"))
        await store.save(tracker)


async def check_a_long_conversation_is_read_by_a_bounded_tail(url: str, agent: Agent) -> None:
    store, conversation_id = store_at(url), uuid.uuid4().hex
    await talk(store, conversation_id, TURNS)
    tracker = await store.retrieve(conversation_id)
    assert tracker is not None
    assert len(tracker.events) <= TAIL_EVENTS + SLOT_HEAD_EVENTS, len(tracker.events)
    assert tracker.latest_message is not None
    assert tracker.latest_message.text == f"question {TURNS - 1}"


async def check_nothing_is_stored_twice_or_lost(url: str, agent: Agent) -> None:
    store, conversation_id = store_at(url), uuid.uuid4().hex
    await talk(store, conversation_id, TURNS)
    full = await store.retrieve_full_tracker(conversation_id)
    assert full is not None
    said = [event.text for event in full.events if isinstance(event, UserUttered)]
    assert said == [f"question {turn}" for turn in range(TURNS)], said
    assert len(full.events) == TURNS * EVENTS_A_TURN + 1, len(full.events)


async def check_slots_survive_the_cut(url: str, agent: Agent) -> None:
    store, conversation_id = store_at(url), uuid.uuid4().hex
    await talk(store, conversation_id, TURNS)
    tracker = await store.retrieve(conversation_id)
    assert tracker is not None
    assert tracker.get_slot("order_number") == "TT-104233"
    assert tracker.copy().get_slot("order_number") == "TT-104233"


async def check_a_repeated_message_gets_the_stored_reply(url: str, agent: Agent) -> None:
    conversation_id = uuid.uuid4().hex
    first = await reply(agent, request("hello", conversation_id, "m1"))
    again = await reply(agent, request("hello", conversation_id, "m1", redelivered=True))
    assert first.messages
    assert again == first
    tracker = await store_at(url).retrieve_full_tracker(conversation_id)
    assert tracker is not None
    assert len([e for e in tracker.events if isinstance(e, UserUttered)]) == 1


async def check_typed_commands_are_only_words(url: str, agent: Agent) -> None:
    conversation_id = uuid.uuid4().hex
    await reply(agent, request("hello", conversation_id, "m1"))
    commands = ["/restart", " /restart", "\n/restart", "//restart", '/order_status{"order_number": "TT-1"}', "/ /back"]
    for number, text in enumerate(commands):
        assert not typed(text).lstrip().startswith("/"), text
        await reply(agent, request(text, conversation_id, f"c{number}"))
    tracker = await store_at(url).retrieve_full_tracker(conversation_id)
    assert tracker is not None
    kinds = {event.type_name for event in tracker.events}
    assert not kinds & {"restart", "rewind", "undo"}, kinds
    assert tracker.get_slot("order_number") != "TT-1"


async def check_a_dead_redis_is_said_so_in_time(url: str, agent: Agent) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        await _says_unavailable(f"redis://127.0.0.1:{unused.getsockname()[1]}/0")


async def check_a_frozen_redis_is_said_so_in_time(url: str, agent: Agent) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        await _says_unavailable(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")


async def _says_unavailable(url: str) -> None:
    """Through Rasa's own wrapper, which turns every other failure into "a new conversation"."""
    store = FailSafeTrackerStore(store_at(url))
    for call in (store.retrieve("c"), store.save(_started("c"))):
        started = time.monotonic()
        try:
            await call
        except TrackerStoreUnavailable:
            assert time.monotonic() - started < UNAVAILABLE_SECONDS
        else:
            raise AssertionError("a Redis that is not there went unnoticed")


def _started(conversation_id: str):  # type: ignore[no-untyped-def]
    tracker = store_at("redis://127.0.0.1:1/0").init_tracker(conversation_id)
    tracker.update(ActionExecuted("action_listen"))
    return tracker


async def check_another_rasa_version_is_refused(url: str, agent: Agent) -> None:
    installed = rasa.__version__
    assert installed == patches.PATCHED_VERSION
    rasa.__version__ = "3.6.22"
    try:
        patches.apply()
    except patches.UnknownRasaVersion as refusal:
        assert "3.6.22" in str(refusal)
    else:
        raise AssertionError("the patches were applied to a version nobody looked at")
    finally:
        rasa.__version__ = installed


async def check_the_cached_validator_still_validates(url: str, agent: Agent) -> None:
    action = RemoteAction("action_answer", None)
    assert action._validate_action_result({"events": [], "responses": []})
    try:
        action._validate_action_result({"events": "none"})
    except ValidationError:
        return
    raise AssertionError("a broken action result was accepted")


async def check_trackers_expire(url: str, agent: Agent) -> None:
    conversation_id = uuid.uuid4().hex
    await talk(store_at(url), conversation_id, 1)
    client = redis.Redis.from_url(url)
    keys = list(client.scan_iter(f"offramp:{{{conversation_id}}}:*"))
    assert len(keys) == 2, keys
    assert all(client.ttl(key) > 0 for key in keys)


CHECKS = {name: check for name, check in list(globals().items()) if name.startswith("check_")}


async def main(url: str, model: str) -> dict[str, str | None]:
    endpoints = AvailableEndpoints.read_endpoints("endpoints.yml")
    agent = await load_agent(model_path=model, endpoints=endpoints)
    problems: dict[str, str | None] = {}
    for name, check in CHECKS.items():
        try:
            await check(url, agent)
            problems[name] = None
        except BaseException:  # TrackerStoreUnavailable is one
            problems[name] = traceback.format_exc()
    return problems


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(*sys.argv[1:]))))
