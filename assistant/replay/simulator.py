"""The product without its processes: messages are read, answered from the knowledge base and judged by the rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from actions.answer import repeats
from actions.decision import decide
from assistant.contract import Trigger
from assistant.escalation.history import with_outcome
from assistant.escalation.loops import answered_otherwise
from assistant.escalation.mood import offers_person
from assistant.escalation.rules import ANSWERED_INTENTS, ON_MESSAGE, ON_OUTCOME
from assistant.escalation.sentiment import MessageClassifier
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import ORDER_STATUS, RECENT_TURNS, Outcome, Turn, previous_article
from assistant.message_encoder import MessageEncoder
from assistant.replay.dialogues import CUSTOMER, Dialogue
from assistant.replay.reader import Reader
from assistant.replay.replies import outcomes
from knowledge_base.search import KnowledgeBase
from knowledge_base.understanding import understand

# Told by the order system, which a replay has not; about the same thing each time.
ABOUT_AN_ORDER = ("order_status", "inform_order_number")
AN_ORDER = "order:any"


@dataclass(frozen=True)
class Judged:
    """A customer turn, the triggers of all rules that fire on it, in their order, and whether a person was offered."""

    turn: Turn
    triggers: tuple[Trigger, ...]


class Simulator:
    """Replays dialogues. Forms, buttons and a change of owner are left out."""

    def __init__(
        self, knowledge_base: KnowledgeBase, messages: MessageEncoder, classifier: MessageClassifier, nlu: Path
    ) -> None:
        self._knowledge_base, self._encoder = knowledge_base, messages.encoder
        self._reader = Reader(messages, classifier, nlu)

    def simulate(self, texts: Sequence[str], at: Thresholds) -> list[Judged]:
        """Customer messages, answered by the knowledge base."""
        turns: list[Turn] = []
        judged = []
        for turn in self._reader.read(texts):
            turns = [*turns[1 - RECENT_TURNS :], turn]
            found = [trigger for rule in ON_MESSAGE if (trigger := rule(turns, at)) is not None]
            outcome = self._answer(turns, at)
            judged.append(_judge(turns, found, outcome, at))
        return judged

    def replay(self, dialogue: Dialogue, at: Thresholds) -> list[Judged]:
        """A dialogue with the replies of the bot that it was held with; without any, the knowledge base answers."""
        texts = [turn.text for turn in dialogue.turns if turn.role == CUSTOMER]
        if not dialogue.has_replies:
            return self.simulate(texts, at)
        turns: list[Turn] = []
        judged = []
        for turn, outcome in zip(self._reader.read(texts), outcomes(dialogue, texts, self._encoder), strict=True):
            turns = [*turns[1 - RECENT_TURNS :], turn]
            found = [trigger for rule in ON_MESSAGE if (trigger := rule(turns, at)) is not None]
            judged.append(_judge(turns, found, outcome, at))
        return judged

    def _answer(self, turns: list[Turn], at: Thresholds) -> Outcome | None:
        last = turns[-1]
        if last.intent in ABOUT_AN_ORDER:
            return Outcome(last.message_id, ORDER_STATUS, AN_ORDER, 1.0, {AN_ORDER: 1.0})
        if last.intent not in ANSWERED_INTENTS:
            return None
        asked = understand(self._knowledge_base, last.text, previous_article(turns), answered_otherwise(turns))
        outcome = decide(asked, last, self._knowledge_base)
        if repeats(turns, outcome, at):
            outcome = replace(outcome, decision="repeat")
        return outcome


def _judge(turns: list[Turn], found: list[Trigger], outcome: Outcome | None, at: Thresholds) -> Judged:
    """Adds the outcome to the last of `turns`, and judges it."""
    if outcome is not None:
        turns[-1] = with_outcome(turns[-1], outcome)
        found = found + [trigger for rule in ON_OUTCOME if (trigger := rule(turns, at)) is not None]
        turns[-1] = replace(turns[-1], offered=not found and offers_person(turns, at))
    return Judged(turns[-1], tuple(found))
