"""The labelled texts, each encoded once however many heads learn from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.encoder import Encoder
from assistant.escalation.cues import cues, plain
from assistant.setup.misspelt import misspelt

Floats = npt.NDArray[np.float32]

# One text in so many is also learnt from misspelt.
MISSPELT_EVERY = 2


@dataclass(frozen=True)
class EncodedTexts:
    """`places` says in which row of `features` (texts, width + cues) a text is; `copies` are the rows of which there is
    a misspelt copy too, `misspelt` (copies, width + cues). A sentence vector is the first `dimension` columns.
    """

    places: Mapping[str, int]
    features: Floats
    copies: npt.NDArray[np.int64]
    misspelt: Floats
    dimension: int

    @classmethod
    def of(cls, texts: Iterable[str], encoder: Encoder) -> EncodedTexts:
        unique = list(dict.fromkeys(texts))
        copies = np.arange(0, len(unique), MISSPELT_EVERY)
        return cls(
            {text: row for row, text in enumerate(unique)},
            _features(unique, encoder),
            copies,
            _features([plain(misspelt(unique[row])) for row in copies], encoder),
            encoder.dimension,
        )

    def rows(self, texts: Iterable[str]) -> npt.NDArray[np.int64]:
        return np.array([self.places[text] for text in texts], dtype=np.int64)


def _features(texts: list[str], encoder: Encoder) -> Floats:
    return np.hstack([encoder.features(texts), np.stack([cues(text) for text in texts])], dtype=np.float32)
