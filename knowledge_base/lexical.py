"""TF-IDF vectors over words, word pairs and the characters inside words; plain numpy at query time."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
# Characters in a run. Not tuned.
CHARACTER_RUNS = (3, 4, 5)
# Terms; bounds the size of the head. Not tuned.
MAX_TERMS = 30_000


def terms(text: str) -> list[str]:
    """Return the terms of a text: words, word pairs ("a b") and character runs ("#run")."""
    words = _WORD.findall(text.lower())
    pairs = [f"{first} {second}" for first, second in itertools.pairwise(words)]
    runs = [
        f"#{padded[start : start + size]}"
        for padded in (f"_{word}_" for word in words)
        for size in CHARACTER_RUNS
        for start in range(len(padded) - size + 1)
    ]
    return words + pairs + runs


class Lexicon:
    """Terms with their inverse document frequencies; turns texts into unit TF-IDF vectors."""

    def __init__(self, vocabulary: Mapping[str, int], idf: npt.NDArray[np.float32]) -> None:
        self.vocabulary = vocabulary
        self.idf = idf

    @classmethod
    def fit(cls, texts: Sequence[str], max_terms: int = MAX_TERMS) -> Lexicon:
        """Learn the most frequent terms of `texts`."""
        frequency = Counter(term for text in texts for term in set(terms(text)))
        kept = sorted(frequency.items(), key=lambda item: (-item[1], item[0]))[:max_terms]
        counts = np.array([count for _, count in kept], dtype=np.float32)
        idf = np.log((1 + len(texts)) / (1 + counts)) + 1
        return cls({term: column for column, (term, _) in enumerate(kept)}, idf.astype(np.float32))

    def vector(self, text: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
        """Return columns and values of a text's TF-IDF vector (length 1; empty if all is unknown)."""
        known = (self.vocabulary.get(term) for term in terms(text))
        counts = Counter(column for column in known if column is not None)
        columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        values = (1 + np.log(np.fromiter(counts.values(), dtype=np.float32, count=len(counts)))) * self.idf[columns]
        return columns, (values / max(float(np.linalg.norm(values)), 1e-9)).astype(np.float32)

    def matrix(self, texts: Sequence[str]) -> csr_matrix:
        """Return the TF-IDF vectors of `texts` as rows of a sparse matrix."""
        from scipy.sparse import csr_matrix

        vectors = [self.vector(text) for text in texts]
        starts = np.cumsum([0] + [len(columns) for columns, _ in vectors])
        columns = np.concatenate([columns for columns, _ in vectors])
        values = np.concatenate([values for _, values in vectors])
        return csr_matrix((values, columns, starts), shape=(len(texts), len(self.vocabulary)), dtype=np.float32)
