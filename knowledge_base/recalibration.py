"""What customers' signs change about the confidence: three parameters, and only where customers were shown something.

Few questions are judged, and not at random: some complain who would not have said thanks, others leave in silence,
and what was neither answered nor offered is never judged. So the signs may make answers rarer, never more frequent,
and leave the border of suggestions where it is; inside the bands the confidence may rise and fall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge_base.confidence import ANSWER_FROM, SUGGEST_FROM
from knowledge_base.metrics import calibration_error

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Judged questions, and how many of them must be right and how many wrong: with twenty of the rarer kind, chance moves
# a logit by about a quarter, four points at 0.8, and the prior halves that.
MIN_JUDGED = 200
MIN_OF_A_KIND = 20
# Logits. At the border of answers: down to where 0.8 was 0.92, and never up (see above). Midway between the borders:
# no more, or the order of confidences would not stay. For each logit above the border of answers.
SHIFT_BOUNDS = (-1.0, 0.0)
BEND_BOUNDS = (-0.25, 0.25)
SLOPE_BOUNDS = (-0.5, 1.0)
BOUNDS = (SHIFT_BOUNDS, BEND_BOUNDS, SLOPE_BOUNDS)
# Standard deviations of the prior around no change, in the same order.
SPREADS = np.array([0.5, 0.25, 0.25])
FOLDS = 5
# Standard errors by which the log-loss must fall. With one, signs replayed on the demo shop's questions moved a
# confidence that was right already.
CLEARLY = 2.0
# Kept from certainty when taking logits.
SMALLEST = 1e-6


@dataclass(frozen=True)
class Recalibration:
    """A monotone map of the confidence, in logits: `shift` at the border of answers, fading to nothing at the border
    of suggestions and below; `bend` midway between the two; above the border of answers, `slope` for each logit.
    """

    shift: float = 0.0
    bend: float = 0.0
    slope: float = 0.0

    def __call__(self, confidence: Numbers) -> Numbers:
        """Return the confidences (texts,) after the change."""
        if self == UNCHANGED:
            return confidence
        logits = _logits(confidence)
        return _logistic(logits + _terms(logits) @ np.array([self.shift, self.bend, self.slope]))


UNCHANGED = Recalibration()


@dataclass(frozen=True)
class Comparison:
    """Judged questions without and with a recalibration; `after` figures are of folds that it was not fitted on.

    `precision…`: share right of the questions answered, None if none was. `error…`: expected calibration error.
    `gain`: mean log-loss saved, nats, with its standard error.
    """

    judged: int
    wrong: int
    answered_before: int
    answered_after: int
    precision_before: float | None
    precision_after: float | None
    error_before: float
    error_after: float
    gain: float
    gain_error: float

    @property
    def better(self) -> bool:
        """Whether the log-loss falls by more than chance does it."""
        return self.gain > CLEARLY * self.gain_error


def enough(right: Flags) -> bool:
    """Say whether there are enough of both kinds to fit on."""
    return len(right) >= MIN_JUDGED and min(int(right.sum()), int((~right).sum())) >= MIN_OF_A_KIND


def fit(confidence: Numbers, right: Flags) -> Recalibration:
    """Fit on confidences (questions,) and whether the article was right, shrunk to no change."""
    from scipy.optimize import minimize

    logits = _logits(confidence)
    terms = _terms(logits)
    precision = 1 / SPREADS**2

    def loss(change: Numbers) -> tuple[float, Numbers]:
        moved = logits + terms @ change
        value = np.logaddexp(0, np.where(right, -moved, moved)).sum() + precision @ change**2 / 2
        return float(value), terms.T @ (_logistic(moved) - right) + precision * change

    best = minimize(loss, np.zeros(len(BOUNDS)), jac=True, method="L-BFGS-B", bounds=BOUNDS).x
    return Recalibration(*(float(change) for change in best))


def compare(confidence: Numbers, right: Flags) -> Comparison:
    """Compare by cross-validation; `confidence` is without any recalibration. At least one question."""
    after = _cross_validated(confidence, right)
    gains = _log_losses(confidence, right) - _log_losses(after, right)
    answered_before, answered_after = confidence >= ANSWER_FROM, after >= ANSWER_FROM
    return Comparison(
        judged=len(right),
        wrong=int((~right).sum()),
        answered_before=int(answered_before.sum()),
        answered_after=int(answered_after.sum()),
        precision_before=_share(right[answered_before]),
        precision_after=_share(right[answered_after]),
        error_before=calibration_error(confidence, right),
        error_after=calibration_error(after, right),
        gain=float(gains.mean()),
        gain_error=float(gains.std() / np.sqrt(len(gains))),
    )


def _cross_validated(confidence: Numbers, right: Flags) -> Numbers:
    folds = np.random.default_rng(0).permutation(len(right)) % FOLDS
    after = confidence.copy()
    for fold in range(FOLDS):
        held_out = folds == fold
        after[held_out] = fit(confidence[~held_out], right[~held_out])(confidence[held_out])
    return after


def _terms(logits: Numbers) -> Numbers:
    """Return (texts, 3): how much of shift, bend and slope each logit gets."""
    low, high = (float(np.log(border / (1 - border))) for border in (SUGGEST_FROM, ANSWER_FROM))
    along = np.clip((logits - low) / (high - low), 0, 1)
    return np.stack([along, 4 * along * (1 - along), np.maximum(logits - high, 0)], axis=1)


def _log_losses(confidence: Numbers, right: Flags) -> Numbers:
    logits = _logits(confidence)
    losses: Numbers = np.logaddexp(0, np.where(right, -logits, logits))
    return losses


def _share(right: Flags) -> float | None:
    return float(right.mean()) if len(right) else None


def _logits(confidence: Numbers) -> Numbers:
    kept = np.clip(confidence.astype(np.float64), SMALLEST, 1 - SMALLEST)
    logits: Numbers = np.log(kept / (1 - kept))
    return logits


def _logistic(logits: Numbers) -> Numbers:
    probabilities: Numbers = 1 / (1 + np.exp(-logits))
    return probabilities
