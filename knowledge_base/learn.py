"""Learning from customers: from judged questions to a recalibrated confidence, if it is better for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from assistant.encoder import Encoder
from knowledge_base.calibration import Calibration
from knowledge_base.feedback import Feedback, read_feedback, write_feedback
from knowledge_base.heads import Floats
from knowledge_base.recalibration import UNCHANGED, Comparison, Recalibration, compare, enough, fit
from knowledge_base.search import KnowledgeBase
from knowledge_base.snapshot import load_current, save_recalibrated
from knowledge_base.understanding import understand

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Judgement:
    """A question that a customer typed, and what they made known about an article.

    `previous` is the id of the article given just before, `milliseconds` when it was asked, since 1970.
    """

    text: str
    article_id: str
    right: bool
    milliseconds: int
    previous: str | None = None


@dataclass(frozen=True)
class Lesson:
    """What was learned. `used`: judgements that say something about the first article of today's index; `comparison`
    is over all that is kept, None if that is too little; `version` of the new snapshot, None if none was written.
    """

    judgements: int
    used: int
    kept: Feedback
    comparison: Comparison | None
    recalibration: Recalibration
    version: str | None


def learn(
    judgements: Sequence[Judgement],
    root: Path,
    encoder: Encoder,
    dry_run: bool = False,
    progress: Progress = lambda done: None,
) -> Lesson:
    """Add judgements to what is kept in `root`, refit, and let a new snapshot serve if the confidence changed.

    `dry_run` writes nothing. Raises `SnapshotError`.
    """
    knowledge_base = load_current(root, encoder)
    calibration = knowledge_base.calibration
    made_with = made_with_of(encoder, knowledge_base.kind)
    seen = observe(judgements, knowledge_base, made_with, progress)
    kept = read_feedback(root, made_with).with_newer(seen)
    recalibration, comparison = recalibrate(kept, calibration)
    version = None
    if not dry_run:
        write_feedback(root, kept)
        if recalibration != calibration.learned:
            version = save_recalibrated(root, knowledge_base.version, replace(calibration, learned=recalibration))
    return Lesson(len(judgements), len(seen.right), kept, comparison, recalibration, version)


def learned_before(root: Path, calibration: Calibration, encoder: Encoder, kind: str) -> Calibration:
    """Return a new index's calibration with what is kept in `root` learned. Raises `SnapshotError`."""
    kept = read_feedback(root, made_with_of(encoder, kind))
    return replace(calibration, learned=recalibrate(kept, calibration)[0])


def made_with_of(encoder: Encoder, kind: str) -> str:
    """Return the name of what features are made with: posteriors of different kinds of scores cannot be compared."""
    return f"{encoder.fingerprint} {kind}"


def observe(
    judgements: Sequence[Judgement],
    knowledge_base: KnowledgeBase,
    made_with: str,
    progress: Progress = lambda done: None,
) -> Feedback:
    """Return what the judgements say about the first article that is found for each question now."""
    # Many customers ask the usual in the same words.
    find = cache(lambda text, previous: _first(text, previous, knowledge_base))
    rows: list[tuple[Floats, bool, int]] = []
    for number, judgement in enumerate(judgements):
        progress(number / len(judgements))
        first = find(judgement.text, judgement.previous)
        if first is None or judgement.article_id not in knowledge_base.articles:
            continue
        article_id, features = first
        # Of one that was wrong and is no longer found first, nothing follows for the one that is.
        if judgement.right or judgement.article_id == article_id:
            right = judgement.right and judgement.article_id == article_id
            rows.append((features, right, judgement.milliseconds))
    return Feedback.of(made_with, rows)


def recalibrate(feedback: Feedback, calibration: Calibration) -> tuple[Recalibration, Comparison | None]:
    """Return what the feedback changes about a calibration: nothing if it is too little or does not help."""
    if not enough(feedback.right):
        return UNCHANGED, None
    confidence = calibration.before_learning(feedback.features).astype(np.float64)
    comparison = compare(confidence, feedback.right)
    return (fit(confidence, feedback.right) if comparison.better else UNCHANGED), comparison


def _first(text: str, previous: str | None, knowledge_base: KnowledgeBase) -> tuple[str, Floats] | None:
    """Return the first article and its features; None for several questions, or one read with the answer before it."""
    asked, *others = understand(knowledge_base, text, previous)
    if others or asked.article_id is None or asked.follows is not None:
        return None
    return asked.article_id, knowledge_base.evidence(asked.text)
