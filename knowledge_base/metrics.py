"""Figures of merit for retrieval with abstention; pure functions of the outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge_base.confidence import ANSWER_FROM, SUGGEST_FROM

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Equal-width bins of the expected calibration error.
CALIBRATION_BINS = 10


@dataclass(frozen=True)
class Outcome:
    """One question: the first article, the right one, ranks of all right ones (from 1), the confidence."""

    first: str
    relevant: str | None
    ranks: tuple[int, ...]
    confidence: float

    @classmethod
    def of(cls, ranking: Sequence[str], relevant: frozenset[str], confidence: float) -> Outcome:
        """Compare a full ranking with the right articles."""
        ranks = tuple(rank for rank, article in enumerate(ranking, start=1) if article in relevant)
        return cls(ranking[0], ranking[ranks[0] - 1] if ranks else None, ranks, confidence)

    @property
    def right(self) -> bool:
        """Whether the first article answers the question."""
        return self.ranks[:1] == (1,)


@dataclass(frozen=True)
class Metrics:
    """Shares in 0 … 1; None where the queries do not allow the figure.

    `coverage_at_95`: largest share of the in-scope questions that can be answered rightly with 95 % of given
    answers right, over all thresholds, out-of-scope questions asked too. `answered…` use the default bands;
    `in_scope_accuracy` counts a right article that is not rejected. `mcc`: Matthews correlation over all
    articles and "none", at the default threshold and at the best.
    """

    queries: int
    in_scope: int
    out_of_scope: int
    accuracy: float | None
    recall_at_3: float | None
    mrr: float | None
    map: float | None
    coverage_at_95: float | None
    coverage_at_98: float | None
    answered: float
    answered_precision: float | None
    suggested: float
    suggested_recall_at_3: float | None
    none: float
    in_scope_accuracy: float | None
    out_of_scope_recall: float | None
    auroc: float | None
    ece: float
    mcc: float
    best_mcc: float


def measure(outcomes: Sequence[Outcome]) -> Metrics:
    """Return all figures of at least one outcome."""
    scoped = [outcome for outcome in outcomes if outcome.relevant is not None]
    confidence = np.array([outcome.confidence for outcome in outcomes])
    right = np.array([outcome.right for outcome in outcomes])
    in_scope = np.array([outcome.relevant is not None for outcome in outcomes])
    answered = confidence >= ANSWER_FROM
    offered = confidence >= SUGGEST_FROM
    return Metrics(
        queries=len(outcomes),
        in_scope=len(scoped),
        out_of_scope=len(outcomes) - len(scoped),
        accuracy=_mean(right[in_scope]),
        recall_at_3=_mean([outcome.ranks[0] <= 3 for outcome in scoped]),
        mrr=_mean([1 / outcome.ranks[0] for outcome in scoped]),
        map=_mean([_average_precision(outcome.ranks) for outcome in scoped]),
        coverage_at_95=coverage(confidence, right, len(scoped), 0.95),
        coverage_at_98=coverage(confidence, right, len(scoped), 0.98),
        answered=float(answered.mean()),
        answered_precision=_mean(right[answered]),
        suggested=float((offered & ~answered).mean()),
        suggested_recall_at_3=_suggested_recall(outcomes),
        none=float((~offered).mean()),
        in_scope_accuracy=_mean((right & offered)[in_scope]),
        out_of_scope_recall=_mean(~offered[~in_scope]),
        auroc=auroc(confidence[in_scope], confidence[~in_scope]),
        ece=calibration_error(confidence, right),
        mcc=matthews(outcomes, SUGGEST_FROM),
        best_mcc=_best_matthews(outcomes),
    )


def _mean(values: Sequence[float] | Sequence[bool] | npt.NDArray[np.generic]) -> float | None:
    return float(np.mean(np.asarray(values, dtype=np.float64))) if len(values) else None


def _average_precision(ranks: Sequence[int]) -> float:
    return sum(found / rank for found, rank in enumerate(ranks, start=1)) / len(ranks)


def _suggested_recall(outcomes: Sequence[Outcome]) -> float | None:
    offered = [o for o in outcomes if o.relevant is not None and SUGGEST_FROM <= o.confidence < ANSWER_FROM]
    return _mean([outcome.ranks[0] <= 3 for outcome in offered])


def coverage(confidence: Numbers, right: Flags, in_scope: int, precision: float) -> float | None:
    """Return the largest share of in-scope questions answered rightly at this precision of the answers."""
    if not in_scope:
        return None
    order = np.argsort(-confidence, kind="stable")
    found = np.cumsum(right[order])
    precise = np.flatnonzero(found >= precision * np.arange(1, len(order) + 1))
    return float(found[precise[-1]] / in_scope) if len(precise) else 0.0


def auroc(positives: Numbers, negatives: Numbers) -> float | None:
    """Return the probability that a positive exceeds a negative, ties counting half."""
    if not len(positives) or not len(negatives):
        return None
    ordered = np.sort(negatives)
    below = np.searchsorted(ordered, positives, side="left")
    not_above = np.searchsorted(ordered, positives, side="right")
    return float((below + not_above).mean() / 2 / len(negatives))


def calibration_error(confidence: Numbers, right: Flags) -> float:
    """Return the expected calibration error over ten equal-width bins."""
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [
        abs(confidence[bins == number].mean() - right[bins == number].mean()) * (bins == number).mean()
        for number in np.unique(bins)
    ]
    return float(sum(gaps))


def matthews(outcomes: Sequence[Outcome], threshold: float) -> float:
    """Return the multi-class Matthews correlation with "none" predicted below `threshold`."""
    truth = [outcome.relevant for outcome in outcomes]
    guesses = [(o.relevant if o.right else o.first) if o.confidence >= threshold else None for o in outcomes]
    classes = {name: number for number, name in enumerate({*truth, *guesses})}
    true_counts = np.bincount([classes[name] for name in truth], minlength=len(classes)).astype(float)
    guess_counts = np.bincount([classes[name] for name in guesses], minlength=len(classes)).astype(float)
    total, hits = len(outcomes), sum(a == b for a, b in zip(truth, guesses, strict=True))
    spread = (total**2 - guess_counts @ guess_counts) * (total**2 - true_counts @ true_counts)
    return float((hits * total - true_counts @ guess_counts) / np.sqrt(spread)) if spread else 0.0


def _best_matthews(outcomes: Sequence[Outcome]) -> float:
    thresholds = np.unique(np.quantile([outcome.confidence for outcome in outcomes], np.linspace(0, 1, 101)))
    return max(matthews(outcomes, threshold) for threshold in thresholds)
