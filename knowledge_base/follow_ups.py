"""A message that follows an answer: "and for Canada?", or "what does it cost?", after "How long is delivery?".

The message is scored alone and behind the question of the answered article. For other articles, see `scores_after`;
that the answered article itself says more of it is told by the sentences of its answer, see `same_article`.
"""

from __future__ import annotations

import numpy as np

from knowledge_base.heads import Floats, log_softmax
from knowledge_base.scoring import Scores

# Logit that the answered article says it: weights of the nearest sentence of its answer (cosine), of the nearest
# article to the message alone (cosine), and of its lead behind its own question over the next article (log odds);
# intercept. Fitted by `benchmarks/follow_up_weights.py`.
SAME_ARTICLE = (8.50, -3.12, 0.60, -4.21)
# Log odds. A question with many phrasings leads by far more whatever is said behind it, a name or "ok" too.
MOST_LEAD = 6.0


def evidence_for(alone: Scores, together: Scores, previous: int, sentences: Floats) -> tuple[float, float, float]:
    """What speaks for article number `previous`; `sentences` are the cosines of the message with those of its answer.

    Scores of shape (1, articles).
    """
    behind = log_softmax(together.fused)[0]
    others = np.delete(behind, previous)
    lead = min(float(behind[previous] - others.max()), MOST_LEAD) if len(others) else 0.0
    return float(sentences.max(initial=0.0)), float(alone.level.max()), lead


def same_article(evidence: tuple[float, float, float]) -> float:
    """The probability that the answered article says what a follow-up asks.

    On the follow-ups in `knowledge_base/evaluation` that were not used to fit it, AUROC .90 for those that it does.
    """
    *weights, intercept = SAME_ARTICLE
    logit = sum(weight * value for weight, value in zip(weights, evidence, strict=True)) + intercept
    return float(1 / (1 + np.exp(-logit)))


def scores_after(alone: Scores, together: Scores, previous: int) -> Scores:
    """Fuse the scores (1, articles) of a message alone and behind the question of article number `previous`.

    On 62 follow-ups in `knowledge_base/evaluation` the right article comes first 51 times of 56 instead of 37, and all
    37 confident ones are right.
    """
    by_itself = log_softmax(alone.fused)
    if by_itself.shape[1] == 1:
        return alone
    others = np.arange(by_itself.shape[1]) != previous
    in_context = np.array(by_itself)
    in_context[:, others] = log_softmax(together.fused[:, others])
    level = np.where(others, (alone.level + together.level) / 2, alone.level)
    wording = np.where(others, (alone.wording + together.wording) / 2, alone.wording)
    fused: Floats = (by_itself + in_context).astype(np.float32)
    return Scores(fused, level.astype(np.float32), wording.astype(np.float32), alone.cohesion)
