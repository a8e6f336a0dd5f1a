"""`AppendOnlyTrackerStore`: Rasa's tracker in Redis at a flat cost per turn, whatever the conversation's length.

Stock `RedisTrackerStore` re-reads, merges and rewrites the whole tracker for every message. Here a turn
appends its new events to a list and writes the slots beside it; reading takes a bounded tail.
Keys: `offramp:{<conversation>}:tracker` (list of event JSON), `offramp:{<conversation>}:slots` (JSON).
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, Iterable, List, NoReturn, Optional, Text

import redis.asyncio as redis
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from assistant.bot.patches import event_from_dict

DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/0"
# About seven turns: a question that comes back later is no loop, and old conversations cost what new ones do.
TAIL_EVENTS = 48
# One turn of a form with its slots stays far below this.
TURN_EVENTS = 40
DAY_SECONDS = 86_400
DEFAULT_RETENTION_DAYS = 90
SOCKET_TIMEOUT_SECONDS = 1.0
_SAVED_EVENTS = "_offramp_saved_events"


class TrackerStoreUnavailable(BaseException):
    """Redis did not answer.

    A `BaseException` on purpose: Rasa wraps every store in `FailSafeTrackerStore`, which turns an
    `Exception` while reading into "this is a new conversation" and forgets all that was said.
    """


class AppendOnlyTrackerStore(TrackerStore):
    """See the module. `redis_url` comes from `endpoints.yml`; `ttl_days`, or `OFFRAMP_RETENTION_DAYS`, is how
    long a tracker is kept."""

    def __init__(
        self,
        domain: Domain,
        host: Optional[Text] = None,
        event_broker: Optional[EventBroker] = None,
        redis_url: Optional[Text] = None,
        ttl_days: Optional[int] = None,
        **kwargs: Any,
    ) -> None:
        self._redis = redis.from_url(
            redis_url or os.environ.get("OFFRAMP_REDIS_URL", DEFAULT_REDIS_URL),
            decode_responses=True,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
            socket_connect_timeout=SOCKET_TIMEOUT_SECONDS,
            # Time-outs are not tried again (by default they are, within each other): a frozen Redis would take 10 s.
            retry=Retry(ExponentialBackoff(cap=0.2, base=0.02), 2, supported_errors=(RedisConnectionError,)),
            health_check_interval=15,
        )
        days = ttl_days or os.environ.get("OFFRAMP_RETENTION_DAYS", DEFAULT_RETENTION_DAYS)
        self._ttl_seconds = int(days) * DAY_SECONDS
        self._append_events = self._redis.register_script((Path(__file__).parent / "append_events.lua").read_text())
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        await self.stream_events(tracker)
        events = list(tracker.events)
        saved = getattr(tracker, _SAVED_EVENTS, None)
        new = [json.dumps(event.as_dict()) for event in events[saved or 0 :]]
        if new:
            await self._append(tracker, new, replace=saved is None)
        setattr(tracker, _SAVED_EVENTS, len(events))

    async def _append(self, tracker: DialogueStateTracker, events: List[Text], replace: bool) -> None:
        events_key, slots_key = _keys(tracker.sender_id)
        slots = {name: slot.value for name, slot in tracker.slots.items() if slot.value != slot.initial_value}
        names = [events_key, slots_key, f"offramp:{{{tracker.sender_id}}}:state"]
        # Turns of the gateway carry its epoch; `rasa shell` has no conversation of ours behind it.
        of_gateway = "epoch" in ((tracker.latest_message and tracker.latest_message.metadata) or {})
        arguments = [int(of_gateway), int(replace), self._ttl_seconds, json.dumps(slots), *events]
        try:
            await self._append_events(names, arguments)
        except (RedisError, OSError) as error:
            _unavailable(error)

    async def retrieve(self, sender_id: Text) -> Optional[DialogueStateTracker]:
        return await self._load(sender_id, TAIL_EVENTS)

    async def retrieve_full_tracker(self, conversation_id: Text) -> Optional[DialogueStateTracker]:
        return await self._load(conversation_id, None)

    async def _load(self, sender_id: Text, tail: Optional[int]) -> Optional[DialogueStateTracker]:
        events_key, slots_key = _keys(sender_id)
        try:
            async with self._redis.pipeline(transaction=False) as reads:
                reads.lrange(events_key, 0 if tail is None else -tail, -1)
                reads.llen(events_key)
                reads.get(slots_key)
                lines, total, slots = await reads.execute()
        except (RedisError, OSError) as error:
            _unavailable(error)
        if not lines:
            return None
        events = [json.loads(line) for line in lines]
        cut = total > len(events)
        return self._tracker(sender_id, events, json.loads(slots or "{}") if cut else None)

    def _tracker(
        self, sender_id: Text, events: List[Dict[Text, Any]], slots: Optional[Dict[Text, Any]]
    ) -> DialogueStateTracker:
        head: List[Event] = []
        if slots is not None:
            events = events[_first_turn(events) :]
            head = _head(slots, events[0]["timestamp"])
        tracker = self.init_tracker(sender_id)
        loaded = head + [event_from_dict(event) for event in events]
        tracker.events.extend(loaded)
        for event in tracker.applied_events():
            event.apply_to(tracker)
        setattr(tracker, _SAVED_EVENTS, len(loaded))
        return tracker

    async def events_of_turn(self, sender_id: Text, message_id: Text) -> List[Dict[Text, Any]]:
        """The stored events of the turn that began with `message_id`, oldest first; empty if not stored."""
        events_key, _ = _keys(sender_id)
        try:
            lines = await self._redis.lrange(events_key, -TURN_EVENTS, -1)
        except (RedisError, OSError) as error:
            _unavailable(error)
        events = [json.loads(line) for line in lines]
        starts = [i for i, event in enumerate(events) if event["event"] == "user"]
        start = next((i for i in starts if events[i].get("message_id") == message_id), None)
        if start is None:
            return []
        end = next((i for i in starts if i > start), len(events))
        return events[start:end]

    async def ping(self) -> None:
        """Raises `TrackerStoreUnavailable` if Redis does not answer in a second."""
        try:
            await self._redis.ping()
        except (RedisError, OSError) as error:
            _unavailable(error)

    async def exists(self, conversation_id: Text) -> bool:
        return bool(await self._redis.exists(_keys(conversation_id)[0]))

    async def keys(self) -> Iterable[Text]:
        found = [key async for key in self._redis.scan_iter("offramp:{*}:tracker", count=1000)]
        return [key[len("offramp:{") : -len("}:tracker")] for key in found]


def _keys(sender_id: Text) -> "tuple[Text, Text]":
    return f"offramp:{{{sender_id}}}:tracker", f"offramp:{{{sender_id}}}:slots"


def _unavailable(error: Exception) -> NoReturn:
    raise TrackerStoreUnavailable(f"Redis did not answer: {type(error).__name__}") from error


def _first_turn(events: List[Dict[Text, Any]]) -> int:
    """Where a tail may begin without cutting a turn: at the first `action_listen`."""
    return next((i for i, e in enumerate(events) if e["event"] == "action" and e.get("name") == ACTION_LISTEN_NAME), 0)


def _head(slots: Dict[Text, Any], timestamp: float) -> List[Event]:
    """Stands for what was cut off, so that `tracker.copy()`, which replays events, keeps the slots."""
    return [
        ActionExecuted(ACTION_SESSION_START_NAME, timestamp=timestamp),
        SessionStarted(timestamp=timestamp),
        *(SlotSet(name, value, timestamp=timestamp) for name, value in slots.items()),
    ]
