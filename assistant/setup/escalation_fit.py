"""Fits the thresholds of the escalation rules, on the labelled messages and on dialogues written for fitting.

A message threshold is the lowest that lets at most a set share of the messages fire that should not, scored by heads
that have not seen them. The running score's threshold bounds the share of clean dialogues that fire: those in which
nobody needs a person.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.encoder import Encoder
from assistant.escalation.sentiment import NO_TOPIC, TOPICS, MessageScores
from assistant.escalation.thresholds import BALANCED, MAX_ASKED_FOR_HUMAN, PRESETS, Thresholds
from assistant.setup.classifier import (
    FRUSTRATED_LABELS,
    MOOD_C,
    PROBLEM_LABELS,
    REQUEST_C,
    Head,
    LabelledData,
    TrainingSet,
    fit_signal,
    fit_topics,
)
from assistant.setup.trouble_fit import Told, fit_weights, highest_scores

Scores = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]
# The dialogues for fitting, as rules with given thresholds see them.
Dialogues = Callable[[Thresholds], Sequence[Told]]

FOLDS = 4
# Share of messages that fire though they should not, and of clean dialogues, a preset.
MESSAGE_BOUNDS: Mapping[str, float] = {"bot-first": 0.002, "balanced": 0.005, "human-first": 0.01}
CONVERSATION_BOUNDS: Mapping[str, float] = {"bot-first": 0.01, "balanced": 0.04, "human-first": 0.08}
# Share of the dialogues that need nobody in which a message may be taken for a furious one: strong words are common.
FURIOUS_BOUNDS: Mapping[str, float] = {"bot-first": 0.003, "balanced": 0.006, "human-first": 0.015}
# A falling mood takes more than one message.
ONE_MESSAGE = 1.05
# An offer costs the customer one line: this many times as often.
OFFER_FACTOR = 4.0
TROUBLE_OFFER_FACTOR = 2.0
# A life.
SELF_HARM_FACTOR = 8.0
# Most messages that should not fire here were written to look as if they should; what customers write seldom does.
NEAR_MISS_FACTOR = 2.0
# These topics are worth more false alarms.
SENSITIVE_FACTOR = 2.0
# Among the messages that are not furious are frustrated ones, on which a person is no great mistake.
FURIOUS_FACTOR = 10.0
# No threshold on one message below this is believed, however few false alarms it shows here.
LEAST: Mapping[str, float] = {"bot-first": 0.6, "balanced": 0.5, "human-first": 0.4}


@dataclass(frozen=True)
class OutOfFold:
    """Scores of labelled messages by heads fitted without them, with their labels."""

    human: Scores
    wants_human: npt.NDArray[np.bool_]
    mood: Sequence[MessageScores]
    mood_labels: Sequence[str]
    abusive: Scores
    is_abuse: npt.NDArray[np.bool_]
    topics: Scores
    topic_labels: npt.NDArray[np.int64]


def score_out_of_fold(data_dir: Path, encoder: Encoder, progress: Progress) -> OutOfFold:
    """Raises `TrainingDataError`."""
    progress("encode", 0.0)
    data = LabelledData.read(data_dir, encoder)
    progress("wishes for a person", 0.2)
    human = _signal(data.human, "yes".__eq__, REQUEST_C)
    progress("abuse", 0.4)
    abusive = _signal(data.abuse, "abuse".__eq__, REQUEST_C)
    progress("topics", 0.5)
    topics = _topics(data.sensitive)
    progress("mood", 0.7)
    names = (NO_TOPIC, *TOPICS)
    return OutOfFold(
        human,
        np.array([label == "yes" for _, label in data.human.rows]),
        _moods(data),
        [label for _, label in data.mood.rows],
        abusive,
        np.array([label == "abuse" for _, label in data.abuse.rows]),
        topics,
        np.array([names.index(label) for _, label in data.sensitive.rows]),
    )


def _moods(data: LabelledData) -> list[MessageScores]:
    negative = _signal(data.mood, PROBLEM_LABELS.__contains__, MOOD_C)
    frustrated = _signal(data.mood, FRUSTRATED_LABELS.__contains__, MOOD_C)
    angry = _signal(data.mood, "angry".__eq__, MOOD_C)
    weights, bias = fit_signal(data.turned_down, "yes".__eq__, MOOD_C)
    turned_down = _sigmoid(np.asarray(data.mood.x @ weights.T)[:, 0] + bias)
    return [
        MessageScores(negative=n, frustrated=f, angry=a, turned_down=t)
        for n, f, a, t in zip(*(s.tolist() for s in (negative, frustrated, angry, turned_down)), strict=True)
    ]


def _signal(data: TrainingSet, positive: Callable[[str], bool], inverse_regularisation: float) -> Scores:
    def fit(part: TrainingSet) -> Head:
        return fit_signal(part, positive, inverse_regularisation)

    return _sigmoid(_out_of_fold(data, fit)[:, 0])


def _topics(data: TrainingSet) -> Scores:
    logits = _out_of_fold(data, fit_topics)
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: Scores = shares / shares.sum(axis=1, keepdims=True)
    return probabilities


def _out_of_fold(data: TrainingSet, fit: Callable[[TrainingSet], Head]) -> Scores:
    fold_of = np.random.default_rng(0).permutation(len(data.rows)) % FOLDS
    logits: list[tuple[npt.NDArray[np.int64], Scores]] = []
    for fold in range(FOLDS):
        kept, asked = np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
        weights, bias = fit(data.rows_at(kept.tolist()))
        logits.append((asked, np.asarray(data.x[asked] @ weights.T) + bias))
    scores = np.empty((len(data.rows), logits[0][1].shape[1]))
    for asked, values in logits:
        scores[asked] = values
    return scores


def _sigmoid(logits: Scores) -> Scores:
    result: Scores = 1 / (1 + np.exp(-logits))
    return result


def fit_presets(scored: OutOfFold, dialogues: Dialogues) -> dict[str, dict[str, float]]:
    """Thresholds by preset: what `offramp escalation fit` writes. `dialogues` are simulated with its first ones."""
    messages = {preset: _message_thresholds(scored, preset) for preset in PRESETS}
    first: dict[str, Any] = messages["balanced"]
    told = dialogues(replace(BALANCED, **first))
    fallen = np.array([one.frustration for one in told if one.due is None])
    calm = np.array([one.angriest for one in told if one.due is None])
    for preset, thresholds in messages.items():
        thresholds["furious"] = round(max(thresholds["furious"], bounded(calm, FURIOUS_BOUNDS[preset])), 3)
        thresholds["running_frustration"] = round(max(ONE_MESSAGE, bounded(fallen, FURIOUS_BOUNDS[preset])), 3)
    weights = fit_weights(told)
    highest = highest_scores(told, weights)
    weighed = {f"{kind}_weight": weight for kind, weight in weights.items()}
    return {preset: {**messages[preset], **_trouble_thresholds(highest, preset), **weighed} for preset in PRESETS}


def _message_thresholds(scored: OutOfFold, preset: str) -> dict[str, float]:
    bound, least = MESSAGE_BOUNDS[preset], LEAST[preset]
    quiet = ~scored.wants_human
    not_angry = np.array(
        [s.angry for s, label in zip(scored.mood, scored.mood_labels, strict=True) if label != "angry"]
    )
    harmless = scored.topics[scored.topic_labels == 0]
    self_harm = 1 + TOPICS.index("self_harm")
    others = np.delete(harmless[:, 1:], self_harm - 1, axis=1).max(axis=1)
    fitted = {
        "asked_for_human": min(MAX_ASKED_FOR_HUMAN, max(least, bounded(scored.human[quiet], bound * NEAR_MISS_FACTOR))),
        "offer_human": max(least / 2, bounded(scored.human[quiet], bound * OFFER_FACTOR)),
        "furious": max(least, bounded(not_angry, bound * FURIOUS_FACTOR)),
        "sensitive": max(least, bounded(others, bound * SENSITIVE_FACTOR)),
        "self_harm": max(least, bounded(harmless[:, self_harm], bound * SELF_HARM_FACTOR)),
        "abusive": max(least, bounded(scored.abusive[~scored.is_abuse], bound * NEAR_MISS_FACTOR)),
    }
    return {name: round(float(value), 3) for name, value in fitted.items()}


def _trouble_thresholds(highest: Scores, preset: str) -> dict[str, float]:
    bound = CONVERSATION_BOUNDS[preset]
    fitted = {"trouble": bounded(highest, bound), "offer_trouble": bounded(highest, bound * TROUBLE_OFFER_FACTOR)}
    return {name: round(value, 3) for name, value in fitted.items()}


def bounded(scores: Scores, share: float) -> float:
    """The lowest threshold that at most `share` of the scores reach."""
    return float(np.quantile(scores, 1 - share)) + 1e-3 if len(scores) else 1.0
