"""Fits the message classifier on `data/escalation/*.csv`: two logistic regressions, seconds of work."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from assistant.encoder import Encoder
from assistant.escalation.sentiment import LinearHead, MessageClassifier, cues, mentions_people

SENTIMENT_FILE = "sentiment.csv"
HUMAN_FILE = "asked_for_human.csv"
NEGATIVE_LABELS = ("frustrated", "angry")
SENTIMENT_LABELS = ("calm", *NEGATIVE_LABELS)
HUMAN_LABELS = ("no", "yes")
# Inverse regularisation, chosen by cross-validation on the project's own data; flat between 3 and 30.
INVERSE_REGULARISATION = 10.0

Matrix = npt.NDArray[np.float64]


class TrainingDataError(ValueError):
    """A labelled file cannot be used; the message names file and line."""


def read_labelled(path: Path, labels: tuple[str, ...]) -> list[tuple[str, str]]:
    """(text, label) rows of a CSV with the header `text,label`."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != ["text", "label"]:
                raise TrainingDataError(f"{path}:1: the header must be `text,label`")
            rows = [(reader.line_num, row["text"], row["label"]) for row in reader]
    except OSError as error:
        raise TrainingDataError(f"{path}: {error.strerror}") from error
    for line, text, label in rows:
        if not text or label not in labels:
            raise TrainingDataError(f"{path}:{line}: needs a text and one of the labels {', '.join(labels)}")
    return [(text, label) for _, text, label in rows]


def features(texts: list[str], encoder: Encoder) -> Matrix:
    """Shape (texts, dimension + cues)."""
    return np.hstack([encoder.encode(texts).astype(np.float64), np.stack([cues(text) for text in texts])])


def fit_head(x: Matrix, positive: list[bool]) -> LinearHead:
    model = LogisticRegression(C=INVERSE_REGULARISATION, max_iter=2000)
    model.fit(x, positive)
    return LinearHead(np.asarray(model.coef_[0], dtype=np.float64), float(model.intercept_[0]))


def fit_classifier(data_dir: Path, encoder: Encoder) -> MessageClassifier:
    """Raises `TrainingDataError` if a labelled file is broken."""
    mood = read_labelled(data_dir / SENTIMENT_FILE, SENTIMENT_LABELS)
    human = read_labelled(data_dir / HUMAN_FILE, HUMAN_LABELS)
    # Calm messages without a word for people: more of what customers write when they want no one.
    without_people = [(text, "no") for text, label in mood if label == "calm" and not mentions_people(text)]
    mood_x = features([text for text, _ in mood], encoder)
    human_rows = human + without_people
    human_x = features([text for text, _ in human_rows], encoder)
    return MessageClassifier(
        negative=fit_head(mood_x, [label in NEGATIVE_LABELS for _, label in mood]),
        asked_for_human=fit_head(human_x, [label == "yes" for _, label in human_rows]),
        encoder_fingerprint=encoder.fingerprint,
    )


def write_classifier(classifier: MessageClassifier, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".tmp")
    temporary.write_text(json.dumps(classifier.as_json()))
    temporary.replace(path)
