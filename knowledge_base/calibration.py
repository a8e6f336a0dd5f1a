"""Confidence that fits itself to the knowledge base at every build, without any out-of-scope data.

Two questions, one probability each: does any article answer this, and if so, is it the winner? Both are logistic
regressions with non-negative weights, so that no evidence ever lowers confidence; the product is the confidence.
`knowledge_base.observations` makes the examples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge_base.heads import Floats, Rows
from knowledge_base.recalibration import UNCHANGED, Recalibration
from knowledge_base.scoring import Scores

Doubles = npt.NDArray[np.float64]
Bounds = tuple[float | None, ...]
Flags = npt.NDArray[np.bool_]

# How many `features` there are, and which of them is the posterior.
FEATURES = 4
POSTERIOR = 1
# Share of customers' questions that no article answers; a setting of the build.
OUT_OF_SCOPE_PRIOR = 0.25
# Share of the questions out of scope that are about the topic of an article that is merely missing; the others
# are further away. Chosen among three on the validation part of CLINC150 and on the demo shop's questions.
NEAR_SHARE = 0.5
# Bound of the posterior's weight in "does any article answer": the posteriors of hidden articles' texts are flatter
# than those of texts from elsewhere, which would count for too much. Chosen among four on the same data.
MAX_SCOPE_POSTERIOR = 0.2
# Bound of a posterior's logit: a head never seen wrong is not thereby certain.
LOGIT_BOUND = 12.0
# Observations that the shipped weights count for.
PRIOR_OBSERVATIONS = 5.0


@dataclass(frozen=True)
class Calibration:
    """Logits that some article answers (weights of the `features` in their order, intercept), and that then the winner
    is right (weight of the posterior, intercept); `learned` is what customers' signs change about their product.
    """

    scope: tuple[float, ...]
    winner: tuple[float, float]
    learned: Recalibration = UNCHANGED

    def probability(self, scores: Scores) -> Floats:
        """Return for each text the probability that its best article is right."""
        probability: Floats = self.learned(self.before_learning(features(scores)).astype(np.float64)).astype(np.float32)
        return probability

    def before_learning(self, features: Floats) -> Floats:
        """Return the probabilities for features (texts, 4) as the knowledge base alone gives them."""
        answerable, winner = self._questions(features)
        probability: Floats = (answerable * winner).astype(np.float32)
        return probability

    def questions(self, scores: Scores) -> tuple[Doubles, Doubles]:
        """Return for each text the probability that some article answers it, and that then the best one does.

        Both as the knowledge base alone gives them, before learning.
        """
        return self._questions(features(scores))

    def _questions(self, features: Floats) -> tuple[Doubles, Doubles]:
        evidence: Doubles = features.astype(np.float64)
        answerable = _logistic(evidence @ np.array(self.scope[:-1]) + self.scope[-1])
        return answerable, _logistic(self.winner[0] * evidence[:, POSTERIOR] + self.winner[1])


# Used where there is nothing to fit on, and what few observations are shrunk to. With heads: near the fits on the
# training part of CLINC150 with 3 and 5 phrasings an article. Without: set by hand on the demo shop stripped of its
# phrasings and on StackFAQ with some threads hidden; there the posterior counts little, as equal articles share it.
WITH_HEADS = Calibration((8.0, 0.2, 1.0, 3.0, -1.4), (0.7, 0.6))
WITHOUT_HEADS = Calibration((9.0, 0.0, 0.0, 0.0, -4.0), (0.25, 1.2))


@dataclass(frozen=True)
class Observations:
    """Features (texts, 4) of winners, whether each winner was right, and how much each text counts."""

    features: Floats
    right: Flags
    weights: Doubles

    @classmethod
    def joined(cls, parts: list[Observations]) -> Observations:
        """Concatenate at least one part."""
        return cls(
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.right for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )


def features(scores: Scores) -> Floats:
    """Return (texts, 4): the winner's level, the logit of its posterior among all articles, the share of the text's
    words that it has, and its cohesion, negated: near a loose article, an equal level is less likely a stranger's.
    """
    rows = np.arange(len(scores.fused))
    winners = scores.fused.argmax(axis=1)
    level, wording = scores.level[rows, winners], scores.wording[rows, winners]
    return np.stack([level, _posterior_logit(scores, rows, winners), wording, -scores.cohesion[winners]], axis=1)


def _posterior_logit(scores: Scores, rows: Rows, winners: Rows) -> Floats:
    others = scores.without(winners).fused
    if not np.isfinite(others).any(axis=1).all():
        # Being the only article says nothing about being right.
        return np.zeros(len(rows), dtype=np.float32)
    top = others.max(axis=1, keepdims=True)
    rest = top[:, 0] + np.log(np.exp(others - top).sum(axis=1))
    logit: Floats = np.clip(scores.fused[rows, winners] - rest, -LOGIT_BOUND, LOGIT_BOUND)
    return logit


def fit(answerable: Observations, near: Observations, far: Observations, shipped: Calibration) -> Calibration:
    """Fit both questions: on texts that an article answers, and on texts whose article was hidden (`near`), also
    with its neighbours (`far`); `right` of the latter two is ignored.
    """
    shares = (
        1 - OUT_OF_SCOPE_PRIOR,
        OUT_OF_SCOPE_PRIOR * NEAR_SHARE,
        OUT_OF_SCOPE_PRIOR * (1 - NEAR_SHARE),
    )
    parts = (answerable, near, far)
    total = len(answerable.right) + len(near.right)
    weights = [part.weights / part.weights.sum() * share * total for part, share in zip(parts, shares, strict=True)]
    truth = np.arange(total + len(far.right)) < len(answerable.right)
    scope = _fit(
        np.concatenate([part.features for part in parts]),
        truth,
        np.concatenate(weights),
        np.array(shipped.scope),
        (None, MAX_SCOPE_POSTERIOR, None, None),
    )
    winner = _fit(
        answerable.features[:, [POSTERIOR]],
        answerable.right,
        answerable.weights / answerable.weights.mean(),
        np.array(shipped.winner),
        (None,),
    )
    return Calibration(tuple(float(weight) for weight in scope), (float(winner[0]), float(winner[1])))


def _fit(inputs: Floats, truth: Flags, weights: Doubles, shipped: Doubles, most: Bounds) -> Doubles:
    """Return weights, 0 … `most`, and an intercept (last), shrunk to `shipped`."""
    from scipy.optimize import minimize

    columns = np.column_stack([inputs, np.ones(len(inputs))]).astype(np.float64)
    scale = np.append(inputs.std(axis=0) + 0.01, 1.0)

    def loss(parameters: Doubles) -> tuple[float, Doubles]:
        logits = columns @ parameters
        away = (parameters - shipped) * scale
        value = weights @ np.logaddexp(0, np.where(truth, -logits, logits)) + PRIOR_OBSERVATIONS / 2 * away @ away
        gradient = columns.T @ (weights * (_logistic(logits) - truth)) + PRIOR_OBSERVATIONS * away * scale
        return float(value), gradient

    bounds = [*((0, bound) for bound in most), (None, None)]
    best: Doubles = minimize(loss, shipped, jac=True, method="L-BFGS-B", bounds=bounds).x
    return best


def _logistic(logits: Doubles) -> Doubles:
    return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
