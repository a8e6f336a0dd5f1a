""" "Yes" and "no" right after articles were offered are about those; elsewhere they are small talk."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import ActionGiveArticle, ActionOtherAnswers
from actions.choices import chosen_article, refusable


class ActionAffirm(Action):
    """Gives the one article that was offered."""

    def __init__(self, give_article: ActionGiveArticle) -> None:
        self._give_article = give_article

    def name(self) -> str:
        return "action_affirm"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if chosen_article(tracker.latest_message, tracker.events) is not None:
            return await self._give_article.run(dispatcher, tracker, domain)
        dispatcher.utter_message(response="utter_affirm")
        return []


class ActionDeny(Action):
    """Looks for other articles if what was offered is refused."""

    def __init__(self, other_answers: ActionOtherAnswers) -> None:
        self._other_answers = other_answers

    def name(self) -> str:
        return "action_deny"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        if refusable(tracker.events):
            return await self._other_answers.run(dispatcher, tracker, domain)
        dispatcher.utter_message(response="utter_deny")
        return []
