"""What the rules look at: one customer turn, what was measured on it and what the bot made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from assistant.escalation.sentiment import MessageScores

# The decision of an outcome that came from the order system.
ORDER_STATUS = "order_status"
# The rules look no further back: what was said before is another matter, and a long conversation stays fast.
RECENT_TURNS = 20
# Outcomes: what the customer was given before these is no longer what "it" means.
REMEMBERED = 3


@dataclass(frozen=True)
class Outcome:
    """What the knowledge base, or the order system, did with a question.

    `decision`: `answer`, `repeat` (an answer the customer already had), `follow_up` (part of the answer just given),
    `suggest`, `none`, `human_only` or `order_status`; a `suggest` with an article gave it as the closest, beside
    others. `also` are the other articles given in the same turn, when the message held several questions. `posterior`
    maps article ids to the share of belief in each (sums to at most 1); two questions about the same thing have
    overlapping posteriors.
    """

    message_id: str
    decision: str
    article_id: str | None = None
    confidence: float = 0.0
    posterior: Mapping[str, float] = field(default_factory=dict)
    also: tuple[str, ...] = ()

    @cached_property
    def articles(self) -> tuple[str, ...]:
        """What the customer was given, in order."""
        return () if self.article_id is None else (self.article_id, *self.also)

    @property
    def gave_article(self) -> bool:
        return self.article_id is not None and self.decision in ("answer", "suggest", "repeat", ORDER_STATUS)


@dataclass(frozen=True)
class Turn:
    """One customer message. `epoch` counts the changes of owner before it; `offered`: the bot offered a person;
    `sketch`: its sentence vector, roughly (see `assistant.escalation.sketch`).
    """

    message_id: str
    text: str
    scores: MessageScores = field(default_factory=MessageScores)
    intent: str = ""
    intent_confidence: float = 0.0
    outcome: Outcome | None = None
    epoch: int = 0
    offered: bool = False
    sketch: str = ""

    @cached_property
    def words(self) -> int:
        return len(self.text.split())


def previous_article(turns: Sequence[Turn]) -> str | None:
    """The article that the customer was last given, before the last of `turns`, unless too much was said since."""
    outcomes = [turn.outcome for turn in turns[:-1] if turn.outcome is not None][-REMEMBERED:]
    return next((outcome.articles[-1] for outcome in reversed(outcomes) if outcome.articles), None)
