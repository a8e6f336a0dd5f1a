"""Confidence that fits itself to the knowledge base at every build, without any out-of-scope data.

Positives: each phrasing, scored without it. Negatives: the phrasings of articles that are hidden from the
index. A logistic regression with non-negative weights on four features of the winner turns scores into the
probability that the winner is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge_base.heads import Floats, Rows
from knowledge_base.scoring import LEVEL_TEMPERATURE, Heads, Scorer, Scores

Doubles = npt.NDArray[np.float64]

# Share of customers' questions that no article answers; a setting of the build.
OUT_OF_SCOPE_PRIOR = 0.25
FOLDS = 5
# Mean phrasings an article; with fewer, a head fitted without a fold is too unlike the final one. Chosen on
# the validation part of CLINC150: from 5 on, the heads' posterior covers more at equal precision.
HEAD_FROM_PHRASINGS = 5
# Texts asked for positives, and as many for negatives: the fit has five parameters.
MAX_QUESTIONS = 4_000
# Texts scored against all rows at a time, for memory.
CHUNK = 128
# Bound of a posterior's logit: a head never seen wrong is not thereby certain.
LOGIT_BOUND = 12.0
# Weights without any phrasing to fit on, and the point to which few are shrunk. Level: rounded from fits on
# the training part of CLINC150 with 3 phrasings an article. Heads: set by hand, chosen among nine on its
# validation part and small out-of-scope sets: real out-of-scope questions are further than hidden articles.
PRIOR_LEVEL = ((0.2, 6.8, 9.0, 0.0), -4.6)
PRIOR_HEADS = ((0.7, 6.0, 0.0, 0.0), -4.2)
# Observations that the prior weights count for.
PRIOR_OBSERVATIONS = 10.0


@dataclass(frozen=True)
class Calibration:
    """Weights of the features and the intercept; `heads` says which posterior the first feature takes."""

    weights: tuple[float, float, float, float]
    intercept: float
    heads: bool

    def probability(self, scores: Scores) -> Floats:
        """Return for each text the probability that its best article is right."""
        logits = features(scores, self.heads) @ np.array(self.weights) + self.intercept
        probability: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
        return probability


@dataclass(frozen=True)
class Observations:
    """Features (texts, 4) of winners, and whether each winner was right."""

    features: Floats
    right: npt.NDArray[np.bool_]

    @classmethod
    def of(cls, scores: Scores, articles: Rows, owners: Rows, heads: bool) -> Observations:
        """Observe winners; `articles` names the columns of `scores`, `owners` each text's right article."""
        ranked = Scores(scores.dense, scores.dense, scores.level, scores.peak)
        return cls(features(ranked, heads), articles[scores.dense.argmax(axis=1)] == owners)

    @classmethod
    def joined(cls, parts: list[Observations]) -> Observations:
        """Concatenate."""
        return cls(np.concatenate([part.features for part in parts]), np.concatenate([part.right for part in parts]))


def features(scores: Scores, heads: bool) -> Floats:
    """Return (texts, 4): the winner's posterior (logit), level, margin in level; the nearest cosine."""
    rows = np.arange(len(scores.fused))
    winners = scores.fused.argmax(axis=1)
    level = scores.level[rows, winners]
    if scores.level.shape[1] == 1:
        # Being the only article says nothing about being right.
        return np.stack([np.zeros_like(level), level, np.zeros_like(level), scores.peak], axis=1)
    logits = _without(scores.dense if heads else LEVEL_TEMPERATURE * scores.level, winners)
    own = (scores.dense if heads else LEVEL_TEMPERATURE * scores.level)[rows, winners]
    top = logits.max(axis=1, keepdims=True)
    rest = top[:, 0] + np.log(np.exp(logits - top).sum(axis=1))
    margin = level - _without(scores.level, winners).max(axis=1)
    return np.stack([np.clip(own - rest, -LOGIT_BOUND, LOGIT_BOUND), level, margin, scores.peak], axis=1)


def _without(values: Floats, columns: Rows) -> Floats:
    others = values.copy()
    others[np.arange(len(values)), columns] = -np.inf
    return others


def calibrate(
    scorer: Scorer, phrasings: npt.NDArray[np.bool_], progress: Callable[[float], None] = lambda done: None
) -> Calibration:
    """Fit the confidence of `scorer`; `phrasings` (rows,) marks the rows that are asked.

    Without phrasings, or with a single article, the shipped weights are returned.
    """
    asked = np.flatnonzero(phrasings)
    heads = scorer.heads is not None and len(asked) >= HEAD_FROM_PHRASINGS * scorer.articles
    weights, intercept = PRIOR_HEADS if heads else PRIOR_LEVEL
    if scorer.articles < 2 or len(asked) == 0:
        return Calibration(weights, intercept, heads)
    rng = np.random.default_rng(0)
    observe = _observe_with_heads if heads else _observe_levels
    positives, negatives = observe(scorer, asked, rng, progress)
    return fit(positives, negatives, heads)


