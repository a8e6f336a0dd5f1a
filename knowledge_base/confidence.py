"""From probability to behaviour: answer, offer a choice, or say that the answer is not known."""

from __future__ import annotations

from typing import Literal

Decision = Literal["answer", "suggest", "none"]

# Probability that the article is right. On the validation part of CLINC150 .97 and more of the answers given from here
# on are right with any number of phrasings. docs/results/answering.md has the measurements; `offramp kb evaluate`
# measures another knowledge base.
ANSWER_FROM = 0.8
# Probability. Below it fell .90–.94 of the out-of-scope questions of the same part, with any number of phrasings.
SUGGEST_FROM = 0.35


def decide(confidence: float) -> Decision:
    """Return what to do with the best article given the probability (0 … 1) that it is right."""
    if confidence >= ANSWER_FROM:
        return "answer"
    return "suggest" if confidence >= SUGGEST_FROM else "none"
