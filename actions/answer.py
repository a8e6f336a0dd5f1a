"""Answers from the knowledge base: give the article, ask "did you mean", or say that there is no answer.

What was found goes into the `outcome` slot, with the customer's message id: `EscalationPolicy` reads it before
the customer reads anything.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions import wording
from actions.choices import chosen_article
from actions.decision import CHOICES, LEAST_CHANCE, decide, likely_choices
from actions.live_knowledge_base import LiveKnowledgeBase, Understood
from assistant.contract import MESSAGE_FIELDS, OUTCOME_SLOT
from assistant.escalation.history import BOUNDARY, turns_of, with_outcome
from assistant.escalation.loops import answered_otherwise, insistent_repeat_of, repeat_of
from assistant.escalation.mood import needs_boundary
from assistant.escalation.thresholds import RuleSettings, Thresholds
from assistant.escalation.turns import Outcome, Turn, previous_article
from knowledge_base.articles import Article
from knowledge_base.search import KnowledgeBase, SearchResult


def outcome_event(outcome: Outcome, hits: list[dict[str, Any]] | None = None) -> EventType:
    event: EventType = SlotSet(
        OUTCOME_SLOT,
        {
            "message_id": outcome.message_id,
            "decision": outcome.decision,
            "article_id": outcome.article_id,
            "confidence": round(outcome.confidence, 4),
            "posterior": {article: round(p, 4) for article, p in outcome.posterior.items()},
            "also": list(outcome.also),
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
    return [
        {"article_id": h.article_id, "probability": round(h.probability, 4), "otherwise": round(h.otherwise, 4)}
        for h in result.hits
    ]


class ActionAnswer(Action):
    def __init__(self, live: LiveKnowledgeBase, rules: RuleSettings) -> None:
        self._live, self._rules = live, rules

    def name(self) -> str:
        return "action_answer"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        turns = turns_of(tracker.events)
        question = str(tracker.latest_message.get("text") or "")
        found = await self._live.understand(question, previous_article(turns), answered_otherwise(turns))
        at = self._rules.thresholds(tracker.get_latest_input_channel() or "", _tier(tracker))
        outcome = decide(found.asked, turns[-1], found.knowledge_base)
        if repeats(turns, outcome, at):
            outcome = replace(outcome, decision="repeat")
        if outcome.decision == "none" and needs_boundary(turns, at):
            dispatcher.utter_message(response=BOUNDARY)
        else:
            say(dispatcher, found, outcome, turns[-1])
        hits = [hit for one in found.asked for hit in hits_of(one.result)]
        return [outcome_event(outcome, hits)]


def say(dispatcher: CollectingDispatcher, found: Understood, outcome: Outcome, turn: Turn) -> None:
    """Say what was decided."""
    knowledge_base = found.knowledge_base
    match outcome.decision, outcome.article_id:
        case "human_only", str(article_id):
            say_article(dispatcher, knowledge_base.article(article_id))
        case "answer", str(article_id) if len(found.asked) == 1:
            say_article(dispatcher, knowledge_base.article(article_id))
        case "answer", _:
            say_several(dispatcher, found)
        case "follow_up", str(article_id):
            article = replace(knowledge_base.article(article_id), answer=found.asked[0].passage)
            say_article(dispatcher, article, wording.FROM_SAME_ANSWER, [wording.ASK_HUMAN])
        case (("repeat" | "suggest"), _):
            say_choices(dispatcher, found, outcome)
        case _:
            dispatcher.utter_message(text=no_answer_text(turn), buttons=[wording.YES_HUMAN, wording.REPHRASE])


def say_choices(dispatcher: CollectingDispatcher, found: Understood, outcome: Outcome) -> None:
    """Offer what may be meant: beside the likely article, instead of one that was given before, or alone."""
    given = outcome.article_id
    choices = choices_for(likely_choices(found.asked[0].result, given), found.knowledge_base)
    if outcome.decision == "repeat":
        text = wording.SAME_ANSWER_AGAIN if choices else wording.SAME_ANSWER_NO_OTHERS
        dispatcher.utter_message(text=text, buttons=[*(choices or [wording.REPHRASE]), wording.ASK_HUMAN])
    elif given is not None and choices:
        choices = [*choices[: CHOICES - 1], wording.NONE_OF_THESE]
        say_article(dispatcher, found.knowledge_base.article(given), wording.CLOSEST, choices)
    elif given is not None:
        say_article(dispatcher, found.knowledge_base.article(given), wording.CLOSEST_ALONE, [wording.NOT_THIS])
    else:
        text = wording.DID_YOU_MEAN if len(choices) > 1 else wording.DID_YOU_MEAN_THIS
        dispatcher.utter_message(text=text, buttons=[*choices, wording.NONE_OF_THESE])


# The customer's words come back inside our Markdown: without anything that it, or a browser, would read.
_MARKUP = re.compile(r"https?://\S+|[\[\]()<>*_`~#|\\!]")


def say_several(dispatcher: CollectingDispatcher, found: Understood) -> None:
    """Answer each question that can be answered, then ask about the first of the others."""
    for one in found.asked:
        if one.sure and one.article_id:
            article = found.knowledge_base.article(one.article_id)
            say_article(dispatcher, article, f"**{article.question}**")
    unsure = next((one for one in found.asked if not one.sure), None)
    if unsure is not None:
        given = [one.article_id for one in found.asked if one.sure]
        likely = [article_id for article_id in likely_choices(unsure.result) if article_id not in given]
        choices = choices_for(likely, found.knowledge_base)
        question = _MARKUP.sub("", unsure.text).strip("?.! ")
        text = wording.ALSO_ASKED if choices else wording.ALSO_ASKED_IN_VAIN
        buttons = [*choices, wording.NONE_OF_THESE] if choices else [wording.REPHRASE, wording.ASK_HUMAN]
        dispatcher.utter_message(text=text.format(question=question), buttons=buttons)


def _tier(tracker: Tracker) -> str:
    return str((tracker.latest_message.get("metadata") or {}).get("tier") or "")


def repeats(turns: Sequence[Turn], outcome: Outcome, at: Thresholds) -> bool:
    """Whether this answer, or this question, already was there since the last change of owner.

    More of the answer just given is no repeat, unless the same question, or an unhappy one, asks for it.
    """
    found = insistent_repeat_of if outcome.decision == "follow_up" else repeat_of
    if not outcome.gave_article and outcome.decision != "follow_up":
        return False
    now = [*turns[:-1], with_outcome(turns[-1], outcome)]
    return found(now, at.question_overlap, at.min_loop_words) is not None


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
        hits = outcome.get("hits") or []
        likely = dict.fromkeys(str(hit["article_id"]) for hit in hits if hit.get("otherwise", 1.0) >= LEAST_CHANCE)
        given = [outcome.get("article_id"), *(outcome.get("also") or [])]
        unseen = [a for a in likely if a not in given and a in self._live.current.articles]
        return unseen if outcome["decision"] != "suggest" else unseen[CHOICES if given[0] is None else CHOICES - 1 :]
