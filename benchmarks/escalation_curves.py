"""How well a score tells positives from negatives: pure functions of the scores."""

from __future__ import annotations

import numpy as np
from escalation_measure import Flags, Numbers

from knowledge_base import metrics


def auroc(scores: Numbers, truth: Flags) -> float:
    """The probability that a positive scores higher than a negative, ties counting half; nan without either."""
    area = metrics.auroc(scores[truth], scores[~truth])
    return float("nan") if area is None else area


def recall_at(false_rate: float, positives: Numbers, negatives: Numbers) -> float:
    """The largest share of the positives found while at most `false_rate` of the negatives is."""
    allowed = int(false_rate * len(negatives))
    return float((positives > np.sort(negatives)[::-1][allowed]).mean())


def found_at(threshold: float, scores: Numbers) -> float:
    """The share of the scores that reach the threshold."""
    return float((scores >= threshold).mean())


def best_f1(scores: Numbers, truth: Flags) -> float:
    """The largest F1 of the positives over all thresholds."""
    order = np.argsort(-scores, kind="stable")
    ranked, found = scores[order], np.cumsum(truth[order])
    # A threshold takes all equal scores or none.
    last = np.append(ranked[1:] != ranked[:-1], True)
    f1 = 2 * found / (np.arange(1, len(scores) + 1) + truth.sum())
    return float(f1[last].max())
