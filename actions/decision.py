"""What to do with what the knowledge base found. Pure; `actions/answer.py` says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from assistant.escalation.asking import asks_anything
from assistant.escalation.turns import Outcome, Turn
from knowledge_base.search import Hit, KnowledgeBase, SearchResult
from knowledge_base.understanding import Asked

# A topic that only people handle is worth a false alarm: half as sure is sure enough, unless the message
# does not sound like it ("How do you protect card data?").
HUMAN_ONLY_PROBABILITY = 0.4
HUMAN_ONLY_CALM_PROBABILITY = 0.7
# Of the message classifier: what sounds like a topic for people.
SENSITIVE = 0.35
CHOICES = 3
# Between the bands: likelier than not, and this many times as likely as the next. On the demo shop's questions four
# of five articles given this way are right, and the right one is mostly among the choices beside it.
CLOSEST_PROBABILITY = 0.5
CLEAR_LEAD = 2.0
# Three close neighbours share the belief: likelier than not that the right one is among them.
ASK_PROBABILITY = 0.5
# A choice with less of a chance, were the first article wrong, only makes the customer read.
LEAST_CHANCE = 0.1


def decide(asked: Sequence[Asked], turn: Turn, knowledge_base: KnowledgeBase) -> Outcome:
    """What to do, before looking at what was said earlier."""
    message_id = turn.message_id
    for one in asked:
        if one.article_id is not None and _for_people(one.result, turn, knowledge_base):
            return _outcome(message_id, "human_only", asked, one.article_id)
    if len(asked) > 1:
        first, *others = (one.article_id for one in asked if one.sure and one.article_id)
        return _outcome(message_id, "answer", asked, first, tuple(others))
    outcome = _decide_one(asked[0], message_id)
    if outcome.decision == "suggest" and not outcome.articles and _merely_complains(turn):
        return replace(outcome, decision="none")
    return outcome


def _merely_complains(turn: Turn) -> bool:
    """ "Your driver was rude": choosing among questions is no answer to that, an apology and a person are."""
    return turn.intent == "complaint" and not asks_anything(turn.text)


def _for_people(result: SearchResult, turn: Turn, knowledge_base: KnowledgeBase) -> bool:
    best = result.hits[0]
    serious = turn.scores.sensitive >= SENSITIVE
    enough = HUMAN_ONLY_PROBABILITY if serious else HUMAN_ONLY_CALM_PROBABILITY
    return knowledge_base.article(best.article_id).human_only and best.probability >= enough


def _decide_one(one: Asked, message_id: str) -> Outcome:
    result = one.result
    decision: str = result.decision
    if not result.hits:
        return Outcome(message_id, "none")
    best = result.hits[0]
    if decision == "none" and sum(h.probability for h in _likely(result)[:CHOICES]) >= ASK_PROBABILITY:
        decision = "suggest"  # no article is likely, but one of these three is
    close = decision == "suggest" and clearly_closest(result)
    if best.article_id == one.follows and decision != "none":
        return _outcome(message_id, "follow_up", [one], best.article_id)
    given = best.article_id if close or decision == "answer" else None
    return _outcome(message_id, decision, [one], given)


def _outcome(
    message_id: str, decision: str, asked: Sequence[Asked], article_id: str | None, also: tuple[str, ...] = ()
) -> Outcome:
    confidence = max(one.result.confidence for one in asked if article_id in (None, one.article_id))
    posterior: Counter[str] = Counter()
    for one in asked:
        posterior.update({article: share / len(asked) for article, share in one.result.posterior.items()})
    return Outcome(message_id, decision, article_id, confidence, dict(posterior), also)


def likely_choices(result: SearchResult, given: str | None = None) -> list[str]:
    """Return articles to choose from, likeliest first, three at most: those with a chance beside the one `given`."""
    return [hit.article_id for hit in _likely(result) if hit.article_id != given][:CHOICES]


def _likely(result: SearchResult) -> list[Hit]:
    return [hit for hit in result.hits if hit.otherwise >= LEAST_CHANCE]


def clearly_closest(result: SearchResult) -> bool:
    """Whether the first article is likelier than not and well ahead: then it is shown, as the likely one."""
    first, *rest = result.hits
    return first.probability >= CLOSEST_PROBABILITY and (
        not rest or first.probability >= CLEAR_LEAD * rest[0].probability
    )
