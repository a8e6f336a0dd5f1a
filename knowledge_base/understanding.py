"""What a message asks: one question or several, by itself or after the answer before it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from assistant.escalation.asking import FRAGMENT_WORDS, asks, asks_anything, may_follow_up, points_back
from knowledge_base.confidence import ANSWER_FROM
from knowledge_base.questions import MAX_QUESTIONS, is_tag_question, questions_in, stands_alone
from knowledge_base.search import KnowledgeBase, SearchResult

# Probability that a sentence not worded as a question asks for its article all the same ("My code doesn't work.").
# Background ("I really need it by Friday") reached .91 on the sentences tried while this was written.
STATEMENT_FROM = 0.92
# Probabilities for what is read after an earlier answer: higher than elsewhere, as a question about something else
# may only look like a follow-up. Chosen on the demo shop's questions, each asked after a random article.
FOLLOW_UP_ANSWER_FROM = 0.9
FOLLOW_UP_SUGGEST_FROM = 0.5
# Probability that the article before it answers a message. Chosen on the follow-ups for fitting and on the demo shop's
# questions, each asked after a random article.
SAME_ARTICLE_FROM = 0.6
# Words; a longer message has a subject of its own.
MAX_WORDS = 20


@dataclass(frozen=True)
class Asked:
    """One question of a message and what was found. `follows` is the id of the article that it was read after;
    if that article is also the likeliest one, `passage` is the part of its answer to repeat.
    """

    text: str
    result: SearchResult
    follows: str | None = None
    passage: str = ""

    @property
    def article_id(self) -> str | None:
        """The likeliest article."""
        return self.result.hits[0].article_id if self.result.hits else None

    @property
    def sure(self) -> bool:
        """Whether the article can be given as the answer."""
        return self.result.decision == "answer"


def understand(
    knowledge_base: KnowledgeBase, text: str, previous: str | None = None, given: Collection[str] = ()
) -> tuple[Asked, ...]:
    """Return what `text` asks, in order, at least one. `previous` is the id of the article given just before, `given`
    has those of articles given earlier for other questions.

    Several are returned only if each is about another article and at least one is sure.
    """
    text = knowledge_base.normalise(text)
    whole = _ask(knowledge_base, text, previous)
    if whole.follows is not None and whole.sure:
        return (whole,)
    parts = questions_in(text)
    asked = _ask_each(knowledge_base, parts, previous) if parts else []
    several = _distinct([part for before, part in zip((None, *asked), asked, strict=False) if _counts(part, before)])
    if len(several) > 1 and any(part.sure for part in several):
        return tuple(several[:MAX_QUESTIONS])
    if not whole.sure:
        whole = _clearest(whole, asked)
    return (_as_more_of(knowledge_base, whole, {previous, *given}),)


def _ask(knowledge_base: KnowledgeBase, text: str, previous: str | None) -> Asked:
    alone = knowledge_base.search(text)
    if previous is None or previous not in knowledge_base.articles:
        return Asked(text, alone)
    if alone.confidence >= ANSWER_FROM or not _may_be_read_after(text):
        return Asked(text, alone)
    after = knowledge_base.search_after(text, previous)
    if after.same >= SAME_ARTICLE_FROM:
        passage = knowledge_base.passage(text, previous)
        return Asked(text, after.with_same(previous), previous, passage)
    found = after.result
    if not may_follow_up(text) or found.confidence < alone.confidence:
        return Asked(text, alone)
    if found.confidence < FOLLOW_UP_ANSWER_FROM:
        found = replace(found, decision="suggest" if found.confidence >= FOLLOW_UP_SUGGEST_FROM else "none")
    asked = Asked(text, found, previous)
    if asked.article_id != previous:
        return asked
    return replace(asked, passage=knowledge_base.passage(text, previous))


def _clearest(whole: Asked, parts: Sequence[Asked]) -> Asked:
    """Return the one question that is clearer than the whole message, which a story drowns; else the whole.

    "Is that so?" asks nothing by itself: what was said before it is the question, though not worded as one.
    """
    questions = [part for part in parts if asks(part.text)]
    sure = next((part for part in questions if part.sure), None)
    if sure is not None:
        return sure
    alone = [part for part in questions if stands_alone(part.text)]
    alone += [_unsure(before) for before, part in pairwise(parts) if is_tag_question(part.text)]
    alone.sort(key=lambda one: -one.result.confidence)
    likely = _distinct([part for part in alone if part.result.decision != "none"])
    return max((whole, *likely), key=lambda one: one.result.confidence) if len(likely) == 1 else whole


def _unsure(statement: Asked) -> Asked:
    """What is not worded as a question is offered at most, unless it is very likely one."""
    if not statement.sure or statement.result.confidence >= STATEMENT_FROM:
        return statement
    return replace(statement, result=replace(statement.result, decision="suggest"))


def _as_more_of(knowledge_base: KnowledgeBase, asked: Asked, given: Collection[str | None]) -> Asked:
    """What is surely about an article given before asks for a part of its answer: the whole was there already."""
    article_id = asked.article_id
    if not asked.sure or asked.follows is not None or article_id not in given or article_id is None:
        return asked
    return replace(asked, follows=article_id, passage=knowledge_base.passage(asked.text, article_id))


def _may_be_read_after(text: str) -> bool:
    """A remark or a story is not answered from the article before it."""
    words = len(text.split())
    return words <= FRAGMENT_WORDS or (words <= MAX_WORDS and asks_anything(text)) or may_follow_up(text)


def _ask_each(knowledge_base: KnowledgeBase, parts: tuple[str, ...], previous: str | None) -> list[Asked]:
    """A later part may follow the one before it: "Do you ship to Canada? And what's the fee?"."""
    asked: list[Asked] = []
    given = previous
    for part in parts:
        one = _ask(knowledge_base, part, previous)
        if one.article_id == one.follows != given:
            # The article before it is not an answer yet, so there is no part of one to repeat.
            one = replace(one, follows=None, passage="")
        asked.append(one)
        previous = one.article_id if one.sure else None
    return asked


def _counts(part: Asked, before: Asked | None) -> bool:
    """Whether a part is a question of its own, not background or the end of it ("My zip broke. Can it be fixed?")."""
    if not asks(part.text):
        return part.result.confidence >= STATEMENT_FROM
    ends_a_story = before is not None and not asks(before.text) and points_back(part.text)
    return part.sure or (part.result.decision != "none" and not ends_a_story)


def _distinct(parts: list[Asked]) -> list[Asked]:
    first: dict[str | None, Asked] = {}
    for part in parts:
        first.setdefault(part.article_id, part)
    return list(first.values())
