"""Words, word pairs and runs of characters of a message, hashed: they see the misspelt ("lawer", "huamn")."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from itertools import chain, pairwise

import numpy as np
import numpy.typing as npt

# Cells; collisions cost nothing measurable on the project's own messages.
DIMENSION = 4096
# Characters in a run.
RUNS = (3, 4, 5)
_WORD = re.compile(r"[a-z0-9']+")


def ngrams(text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Cells and values of a plain message, a vector of length 1 (empty for a text without letters or digits)."""
    words = _WORD.findall(text.lower())
    pairs = (f"{first} {second}" for first, second in pairwise(words))
    runs = (
        f"#{padded[start : start + size]}"
        for padded in (f"_{word}_" for word in words)
        for size in RUNS
        for start in range(len(padded) - size + 1)
    )
    counts = Counter(zlib.crc32(term.encode()) % DIMENSION for term in chain(words, pairs, runs))
    cells = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    values = np.log1p(np.fromiter(counts.values(), dtype=np.float64, count=len(counts)))
    return cells, values / max(float(np.linalg.norm(values)), 1e-9)
