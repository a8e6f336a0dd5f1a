"""From probability to behaviour: answer, offer a choice, or say that the answer is not known."""

from __future__ import annotations

from typing import Literal

Decision = Literal["answer", "suggest", "none"]

# Probability that the article is right. Higher than even odds would have it: a wrong answer costs more than a choice.
# docs/results/answering.md says how many of the answers given are right; `offramp kb evaluate` measures another
# knowledge base.
ANSWER_FROM = 0.8
# Probability. Chosen on the validation part of CLINC150: below it fall most of the questions out of scope.
SUGGEST_FROM = 0.35


def decide(confidence: float) -> Decision:
    """Return what to do with the best article given the probability (0 … 1) that it is right."""
    if confidence >= ANSWER_FROM:
        return "answer"
    return "suggest" if confidence >= SUGGEST_FROM else "none"
