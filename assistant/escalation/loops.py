"""Loops: the customer comes back to the same articles, or the bot to the same answer.

A loop is "the same articles twice", not "similar words twice": the overlap of two article posteriors
separates repeats from neighbouring questions better than the cosine of the two sentences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assistant.escalation.asking import acknowledges
from assistant.escalation.sketch import likeness
from assistant.escalation.turns import Turn

# Probability that something went wrong, or is turned down, from which on a customer is not calm.
DISCONTENT = 0.3
# What makes a calm question about the same article the same question: overlap of the article posteriors from which on
# it is; cosine of the two messages, if it asks for more of the answer just given.
SAME_MATTER = 0.6
SAME_QUESTION = 0.75
# Cosine of two messages that are about other things, below which a question whose article was given earlier, but not
# last, asks for another part of it.
OTHER_QUESTION = 0.4


def overlap(p: Mapping[str, float], q: Mapping[str, float]) -> float:
    """Bhattacharyya coefficient of two article posteriors: 0 (nothing shared) to 1 (the same)."""
    return sum(math.sqrt(share * q[article]) for article, share in p.items() if article in q)


def repeated_question(turns: Sequence[Turn], min_words: int) -> tuple[Turn, float] | None:
    """The earlier answered turn that the last turn repeats most, with the overlap (0..1), if any.

    Short turns ("ok", "thanks") are left out: they repeat all day without being a loop.
    """
    last = turns[-1]
    if last.outcome is None or last.words < min_words or acknowledges(last.text):
        return None
    earlier = [
        (turn, overlap(turn.outcome.posterior, last.outcome.posterior))
        for turn in turns[:-1]
        if turn.outcome is not None and turn.words >= min_words and turn.outcome.gave_article
    ]
    return max(earlier, key=lambda pair: pair[1], default=None)


def same_answer(turns: Sequence[Turn]) -> Turn | None:
    """The earlier turn that already got the article which the last turn got, or is about to get, again."""
    last = turns[-1].outcome
    if last is None or not last.gave_article or acknowledges(turns[-1].text):
        return None
    return next(
        (
            turn
            for turn in reversed(turns[:-1])
            if turn.outcome is not None
            and turn.outcome.gave_article
            and set(turn.outcome.articles) >= set(last.articles)
        ),
        None,
    )


def asked_in_vain(turns: Sequence[Turn], min_words: int) -> Turn | None:
    """The earlier turn with the very same words, if the bot was unsure both times: offered choices, or read the
    words as part of the answer before them.
    """
    last = turns[-1]
    if last.words < min_words or not _unsure(last):
        return None
    words = last.text.casefold().split()
    return next((t for t in reversed(turns[:-1]) if _unsure(t) and t.text.casefold().split() == words), None)


def _unsure(turn: Turn) -> bool:
    return turn.outcome is not None and turn.outcome.decision in ("suggest", "follow_up")


def repeat_of(turns: Sequence[Turn], min_overlap: float, min_words: int) -> tuple[Turn, float] | None:
    """The earlier turn that the last one repeats, by question, by answer or by word, with the overlap (0..1)."""
    question = repeated_question(turns, min_words)
    if question is not None and question[1] >= min_overlap:
        return question
    again = same_answer(turns) or asked_in_vain(turns, min_words)
    return None if again is None else (again, 1.0)


def insistent_repeat_of(turns: Sequence[Turn], min_overlap: float, min_words: int) -> tuple[Turn, float] | None:
    """As `repeat_of`, but without the calm question about something else in an article that the customer has had."""
    found = repeat_of(turns, min_overlap, min_words)
    if found is None or asked_in_vain(turns, min_words) or _discontent(turns[-1]):
        return found
    return found if _asks_the_same(turns, min_words) else None


def _asks_the_same(turns: Sequence[Turn], min_words: int) -> bool:
    last = turns[-1]
    if last.outcome is not None and last.outcome.decision == "follow_up":
        asked = (turn for turn in turns[:-1] if turn.outcome is not None)
        return any(likeness(turn.sketch, last.sketch) >= SAME_QUESTION for turn in asked)
    question = repeated_question(turns, min_words)
    return question is not None and question[1] >= SAME_MATTER


def answered_otherwise(turns: Sequence[Turn]) -> frozenset[str]:
    """The articles given before the last of `turns`, each only for questions unlike the last one."""
    unlike, alike = set[str](), set[str]()
    for turn in turns[:-1]:
        if turn.outcome is not None and turn.outcome.gave_article:
            (unlike if _asks_otherwise(turn, turns[-1]) else alike).update(turn.outcome.articles)
    return frozenset(unlike - alike)


def _asks_otherwise(turn: Turn, last: Turn) -> bool:
    return bool(turn.sketch and last.sketch) and likeness(turn.sketch, last.sketch) < OTHER_QUESTION


def _discontent(turn: Turn) -> bool:
    return max(turn.scores.negative, turn.scores.turned_down) >= DISCONTENT


def back_and_forth(turns: Sequence[Turn]) -> bool:
    """Whether the last four answers were A, B, A, B."""
    given = [turn.outcome.articles for turn in turns if turn.outcome is not None and turn.outcome.gave_article][-4:]
    return len(given) == 4 and given[0] == given[2] != given[1] == given[3]
