"""Fits what each kind of weak evidence weighs, on dialogues that say by which turn a person is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from assistant.escalation.mood import running_frustration
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.trouble import KINDS, evidence
from assistant.replay.scripted import Scripted
from assistant.replay.simulator import Judged, Simulator

Numbers = npt.NDArray[np.float64]

# Pull of the weights towards 0: a few hundred dialogues, eight weights.
RIDGE = 0.05
# Where the fit starts.
START_WEIGHT, START_STEEPNESS = 0.3, 3.0
# No single sign brings a person: the first repeat gets other choices, the first question without an answer an offer.
MOST = 0.5
# The rule that is fitted; what another brings in time says nothing about it.
MEASURE = "trouble"


@dataclass(frozen=True)
class Told:
    """A dialogue as the rules see it.

    `running` (turns, kinds) is the fading sum of the evidence after each turn; `angriest` the highest probability of
    fury, `frustration` the highest running one; `due` the turns within which a person is due, None if none is;
    `elsewhere` the first turn, from 0, at which another rule fires.
    """

    running: Numbers
    angriest: float
    frustration: float
    due: int | None
    elsewhere: int | None


def tell(dialogues: Sequence[Scripted], simulator: Simulator, at: Thresholds) -> list[Told]:
    """Simulate the dialogues with the rules as they are."""
    return [_told(dialogue, simulator.simulate(dialogue.turns, at), at) for dialogue in dialogues]


def _told(dialogue: Scripted, judged: Sequence[Judged], at: Thresholds) -> Told:
    turns = [one.turn for one in judged]
    running = np.zeros((len(turns), len(KINDS)))
    for end in range(1, len(turns) + 1):
        shown = evidence(turns[:end], at)
        before = running[end - 2] if end > 1 else np.zeros(len(KINDS))
        running[end - 1] = np.array([shown[kind] for kind in KINDS]) + at.decay * before
    fired = (turn for turn, one in enumerate(judged) if any(t.measure != MEASURE for t in one.triggers))
    angriest = max(turn.scores.angry for turn in turns)
    frustration = max(running_frustration(turns[:end], at) for end in range(1, len(turns) + 1))
    return Told(running, angriest, frustration, dialogue.by_turn, next(fired, None))


def fit_weights(told: Sequence[Told]) -> dict[str, float]:
    """Weights by kind, such that 1 is where a person is as likely due as not, none above `MOST`.

    A dialogue counts by its highest score: up to the turn by which a person is due, or over all turns if none is.
    """
    start = np.append(np.full(len(KINDS), START_WEIGHT), START_STEEPNESS)
    bounds = [(0.0, MOST)] * len(KINDS) + [(1.0, None)]
    counted = [one for one in told if one.due is None or one.elsewhere is None or one.elsewhere >= one.due]
    found = minimize(_loss, start, args=(counted,), jac=True, method="L-BFGS-B", bounds=bounds).x
    return {kind: round(float(weight), 3) for kind, weight in zip(KINDS, found, strict=False)}


def _loss(parameters: Numbers, told: Sequence[Told]) -> tuple[float, Numbers]:
    """Logistic loss of steepness · (weights · evidence - 1), and its gradient."""
    weights, steepness = parameters[:-1], parameters[-1]
    loss = RIDGE * steepness**2 * float(weights @ weights)
    gradient = RIDGE * 2 * np.append(steepness**2 * weights, steepness * (weights @ weights))
    for one in told:
        rows = one.running[: one.due]
        sums = rows @ weights
        highest = int(sums.argmax())
        sign = -1.0 if one.due is not None else 1.0
        logit = sign * steepness * (sums[highest] - 1)
        loss += float(np.logaddexp(0.0, logit))
        slope = sign / (1 + np.exp(-logit))
        gradient += slope * np.append(steepness * rows[highest], sums[highest] - 1)
    return loss, gradient


def highest_scores(told: Sequence[Told], weights: Mapping[str, float]) -> Numbers:
    """The highest running score of each dialogue in which no person is due and no other rule fires."""
    weighing = np.array([weights[kind] for kind in KINDS])
    clean = [one for one in told if one.due is None and one.elsewhere is None]
    return np.array([float((one.running @ weighing).max()) for one in clean])
