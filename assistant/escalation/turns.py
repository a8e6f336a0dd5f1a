"""What the rules look at: one customer turn, what was measured on it and what the bot made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Outcome:
    """What the knowledge base did with a question.

    `decision`: `answer`, `repeat` (an answer the customer already had), `suggest`, `none` or `human_only`; a
    `suggest` with an article gave it as the closest, beside others.
    `posterior` maps article ids to the share of
    belief in each (sums to at most 1); two questions about the same thing have overlapping posteriors.
    """

    message_id: str
    decision: str
    article_id: str | None = None
    confidence: float = 0.0
    posterior: Mapping[str, float] = field(default_factory=dict)

    @property
    def gave_article(self) -> bool:
        return self.article_id is not None and self.decision in ("answer", "suggest", "repeat")


@dataclass(frozen=True)
class Turn:
    """One customer message. `negative` and `asked_for_human` are probabilities (0..1)."""

    message_id: str
    text: str
    negative: float = 0.0
    asked_for_human: float = 0.0
    intent: str = ""
    intent_confidence: float = 0.0
    outcome: Outcome | None = None

    @property
    def words(self) -> int:
        return len(self.text.split())
