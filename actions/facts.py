"""Facts that an agent needs and that a customer must not repeat: order number, e-mail, phone, amount, postcode."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

MAX_CHARACTERS = 4000

# One token, or a few with what may stand between them.
_ORDER = {"SHAPE": "dddd", "LENGTH": 6}
_CURRENCIES = ["pounds", "euros", "dollars", "quid", "gbp", "eur", "usd"]
_PATTERNS: list[tuple[str, list[dict[str, Any]]]] = [
    ("order_number", [{"TEXT": {"REGEX": r"(?i)^#?tt-?\d{6}$"}}]),
    ("order_number", [{"LOWER": {"REGEX": r"^#?tt$"}}, {"ORTH": "-", "OP": "?"}, _ORDER]),
    ("order_number", [{"LOWER": "order"}, {"LOWER": {"IN": ["number", "no", "no."]}, "OP": "?"}, _ORDER]),
    ("email", [{"LIKE_EMAIL": True}]),
    ("amount", [{"ORTH": {"IN": ["£", "€", "$"]}}, {"LIKE_NUM": True}]),
    ("amount", [{"TEXT": {"REGEX": r"^[£€$]\d+([.,]\d+)?$"}}]),
    ("amount", [{"LIKE_NUM": True}, {"LOWER": {"IN": _CURRENCIES}}]),
    ("postcode", [{"TEXT": {"REGEX": r"^[A-Z]{1,2}\d[A-Z\d]?$"}}, {"TEXT": {"REGEX": r"^\d[A-Z]{2}$"}}]),
    ("phone", [{"TEXT": {"REGEX": r"^(\+44|0)\d{9,10}$"}}]),
]


@dataclass(frozen=True)
class Fact:
    kind: str
    value: str


class FactFinder:
    """spaCy's tokenizer and entity ruler; no statistical model, nothing is downloaded."""

    def __init__(self) -> None:
        self._nlp = _blank_english()
        self._nlp.add_pipe("entity_ruler").add_patterns([{"label": kind, "pattern": p} for kind, p in _PATTERNS])

    def find(self, texts: Iterable[str]) -> list[Fact]:
        """Facts in the order of first mention, each once."""
        found: dict[Fact, None] = {}
        for doc in self._nlp.pipe(text[:MAX_CHARACTERS] for text in texts):
            for entity in doc.ents:
                found.setdefault(Fact(entity.label_, _normalised(entity.label_, entity.text)), None)
        return list(found)


def _blank_english() -> Any:
    """spaCy's tokenizer. Beneath it thinc imports torch where that is installed: 200 MB that rules have no use for."""
    if "torch" in sys.modules:
        import spacy
    else:
        sys.modules["torch"] = None  # type: ignore[assignment]
        try:
            import spacy
        finally:
            del sys.modules["torch"]
    return spacy.blank("en")


def _normalised(kind: str, text: str) -> str:
    if kind == "order_number":
        return "TT-" + "".join(c for c in text if c.isdigit())
    return text
