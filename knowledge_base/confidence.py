"""From probability to behaviour: answer, offer a choice, or say that the answer is not known."""

from __future__ import annotations

from typing import Literal

Decision = Literal["answer", "suggest", "none"]

# Probability that the article is right. Of the answers given from here on, .95–.99 were right on public sets
# (BANKING77, CLINC150) with 3 to 100 phrasings an article; re-measure with `offramp kb evaluate`.
ANSWER_FROM = 0.8
# Probability. Most questions that end up below are out of scope (.82–.88 of all those of CLINC150 do), and
# a choice of articles would mostly be a choice of wrong ones.
SUGGEST_FROM = 0.3


def decide(confidence: float) -> Decision:
    """Return what to do with the best article given the probability (0 … 1) that it is right."""
    if confidence >= ANSWER_FROM:
        return "answer"
    return "suggest" if confidence >= SUGGEST_FROM else "none"
