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
from assistant.escalation.sentiment import SIGNALS, TOPICS, MessageScores, head_names
from assistant.escalation.thresholds import BALANCED, MAX_ASKED_FOR_HUMAN, PRESETS, Thresholds
from assistant.setup.classifier import fit
from assistant.setup.labelled_data import LabelledData
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
    asked = (data.mood, data.human, data.abuse, data.sensitive)
    logits = [np.empty((len(one.rows), len(head_names()))) for one in asked]
    for fold in range(FOLDS):
        progress("messages", 0.2 + 0.6 * fold / FOLDS)
        fitted = fit(data.without(fold, FOLDS))
        for one, found in zip(asked, logits, strict=True):
            left_out = np.flatnonzero(one.folds(FOLDS) == fold)
            found[left_out] = fitted.logits(one.rows_at(left_out.tolist()), data.encoded)
    mood, human, abuse, sensitive = logits
    return OutOfFold(
        _signal(human, "asked_for_human"),
        np.array([label == "yes" for _, label in data.human.rows]),
        [MessageScores.from_json(dict(zip(SIGNALS, row, strict=False))) for row in _sigmoid(mood).tolist()],
        [label for _, label in data.mood.rows],
        _signal(abuse, "abusive"),
        np.array([label == "abuse" for _, label in data.abuse.rows]),
        _topics(sensitive),
        data.topics,
    )


def _signal(logits: Scores, name: str) -> Scores:
    return _sigmoid(logits[:, SIGNALS.index(name)])


def _sigmoid(logits: Scores) -> Scores:
    result: Scores = 1 / (1 + np.exp(-logits))
    return result


def _topics(logits: Scores) -> Scores:
    """Shape (texts, none and `TOPICS`), each row a distribution."""
    of_topics = logits[:, len(SIGNALS) :]
    shares = np.exp(of_topics - of_topics.max(axis=1, keepdims=True))
    probabilities: Scores = shares / shares.sum(axis=1, keepdims=True)
    return probabilities


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
