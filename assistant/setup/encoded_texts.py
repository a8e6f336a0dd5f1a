"""The labelled texts, each encoded once however many heads learn from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.escalation.cues import cues
from assistant.message_encoder import MessageEncoder
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
    def of(cls, texts: Iterable[str], messages: MessageEncoder) -> EncodedTexts:
        """Texts that were `read`; a copy is read after it was misspelt."""
        unique = list(dict.fromkeys(texts))
        copies = np.arange(0, len(unique), MISSPELT_EVERY)
        return cls(
            {text: row for row, text in enumerate(unique)},
            _features(unique, messages),
            copies,
            _features([messages.read(misspelt(unique[row])) for row in copies], messages),
            messages.encoder.dimension,
        )

    def rows(self, texts: Iterable[str]) -> npt.NDArray[np.int64]:
        return np.array([self.places[text] for text in texts], dtype=np.int64)


def _features(texts: list[str], messages: MessageEncoder) -> Floats:
    return np.hstack([messages.features(texts), np.stack([cues(text) for text in texts])], dtype=np.float32)
