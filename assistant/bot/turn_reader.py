"""Reads a `BotReply` from the stored events of one turn: the same for a first delivery and a repeat."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

from assistant.contract import (
    HANDOFF_SLOT,
    MESSAGE_FIELDS,
    OUTCOME_SLOT,
    BestMatch,
    BotMessage,
    BotReply,
    Choice,
    Trace,
    Trigger,
)
from assistant.escalation.history import turn_from
from assistant.escalation.turns import ORDER_STATUS

# Slots that are the bot's own bookkeeping, not facts about the customer's case.
_INTERNAL_SLOTS = {HANDOFF_SLOT, OUTCOME_SLOT, "handoff_rule", "requested_slot", "offer", "session_started_metadata"}


def reply_of(events: List[Dict[Text, Any]]) -> BotReply:
    """`events`: one turn as stored, the first being the `user` event."""
    slots = {e["name"]: e.get("value") for e in events if e["event"] == "slot"}
    handoff = slots.get(HANDOFF_SLOT)
    found = (_message(e) for e in events if e["event"] == "bot")
    messages = tuple(message for message in found if message is not None)
    trigger = None if handoff is None else Trigger.from_json(handoff)
    if trigger is not None and (trigger.rule != "sensitive_topic" or trigger.topic is not None):
        # The rule fired on what the bot was about to say: the customer need not read that any more. An article for
        # people only is another matter: it says what to do meanwhile.
        messages = messages[-1:]
    return BotReply(
        messages=messages,
        handoff=trigger,
        trace=_trace(events[0], slots.get(OUTCOME_SLOT)),
        slots={k: v for k, v in slots.items() if k not in _INTERNAL_SLOTS and v is not None},
    )


def _message(event: Dict[Text, Any]) -> Optional[BotMessage]:
    text = event.get("text")
    if not text:
        return None
    data = event.get("data") or {}
    ours = ((data.get("custom") or {}).get(MESSAGE_FIELDS)) or {}
    buttons = data.get("buttons") or []
    return BotMessage(
        text=str(text),
        choices=tuple(Choice(str(b["title"]), str(b["payload"])) for b in buttons),
        article_id=ours.get("article_id"),
        source_title=ours.get("source_title"),
        source_url=ours.get("source_url"),
    )


def _trace(user: Dict[Text, Any], outcome: Optional[Dict[Text, Any]]) -> Trace:
    turn = turn_from(user)
    found = outcome or {}
    if found.get("decision") == ORDER_STATUS:
        found = {}  # no search in the knowledge base; kept for the rules alone
    hits = found.get("hits") or []
    return Trace(
        intent=turn.intent,
        intent_confidence=round(turn.intent_confidence, 4),
        negative=turn.scores.frustrated,
        asked_for_human=turn.scores.asked_for_human,
        decision=found.get("decision"),
        article_id=found.get("article_id"),
        confidence=found.get("confidence"),
        hits=tuple(BestMatch(str(h["article_id"]), float(h["probability"])) for h in hits),
    )
