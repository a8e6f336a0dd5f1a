"""Which of the offered articles a customer means: by button, or by "the second one"."""

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


def chosen_article(message: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> str | None:
    """The article id in the message's entities, or the offered one that its ordinal points at."""
    for entity in message.get("entities") or []:
        if entity.get("entity") == "article_id":
            return str(entity["value"])
    offered = _last_offered(events)
    text = str(message.get("text") or "")
    # "the second one": the more specific words come last, so that "one" does not win.
    position = next((p for p, pattern in reversed(_ORDINALS) if pattern.search(text)), None)
    return offered[position] if position is not None and -len(offered) <= position < len(offered) else None


def _last_offered(events: Sequence[Mapping[str, Any]]) -> list[str]:
    for event in reversed(events):
        if event["event"] == "bot":
            buttons = (event.get("data") or {}).get("buttons") or []
            payloads = (str(button.get("payload", "")) for button in buttons)
            return [json.loads(p[len(_PAYLOAD) :])["article_id"] for p in payloads if p.startswith(_PAYLOAD)]
    return []
