"""From probability to behaviour: answer, offer a choice, or say that the answer is not known."""

from __future__ import annotations

from typing import Literal

Decision = Literal["answer", "suggest", "none"]

# Probability that the article is right. Of the answers given from here on, .97–.99 were right on CLINC150
# with 3, 10 and 100 phrasings an article, but only .83–.84 on HINT3 sofmattress (397 questions, 42 % out of
# scope). Re-measure with `offramp kb evaluate`.
ANSWER_FROM = 0.8
# Probability. Below it fall .83–.88 of the out-of-scope questions of CLINC150, .74–.75 of those of HINT3.
SUGGEST_FROM = 0.3


def decide(confidence: float) -> Decision:
    """Return what to do with the best article given the probability (0 … 1) that it is right."""
    if confidence >= ANSWER_FROM:
        return "answer"
    return "suggest" if confidence >= SUGGEST_FROM else "none"
