"""Loops: the customer comes back to the same articles, or the bot to the same answer.

A loop is "the same articles twice", not "similar words twice": the overlap of two article posteriors
separates repeats from neighbouring questions better than the cosine of the two sentences.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from assistant.escalation.turns import Turn


def overlap(p: Mapping[str, float], q: Mapping[str, float]) -> float:
    """Bhattacharyya coefficient of two article posteriors: 0 (nothing shared) to 1 (the same)."""
    return sum(math.sqrt(share * q[article]) for article, share in p.items() if article in q)


def repeated_question(turns: Sequence[Turn], min_words: int) -> tuple[Turn, float] | None:
    """The earlier answered turn that the last turn repeats most, with the overlap (0..1), if any.

    Short turns ("ok", "thanks") are left out: they repeat all day without being a loop.
    """
    last = turns[-1]
    if last.outcome is None or last.words < min_words:
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
    if last is None or not last.gave_article:
        return None
    return next(
        (
            turn
            for turn in reversed(turns[:-1])
            if turn.outcome is not None and turn.outcome.gave_article and turn.outcome.article_id == last.article_id
        ),
        None,
    )


def asked_in_vain(turns: Sequence[Turn], min_words: int) -> Turn | None:
    """The earlier turn with the very same words, if the bot was unsure and only offered choices both times."""
    last = turns[-1]
    if last.words < min_words or not _only_choices(last):
        return None
    words = last.text.casefold().split()
    return next((t for t in reversed(turns[:-1]) if _only_choices(t) and t.text.casefold().split() == words), None)


def _only_choices(turn: Turn) -> bool:
    return turn.outcome is not None and turn.outcome.decision == "suggest"


def repeat_of(turns: Sequence[Turn], min_overlap: float, min_words: int) -> tuple[Turn, float] | None:
    """The earlier turn that the last one repeats, by question, by answer or by word, with the overlap (0..1)."""
    question = repeated_question(turns, min_words)
    if question is not None and question[1] >= min_overlap:
        return question
    again = same_answer(turns) or asked_in_vain(turns, min_words)
    return None if again is None else (again, 1.0)