def fit(positives: Observations, negatives: Observations, heads: bool) -> Calibration:
    """Fit the logistic regression; negatives weigh `OUT_OF_SCOPE_PRIOR` of the whole."""
    from scipy.optimize import minimize

    both = Observations.joined([positives, negatives])
    weight = _weights(len(positives.right), len(negatives.right))
    inputs = np.column_stack([both.features, np.ones(len(both.right))])
    scale = np.append(both.features.std(axis=0) + 0.01, 1.0)
    weights, intercept = PRIOR_HEADS if heads else PRIOR_LEVEL
    prior = np.array([*weights, intercept])

    def loss(parameters: Doubles) -> tuple[float, Doubles]:
        logits = inputs @ parameters
        away = (parameters - prior) * scale
        value = weight @ np.logaddexp(0, np.where(both.right, -logits, logits)) + PRIOR_OBSERVATIONS / 2 * away @ away
        residual = weight * (1 / (1 + np.exp(-logits)) - both.right)
        return float(value), inputs.T @ residual + PRIOR_OBSERVATIONS * away * scale

    best = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(0, None)] * 4 + [(None, None)])
    posterior, level, margin, peak, constant = (float(value) for value in best.x)
    return Calibration((posterior, level, margin, peak), constant, heads)


def _weights(positives: int, negatives: int) -> Doubles:
    total = positives + negatives
    return np.repeat(
        [(1 - OUT_OF_SCOPE_PRIOR) * total / positives, OUT_OF_SCOPE_PRIOR * total / max(1, negatives)],
        [positives, negatives],
    )


def _observe_with_heads(
    scorer: Scorer, asked: Rows, rng: np.random.Generator, progress: Callable[[float], None]
) -> tuple[Observations, Observations]:
    fold_of = _folds(scorer.owners[asked], rng)
    group_of = rng.permutation(scorer.articles) % FOLDS
    positives, negatives = [], []
    for fold in range(FOLDS):
        progress(fold / FOLDS)
        held_out = asked[fold_of == fold]
        kept = np.setdiff1d(np.arange(len(scorer.owners)), held_out)
        positives.append(_ask_refitted(scorer, kept, _sample(held_out, rng)))
        progress((fold + 0.5) / FOLDS)
        hidden = group_of[scorer.owners] == fold
        homeless = asked[hidden[asked]]
        if len(homeless) and not hidden.all():
            negatives.append(_ask_refitted(scorer, np.flatnonzero(~hidden), _sample(homeless, rng)))
    return Observations.joined(positives), Observations.joined(negatives)


def _folds(owners: Rows, rng: np.random.Generator) -> Rows:
    """Deal each article's rows evenly to the folds, starting at a random fold."""
    order = np.lexsort((rng.random(len(owners)), owners))
    folds = np.empty(len(owners), dtype=np.int64)
    folds[order] = np.arange(len(owners)) % FOLDS
    return folds


def _sample(rows: Rows, rng: np.random.Generator) -> Rows:
    size = MAX_QUESTIONS // FOLDS
    return rows if len(rows) <= size else np.sort(rng.choice(rows, size, replace=False))


def _ask_refitted(scorer: Scorer, kept: Rows, asked: Rows) -> Observations:
    """Fit a scorer on the rows `kept` alone, and ask it the rows `asked`."""
    articles, owners = np.unique(scorer.owners[kept], return_inverse=True)
    vectors = scorer.vectors[kept]
    heads = Heads.fit(vectors, owners, len(articles), None) if len(articles) > 1 else None
    refitted = Scorer(vectors, owners, len(articles), heads)
    scores = refitted.scores(scorer.vectors[asked], None)
    return Observations.of(scores, articles, scorer.owners[asked], heads=True)


def _observe_levels(
    scorer: Scorer, asked: Rows, rng: np.random.Generator, progress: Callable[[float], None]
) -> tuple[Observations, Observations]:
    articles = np.arange(scorer.articles)
    group_of = rng.permutation(scorer.articles) % min(FOLDS, scorer.articles)
    chosen = asked if len(asked) <= MAX_QUESTIONS else np.sort(rng.choice(asked, MAX_QUESTIONS, replace=False))
    levels = _LevelsWithoutSelf(scorer)
    positives, negatives = [], []
    for start in range(0, len(chosen), CHUNK):
        progress(start / len(chosen))
        rows = chosen[start : start + CHUNK]
        owners = scorer.owners[rows]
        nearest, central = levels.of(rows)
        positives.append(Observations.of(_level_scores(nearest, central), articles, owners, heads=False))
        hidden = group_of[owners][:, None] == group_of
        nearest[hidden] = central[hidden] = -1.0
        negatives.append(Observations.of(_level_scores(nearest, central), articles, owners, heads=False))
    return Observations.joined(positives), Observations.joined(negatives)


def _level_scores(nearest: Floats, central: Floats) -> Scores:
    level: Floats = ((nearest + central) / 2).astype(np.float32)
    return Scores(LEVEL_TEMPERATURE * level, LEVEL_TEMPERATURE * level, level, nearest.max(axis=1))


class _LevelsWithoutSelf:
    """Nearest and centroid cosine of a row to each article, its own article taken without that row."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self._starts = np.searchsorted(scorer.owners, np.arange(scorer.articles))
        self._sums = np.zeros_like(scorer.centroids)
        np.add.at(self._sums, scorer.owners, scorer.vectors)

    def of(self, rows: Rows) -> tuple[Floats, Floats]:
        vectors, owners, texts = self._scorer.vectors[rows], self._scorer.owners[rows], np.arange(len(rows))
        cosines = vectors @ self._scorer.vectors.T
        cosines[texts, rows] = -1.0
        nearest = np.maximum.reduceat(cosines, self._starts, axis=1)
        central = vectors @ self._scorer.centroids.T
        rest = self._sums[owners] - vectors
        lengths = np.maximum(np.linalg.norm(rest, axis=1), 1e-9)
        central[texts, owners] = (vectors * rest).sum(axis=1) / lengths
        return nearest, central
