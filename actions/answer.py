"""Answers from the knowledge base: give the article, ask "did you mean", or say that there is no answer.

What was found goes into the `outcome` slot, with the customer's message id: `EscalationPolicy` reads it before
the customer reads anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.choices import chosen_article
from actions.live_knowledge_base import LiveKnowledgeBase
from assistant.contract import MESSAGE_FIELDS, OUTCOME_SLOT
from assistant.escalation.history import turns_of, with_outcome
from assistant.escalation.loops import repeat_of
from assistant.escalation.rules import Thresholds
from assistant.escalation.turns import Outcome, Turn
from knowledge_base.articles import Article
from knowledge_base.search import KnowledgeBase, SearchResult

# A topic that only people handle is worth a false alarm: half as sure is sure enough.
HUMAN_ONLY_PROBABILITY = 0.4
CHOICES = 3
# Between the bands: likelier than not, and this many times as likely as the next. On the demo shop's questions four
# of five articles given this way are right, and the right one is mostly among the choices beside it.
CLOSEST_PROBABILITY = 0.5
CLEAR_LEAD = 2.0
# Three close neighbours share the belief: likelier than not that the right one is among them.
ASK_PROBABILITY = 0.5


def outcome_event(outcome: Outcome, hits: list[dict[str, Any]] | None = None) -> EventType:
    event: EventType = SlotSet(
        OUTCOME_SLOT,
        {
            "message_id": outcome.message_id,
            "decision": outcome.decision,
            "article_id": outcome.article_id,
            "confidence": round(outcome.confidence, 4),
            "posterior": {article: round(p, 4) for article, p in outcome.posterior.items()},
            "hits": hits or [],
        },
    )
    return event


def say_article(
    dispatcher: CollectingDispatcher, article: Article, before: str = "", choices: list[wording.Button] | None = None
) -> None:
    fields = {"article_id": article.id, "source_title": article.question, "source_url": article.url}
    text = f"{before}\n\n{article.answer}" if before else article.answer
    dispatcher.utter_message(text=text, json_message={MESSAGE_FIELDS: fields}, buttons=choices or [])


def hits_of(result: SearchResult) -> list[dict[str, Any]]:
    return [{"article_id": h.article_id, "probability": round(h.probability, 4)} for h in result.hits]


class ActionAnswer(Action):
    def __init__(self, live: LiveKnowledgeBase) -> None:
        self._live = live

    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        question = str(tracker.latest_message.get("text") or "")
        knowledge_base, result = await self._live.search(question)
        turns = turns_of(tracker.events)
        outcome = decide(result, turns[-1], knowledge_base)
        if outcome.gave_article and repeats(turns, outcome):
            outcome = replace(outcome, decision="repeat")
        self._say(dispatcher, knowledge_base, result, outcome, turns[-1])
        return [outcome_event(outcome, hits_of(result))]

    def _say(
        self,
        dispatcher: CollectingDispatcher,
        knowledge_base: KnowledgeBase,
        result: SearchResult,
        outcome: Outcome,
        turn: Turn,
    ) -> None:
        if outcome.decision in ("answer", "human_only") and outcome.article_id:
            say_article(dispatcher, knowledge_base.article(outcome.article_id))
        elif outcome.decision == "repeat":
            others = [h.article_id for h in result.hits if h.article_id != outcome.article_id]
            choices = choices_for(others, knowledge_base)
            dispatcher.utter_message(text=wording.SAME_ANSWER_AGAIN, buttons=[*choices, wording.ASK_HUMAN])
        elif outcome.decision == "suggest" and outcome.article_id:
            others = [h.article_id for h in result.hits if h.article_id != outcome.article_id]
            choices = [*choices_for(others[: CHOICES - 1], knowledge_base), wording.NONE_OF_THESE]
            say_article(dispatcher, knowledge_base.article(outcome.article_id), wording.CLOSEST, choices)
        elif outcome.decision == "suggest":
            choices = choices_for([h.article_id for h in result.hits], knowledge_base)
            dispatcher.utter_message(text=wording.DID_YOU_MEAN, buttons=[*choices, wording.NONE_OF_THESE])
        else:
            dispatcher.utter_message(text=no_answer_text(turn), buttons=[wording.YES_HUMAN, wording.REPHRASE])


def decide(result: SearchResult, turn: Turn, knowledge_base: KnowledgeBase) -> Outcome:
    """What to do with a search result, before looking at what was said earlier."""
    decision: str = result.decision
    best = result.hits[0] if result.hits else None
    if best is None:
        return Outcome(turn.message_id, "none")
    if knowledge_base.article(best.article_id).human_only and best.probability >= HUMAN_ONLY_PROBABILITY:
        decision = "human_only"
    if decision == "none" and sum(h.probability for h in result.hits[:CHOICES]) >= ASK_PROBABILITY:
        decision = "suggest"  # no article is likely, but one of these three is
    close = decision == "suggest" and clearly_closest(result)
    given = best.article_id if close or decision in ("answer", "human_only") else None
    return Outcome(turn.message_id, decision, given, result.confidence, dict(result.posterior))


def clearly_closest(result: SearchResult) -> bool:
    """Whether the first article is likelier than not and well ahead: then it is shown, as the likely one."""
    first, *rest = result.hits
    return first.probability >= CLOSEST_PROBABILITY and (
        not rest or first.probability >= CLEAR_LEAD * rest[0].probability
    )


def repeats(turns: list[Turn], outcome: Outcome) -> bool:
    """Whether this answer, or this question, already was there since the last change of owner."""
    at = Thresholds()
    now = [*turns[:-1], with_outcome(turns[-1], outcome)]
    return repeat_of(now, at.question_overlap, at.min_loop_words) is not None


def choices_for(article_ids: list[str], knowledge_base: KnowledgeBase) -> list[wording.Button]:
    return [wording.choose(a, knowledge_base.article(a).question) for a in article_ids[:CHOICES]]


def no_answer_text(turn: Turn) -> str:
    if turn.intent == "complaint":
        return wording.NO_ANSWER_TO_COMPLAINT
    return wording.OUT_OF_SCOPE if turn.intent == "out_of_scope" else wording.NO_ANSWER


class ActionGiveArticle(Action):
    """The customer picked one of the offered articles, by button or by "the second one"."""

    def __init__(self, live: LiveKnowledgeBase) -> None:
        self._live = live

    def name(self) -> str:
        return "action_give_article"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turn = turns_of(tracker.events)[-1]
        article_id = chosen_article(tracker.latest_message, tracker.events)
        article = self._live.current.articles.get(article_id) if article_id else None
        if article is None:
            dispatcher.utter_message(text=wording.GONE, buttons=[wording.ASK_HUMAN])
            return [outcome_event(Outcome(turn.message_id, "none"))]
        say_article(dispatcher, article)
        decision = "human_only" if article.human_only else "answer"
        return [outcome_event(Outcome(turn.message_id, decision, article.id, 1.0, {article.id: 1.0}))]


class ActionOtherAnswers(Action):
    """The last answer or the offered choices did not help: what else was close, or a person."""

    def __init__(self, live: LiveKnowledgeBase) -> None:
        self._live = live

    def name(self) -> str:
        return "action_other_answers"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        others = self._not_shown_yet(tracker.get_slot(OUTCOME_SLOT))
        if others:
            choices = choices_for(others, self._live.current)
            dispatcher.utter_message(text=wording.NOT_HELPFUL, buttons=[*choices, wording.ASK_HUMAN])
        else:
            dispatcher.utter_message(text=wording.NOT_HELPFUL_NO_OTHERS, buttons=[wording.REPHRASE, wording.ASK_HUMAN])
        return []

    def _not_shown_yet(self, outcome: Mapping[str, Any] | None) -> list[str]:
        if not outcome:
            return []
        ids = [str(hit["article_id"]) for hit in outcome.get("hits") or []]
        unseen = ids[CHOICES:] if outcome["decision"] == "suggest" else ids
        return [a for a in unseen if a != outcome.get("article_id") and a in self._live.current.articles]
