"""What customers made known about the answers, read from the conversation logs.

What they say counts, the last of it: a thumb, a choice, "that did not help", "none of these", the same question
again. Otherwise the first sign right after the answer does: a request for a person, or else thanks. A goodbye or
silence says nothing: those who gave up leave like those who were helped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from assistant.conversation.events import Event, Kind, Role
from assistant.observe.conversations import recent_conversations
from knowledge_base.learn import Judgement

REFUSALS = frozenset({"did_not_help", "none_of_these"})
CHOICE = "choose_article"
# Decisions of the knowledge base after which the customer saw the first article, or its title.
OFFERED = frozenset({"answer", "suggest", "follow_up"})
# Probability; above it a "thanks" is meant otherwise.
ANNOYED_FROM = 0.5
# Probability; from about here on a message is a request for a person to the rule that hands over, too.
PERSON_FROM = 0.6
# Judgements a conversation, the newest: nobody's clicks weigh more than a few questions.
MAX_A_CONVERSATION = 5


class Sign(IntEnum):
    """How much a sign says: a weaker one never overrides a stronger one."""

    NONE = 0
    THANKS = 1
    PERSON = 2
    SAID = 3


async def read_judgements(redis_url: str, days: int) -> list[Judgement]:
    """Return what was judged of what was asked in the last `days` days. Raises `RedisError`, `OSError`."""
    found: list[Judgement] = []
    async for _, events, since_ms in recent_conversations(redis_url, days):
        found += judgements(events, since_ms)
    return found


def judgements(events: Sequence[Event], since_ms: int = 0) -> list[Judgement]:
    """Return at most one judgement a question, oldest first; `events` is the whole log, oldest first."""
    reading = _Reading(events)
    for event in events:
        reading.read(event)
    found = [question.judgement() for question in reading.questions if question.asked.milliseconds >= since_ms]
    return [judgement for judgement in found if judgement is not None][-MAX_A_CONVERSATION:]


@dataclass
class _Question:
    """A question, the article that the customer saw last for it, and what they made known about which article.

    `given`: the article's text was shown; `offered`: it was given, or its title among choices.
    """

    asked: Event
    shown: str
    given: bool
    offered: bool
    previous: str | None
    sign: Sign = Sign.NONE
    article_id: str = ""
    right: bool = False

    def judged(self, sign: Sign, article_id: str, right: bool) -> None:
        if sign is Sign.SAID or sign > self.sign:
            self.sign, self.article_id, self.right = sign, article_id, right

    def refused(self, sign: Sign) -> None:
        if self.offered:
            self.judged(sign, self.shown, False)

    def chose(self, article_id: str) -> None:
        self.shown, self.given, self.offered = article_id, True, True
        self.judged(Sign.SAID, article_id, True)

    def judgement(self) -> Judgement | None:
        if self.sign is Sign.NONE:
            return None
        text = self.asked.text or ""
        return Judgement(text, self.article_id, self.right, self.asked.milliseconds, self.previous)


class _Reading:
    """Reads a log event by event. `current` is the question that a remark would be about."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.questions: list[_Question] = []
        self._traces = {e.reply_to: e.trace for e in events if e.kind is Kind.TRACE and e.trace}
        self._said_by_bot = {e.id: e for e in events if e.kind is Kind.MESSAGE and e.author.role is Role.BOT}
        self._given = {e.reply_to: e.article_id for e in self._said_by_bot.values() if e.article_id}
        self._about: dict[str, _Question] = {}
        self._current: _Question | None = None
        self._previous: str | None = None

    def read(self, event: Event) -> None:
        if event.kind is Kind.STATUS and event.status != "delayed":
            self._change_of_owner(event)
        elif event.kind is Kind.FEEDBACK:
            self._thumb(event)
        elif event.kind is Kind.MESSAGE and event.author.role is Role.CUSTOMER:
            self._message(event, self._traces.get(event.id, {}))

    def _change_of_owner(self, event: Event) -> None:
        if event.status == "handoff_requested" and self._current is not None:
            self._current.refused(Sign.PERSON)  # by the button; one that a message asks for was read with it
        self._current = self._previous = None

    def _thumb(self, event: Event) -> None:
        rated = self._said_by_bot.get(event.event_id or "")
        question = self._about.get((rated.reply_to if rated else None) or "")
        if rated is None or question is None:
            return
        if rated.article_id is not None:
            question.judged(Sign.SAID, rated.article_id, bool(event.helpful))
        elif event.helpful is False:
            question.refused(Sign.SAID)
        self._about[event.id] = self._current = question

    def _message(self, event: Event, trace: Mapping[str, Any]) -> None:
        decision = trace.get("decision")
        if decision is not None and trace.get("intent") != CHOICE and event.payload is None:
            self._current = self._question(event, trace)
        elif self._current is not None and not self._remark(self._current, trace):
            self._current = None
        if self._current is not None:
            self._about[event.id] = self._current
        if decision is not None:
            self._previous = self._given.get(event.id) or trace.get("article_id")

    def _question(self, event: Event, trace: Mapping[str, Any]) -> _Question | None:
        article_id, decision = trace.get("article_id"), trace["decision"]
        if decision == "repeat":
            self._asked_again(article_id)
        hits = trace.get("hits") or ()
        if not hits or decision == "human_only":
            return None  # a person comes whether or not it is the right article
        offered = decision in OFFERED
        question = _Question(
            event, article_id or hits[0]["article_id"], offered and article_id is not None, offered, self._previous
        )
        self.questions.append(question)
        return question

    def _asked_again(self, article_id: str | None) -> None:
        given = [question for question in self.questions if question.given]
        same = [question for question in given if question.shown == article_id] or given
        if same:
            same[-1].refused(Sign.SAID)

    def _remark(self, question: _Question, trace: Mapping[str, Any]) -> bool:
        """Whether the message was about the question."""
        intent, article_id = trace.get("intent"), trace.get("article_id")
        if intent == CHOICE and article_id is not None:
            question.chose(article_id)
        elif intent in REFUSALS:
            question.refused(Sign.SAID)
        elif intent == "ask_for_human" or trace.get("asked_for_human", 0.0) >= PERSON_FROM:
            question.refused(Sign.PERSON)
        elif intent == "thank" and question.given and trace.get("negative", 0.0) < ANNOYED_FROM:
            question.judged(Sign.THANKS, question.shown, True)
        else:
            return False
        return True
