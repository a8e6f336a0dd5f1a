"""Reads messages as the bot does, without Rasa: scores of the message classifier, and an intent.

The intent comes from a logistic regression over sentence vectors of `data/nlu`; Rasa's own pipeline adds words and
character runs to them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import yaml
from sklearn.linear_model import LogisticRegression

from assistant.encoder import Encoder
from assistant.escalation.cues import plain
from assistant.escalation.sentiment import MessageClassifier
from assistant.escalation.turns import Turn

# As in `config.yml`.
FALLBACK_CONFIDENCE = 0.35
FALLBACK = "nlu_fallback"
_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


class Reader:
    """Makes turns without outcome. `nlu` is the directory of Rasa's training examples."""

    def __init__(self, encoder: Encoder, classifier: MessageClassifier, nlu: Path) -> None:
        self._encoder, self._classifier = encoder, classifier
        texts, intents = zip(*_examples(nlu), strict=True)
        self._intents = LogisticRegression(C=10.0, max_iter=1000).fit(encoder.encode(texts), intents)

    def read(self, texts: Sequence[str]) -> list[Turn]:
        """One turn a text; the message id is the text's number."""
        if not texts:
            return []
        vectors = self._encoder.encode([plain(text) or "?" for text in texts])
        shares = self._intents.predict_proba(vectors)
        return [
            Turn(str(number), text, self._classifier.score(text, vectors[number]), *self._intent(shares[number]))
            for number, text in enumerate(texts)
        ]

    def _intent(self, shares: np.ndarray) -> tuple[str, float]:
        best = int(shares.argmax())
        confidence = float(shares[best])
        return (str(self._intents.classes_[best]) if confidence >= FALLBACK_CONFIDENCE else FALLBACK), confidence


def _examples(directory: Path) -> list[tuple[str, str]]:
    """(text, intent) of all examples, entity marks removed."""
    return [
        (_ENTITY.sub(r"\1", line.removeprefix("- ")).strip(), entry["intent"])
        for path in sorted(directory.glob("*.yml"))
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]
        if "intent" in entry
        for line in entry["examples"].splitlines()
    ]
