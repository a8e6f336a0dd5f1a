"""What customers' signs said about the first article found, kept as numbers: no text, nobody's id."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from knowledge_base.calibration import FEATURES
from knowledge_base.heads import Floats
from knowledge_base.snapshot import SnapshotError

FILE = "feedback.json"
FORMAT = 2
# Judged questions; the newest say how the assistant does now.
MAX_KEPT = 5_000

Flags = npt.NDArray[np.bool_]
Times = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Feedback:
    """Features (questions, 4) of the first article, whether it was right, and when it was asked (ms since 1970).

    `made_with` names encoder and scores: features of others cannot be compared.
    """

    made_with: str
    features: Floats
    right: Flags
    times: Times

    @classmethod
    def of(cls, made_with: str, rows: Sequence[tuple[Floats, bool, int]]) -> Feedback:
        """Return feedback from (features, right, time) rows."""
        return cls(
            made_with,
            np.array([features for features, _, _ in rows], dtype=np.float32).reshape(-1, FEATURES),
            np.array([right for _, right, _ in rows], dtype=np.bool_),
            np.array([time for _, _, time in rows], dtype=np.int64),
        )

    def with_newer(self, newer: Feedback) -> Feedback:
        """Return both, the newest `MAX_KEPT`. A question judged again counts once, as `newer` says.

        The time tells one question from another: of two asked in the same millisecond one may get lost.
        """
        known = np.isin(self.times, newer.times)
        if self.made_with != newer.made_with:
            known[:] = True
        features = np.concatenate([self.features[~known], newer.features])
        right = np.concatenate([self.right[~known], newer.right])
        times = np.concatenate([self.times[~known], newer.times])
        kept = np.argsort(times, kind="stable")[-MAX_KEPT:]
        return Feedback(newer.made_with, features[kept], right[kept], times[kept])


def read_feedback(root: Path, made_with: str) -> Feedback:
    """Return what is kept in `root` for `made_with`, maybe nothing. Raises `SnapshotError`."""
    path = root / FILE
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        if row["format"] != FORMAT or row["made_with"] != made_with:
            return Feedback.of(made_with, ())
        judged = [
            (np.array(features, dtype=np.float32), bool(right), int(time)) for *features, right, time in row["judged"]
        ]
        return Feedback.of(made_with, judged)
    except FileNotFoundError:
        return Feedback.of(made_with, ())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotError(f"{path} cannot be read ({error}). Restore it, or delete it to start anew.") from error


def write_feedback(root: Path, feedback: Feedback) -> None:
    """Replace what is kept in `root`."""
    judged = [
        [*(round(float(value), 4) for value in features), int(right), int(time)]
        for features, right, time in zip(feedback.features, feedback.right, feedback.times, strict=True)
    ]
    row = {"format": FORMAT, "made_with": feedback.made_with, "judged": judged}
    temporary = root / f".{FILE}-{os.getpid()}"
    temporary.write_text(json.dumps(row, separators=(",", ":")) + "\n", encoding="utf-8")
    temporary.replace(root / FILE)
