"""Which of the offered articles a customer means: by button, by "the second one", or by "yes" to a single one."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

_ORDINALS = (
    (0, re.compile(r"\b(first|1st|one|1|top)\b", re.IGNORECASE)),
    (1, re.compile(r"\b(second|2nd|two|2|middle)\b", re.IGNORECASE)),
    (2, re.compile(r"\b(third|3rd|three|3)\b", re.IGNORECASE)),
    (-1, re.compile(r"\b(last|bottom)\b", re.IGNORECASE)),
)
_PAYLOAD = "/choose_article"
_REFUSAL = "/none_of_these"
AFFIRM = "affirm"


def chosen_article(message: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str | None:
    """The article id in the message's entities, or the offered one that its ordinal points at."""
    for entity in message.get("entities") or []:
        if entity.get("entity") == "article_id":
            return str(entity["value"])
    offered = _last_offered(events)
    text = str(message.get("text") or "")
    if (message.get("intent") or {}).get("name") == AFFIRM and len(offered) == 1:
        return offered[0]
    # "the second one": the more specific words come last, so that "one" does not win.
    position = next((p for p, pattern in reversed(_ORDINALS) if pattern.search(text)), None)
    return offered[position] if position is not None and -len(offered) <= position < len(offered) else None


def refusable(events: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a "no" now turns down what was offered: articles, or the likely one."""
    return any(payload.startswith((_PAYLOAD, _REFUSAL)) for payload in _last_payloads(events))


def _last_offered(events: Sequence[Mapping[str, Any]]) -> list[str]:
    return [json.loads(p[len(_PAYLOAD) :])["article_id"] for p in _last_payloads(events) if p.startswith(_PAYLOAD)]


def _last_payloads(events: Sequence[Mapping[str, Any]]) -> list[str]:
    """Of the buttons below the last thing the bot said."""
    said: Mapping[str, Any] = next((event for event in reversed(events) if event["event"] == "bot"), {})
    return [str(button.get("payload", "")) for button in (said.get("data") or {}).get("buttons") or []]
