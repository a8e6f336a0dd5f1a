"""Reads messages as the bot does, without Rasa: scores of the message classifier, and an intent.

The intent comes from a logistic regression over sentence vectors of `data/nlu`; Rasa's own pipeline adds words and
character runs to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant.encoder import Vectors
from assistant.escalation.sentiment import MessageClassifier
from assistant.escalation.sketch import sketch
from assistant.escalation.turns import Turn
from assistant.message_encoder import MessageEncoder
from assistant.replay.nlu_examples import read_examples

# As in `config.yml`.
FALLBACK_CONFIDENCE = 0.35
FALLBACK = "nlu_fallback"


class Reader:
    """Makes turns without outcome. `nlu` is the directory of Rasa's training examples."""

    def __init__(self, messages: MessageEncoder, classifier: MessageClassifier, nlu: Path) -> None:
        self._messages, self._classifier = messages, classifier
        texts, intents = zip(*read_examples(nlu), strict=True)
        _, vectors = self._encoded([messages.read(text) for text in texts])
        self._intents = LogisticRegression(C=10.0, max_iter=1000).fit(vectors, intents)

    def read(self, texts: Sequence[str]) -> list[Turn]:
        """One turn a text; the message id is the text's number."""
        if not texts:
            return []
        read = [self._messages.read(text) for text in texts]
        features, vectors = self._encoded(read)
        shares = self._intents.predict_proba(vectors)
        return [
            Turn(
                str(number),
                text,
                self._classifier.score(read[number], features[number]),
                *self._intent(shares[number]),
                sketch=sketch(vectors[number]),
            )
            for number, text in enumerate(texts)
        ]

    def _encoded(self, read: Sequence[str]) -> tuple[Vectors, Vectors]:
        """All that the encoder says of each text, and the sentence vectors alone."""
        features = self._messages.features(read)
        return features, features[:, : self._messages.encoder.dimension]

    def _intent(self, shares: np.ndarray) -> tuple[str, float]:
        best = int(shares.argmax())
        confidence = float(shares[best])
        return (str(self._intents.classes_[best]) if confidence >= FALLBACK_CONFIDENCE else FALLBACK), confidence
