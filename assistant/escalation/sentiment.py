"""How a customer feels about the service, and whether they ask for a person, from one message.

A logistic regression over the sentence embedding and a few surface cues. The embedding knows what is meant;
the cues (again, still, negation, insults, capitals) carry over to domains the embedding was not fitted on.
`assistant/setup/classifier.py` fits the weights from `data/escalation/`; here they are only applied.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

CUE_PATTERNS: tuple[tuple[str, str], ...] = (
    ("again", r"\b(again|already|still|yet|keeps?|third|second time|every time|for (hours|days|weeks|months))\b"),
    ("negation", r"\b(no|not|never|nothing|nobody|none|cannot|\w+n'?t)\b"),
    ("human", r"\b(human|agents?|person|people|someone|somebody|representatives?|rep|operators?|manager|supervisor"
              r"|staff|advisors?|advisers?|real|live)\b"),
    ("request", r"\b(speak|talk|chat|connect|transfer|put me|pass me|get me|give me|call me|want|need)\b"),
    ("complaint", r"\b(ridiculous|useless|joke|worst|awful|terrible|horrible|pathetic|unacceptable|disgrace\w*"
                  r"|disgust\w*|rubbish|crap|garbage|waste|appalling|disappoint\w*|fed up|sick of|tired of"
                  r"|incompetent)\b"),
    ("insult", r"\b(stupid|idiots?|moron\w*|dumb|hell|damn|wtf|fuck\w*|f\*+\w*|sh[i*]t\w*|bullsh\w*|liars?|scam\w*)\b"),
    ("misunderstood", r"\b(i (already )?(said|told|asked)|(that'?s|this is|thats) not|not what i|listen|understand)\b"),
    ("thanks", r"\b(thanks?|thank you|cheers|great|perfect|lovely|helpful|appreciate)\b"),
    ("why", r"\b(why|how long|how many times|come on|seriously|really)\b"),
)  # fmt: skip
CUE_NAMES = (*(name for name, _ in CUE_PATTERNS), "capitals", "marks", "length")
_CUES = tuple(re.compile(pattern, re.IGNORECASE) for _, pattern in CUE_PATTERNS)
_MARKS = re.compile(r"[!?]{2,}|!|\.{3,}")


def cues(text: str) -> Vector:
    """Surface cues of one message: an array of `len(CUE_NAMES)` numbers between 0 and 1."""
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters) / len(letters) if len(letters) >= 8 else 0.0
    found = [float(bool(pattern.search(text))) for pattern in _CUES]
    marks = min(len(_MARKS.findall(text)), 3) / 3
    return np.array([*found, capitals if capitals > 0.5 else 0.0, marks, min(len(text.split()), 40) / 40])


def mentions_people(text: str) -> bool:
    """Whether a word for a person or the staff occurs."""
    return bool(_CUES[CUE_NAMES.index("human")].search(text))


@dataclass(frozen=True)
class LinearHead:
    """`probability = sigmoid(weights · [embedding, cues] + bias)`."""

    weights: Vector
    bias: float

    def probability(self, features: Vector) -> float:
        return float(1.0 / (1.0 + np.exp(-(features @ self.weights + self.bias))))

    @classmethod
    def from_json(cls, body: Any) -> LinearHead:
        return cls(np.asarray(body["weights"], dtype=np.float64), float(body["bias"]))

    def as_json(self) -> dict[str, Any]:
        return {"weights": [round(float(w), 5) for w in self.weights], "bias": round(self.bias, 5)}


class MessageClassifier:
    """Scores a message: probability that it is negative about the service, and that it asks for a person."""

    def __init__(self, negative: LinearHead, asked_for_human: LinearHead, encoder_fingerprint: str) -> None:
        self._negative = negative
        self._asked_for_human = asked_for_human
        self.encoder_fingerprint = encoder_fingerprint

    def score(self, text: str, embedding: npt.NDArray[Any]) -> tuple[float, float]:
        """`embedding`: the unit sentence vector of `text`. Returns (negative, asked_for_human), each 0..1."""
        features = np.concatenate([np.asarray(embedding, dtype=np.float64).ravel(), cues(text)])
        return self._negative.probability(features), self._asked_for_human.probability(features)

    @classmethod
    def load(cls, path: Path) -> MessageClassifier:
        """Raises `OSError` or `ValueError` if the file is missing or not a classifier."""
        try:
            body = json.loads(path.read_text())
            return cls(
                LinearHead.from_json(body["negative"]),
                LinearHead.from_json(body["asked_for_human"]),
                str(body["encoder"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"{path} is not an Offramp message classifier: {error}") from error

    def as_json(self) -> dict[str, Any]:
        return {
            "encoder": self.encoder_fingerprint,
            "cues": list(CUE_NAMES),
            "negative": self._negative.as_json(),
            "asked_for_human": self._asked_for_human.as_json(),
        }
