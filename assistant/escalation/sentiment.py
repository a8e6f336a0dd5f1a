"""What one message says about how its customer fares: mood, wish for a person, topic, abuse.

Linear heads over the sentence vector, surface cues and hashed n-grams, averaged with a small network. The vector knows
what is meant, the encoder's inner layers, which the network reads too, how it is said; the cues carry over to trades it
was not fitted on; the n-grams see misspelt words.
`assistant/setup/classifier.py` fits the weights on `data/escalation/`; here they are only applied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from assistant.escalation.cues import cues, plain
from assistant.escalation.network import Network
from assistant.escalation.ngrams import DIMENSION, ngrams

Matrix = npt.NDArray[np.float32]

# In the state directory.
CLASSIFIER_FILE = "escalation/classifier.npz"

SIGNALS = ("negative", "frustrated", "angry", "turned_down", "asked_for_human", "abusive")
NO_TOPIC = "none"
# Topics that people handle from the first message on.
TOPICS = ("fraud", "account_takeover", "legal", "injury", "self_harm", "data_breach", "bereavement")


@dataclass(frozen=True)
class MessageScores:
    """Probabilities (0..1). `negative`: something went wrong, in whatever tone; `frustrated`: unhappy with the service
    itself; `angry`: furious; `turned_down`: rejects or corrects what the assistant said; `abusive`: attacks somebody.
    `topic` is the likeliest of `TOPICS`, `sensitive` its probability.
    """

    negative: float = 0.0
    frustrated: float = 0.0
    angry: float = 0.0
    turned_down: float = 0.0
    asked_for_human: float = 0.0
    abusive: float = 0.0
    topic: str = NO_TOPIC
    sensitive: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> MessageScores:
        """Missing scores are 0: a button carries none."""
        numbers = {name: float(body.get(name) or 0.0) for name in (*SIGNALS, "sensitive")}
        return cls(**numbers, topic=str(body.get("topic") or NO_TOPIC))


class MessageClassifier:
    """`weights` (heads, dimension + cues + n-grams) and `bias` (heads,) of `SIGNALS`, then `none` and `TOPICS`;
    `network` has the same heads over width + cues: it also reads what the encoder's inner layers say.
    """

    def __init__(self, weights: Matrix, bias: Matrix, network: Network, encoder_fingerprint: str) -> None:
        self._weights, self._bias, self._network = weights, bias, network
        self.encoder_fingerprint = encoder_fingerprint

    def score(self, text: str, features: npt.NDArray[Any]) -> MessageScores:
        """`features` (width,): what `Encoder.features` makes of `text`."""
        logits = self.logits(plain(text), np.asarray(features, dtype=np.float32).ravel())
        signals = 1.0 / (1.0 + np.exp(-logits[: len(SIGNALS)]))
        topics = np.exp(logits[len(SIGNALS) :] - logits[len(SIGNALS) :].max())
        topics /= topics.sum()
        best = int(topics[1:].argmax())
        scores = {name: float(signal) for name, signal in zip(SIGNALS, signals, strict=True)}
        return MessageScores(**scores, topic=TOPICS[best], sensitive=float(topics[1 + best]))

    def logits(self, text: str, features: Matrix) -> Matrix:
        """The logit of each head for a plain text."""
        surface = cues(text).astype(np.float32)
        cells, values = ngrams(text)
        read = self._weights.shape[1] - DIMENSION
        vector = np.concatenate([features[: read - len(surface)], surface])
        sparse = self._weights[:, read + cells] @ values.astype(np.float32)
        linear = self._weights[:, :read] @ vector + sparse + self._bias
        result: Matrix = (linear + self._network.logits(np.concatenate([features, surface]))) / 2
        return result

    @classmethod
    def load(cls, path: Path) -> MessageClassifier:
        """Raises `OSError` or `ValueError` if the file is missing or not a classifier."""
        try:
            with np.load(path, allow_pickle=False) as arrays:
                heads = tuple(str(name) for name in arrays["heads"])
                if heads != head_names():
                    raise ValueError("made by another version: run `offramp build`")
                network = Network.from_arrays(arrays)
                return cls(arrays["weights"], arrays["bias"], network, str(arrays["encoder"]))
        except (KeyError, ValueError) as error:
            raise ValueError(f"{path} is not an Offramp message classifier: {error}") from error

    def save(self, path: Path) -> None:
        """Write atomically."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp.npz")
        arrays: dict[str, Any] = {
            "heads": np.array(head_names()),
            "weights": self._weights,
            "bias": self._bias,
            "encoder": np.array(self.encoder_fingerprint),
            **self._network.arrays(),
        }
        np.savez(temporary, **arrays)
        temporary.replace(path)


def head_names() -> Sequence[str]:
    """The heads in the order of the weights."""
    return (*SIGNALS, NO_TOPIC, *TOPICS)
