"""Late interaction (as in ColBERT, Khattab and Zaharia 2020): how well each word piece of a text is said by an article.

A sentence vector is a mean, in which the one word that tells two articles apart drowns. Here each piece of the text
looks for its nearest piece among all that the article says (MaxSim), in context: "charge" of a card is not "charge" of
a battery. To be small, an article keeps one vector a distinct piece, the mean of what it meant there, in few
dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.encoder import Tokens
from knowledge_base.heads import Floats, Rows

Ids = npt.NDArray[np.int32]

# Directions in which the knowledge base's own pieces differ most. Fewer cost space only; more find less, by noise.
DIMENSIONS = 64
# Pieces that the directions are fitted on.
MAX_FITTED = 20_000
# What a piece that most texts have tells, at least.
MIN_TELLS = 0.1


@dataclass(frozen=True)
class Pieces:
    """The word pieces of a text: `ids` (pieces,) in the tokeniser's vocabulary, unit `vectors` (pieces, dimensions)."""

    ids: Ids
    vectors: Floats


@dataclass(frozen=True)
class Projection:
    """From what the encoder makes of tokens to `Pieces`; `directions` has shape (token dimension, dimensions)."""

    mean: Floats
    directions: Floats

    @classmethod
    def fit(cls, tokens: Sequence[Tokens]) -> Projection:
        """Fit the principal directions of some of the tokens' vectors."""
        step = 1 + sum(len(text.ids) for text in tokens) // MAX_FITTED
        # Another first token in each text: the first words of questions are much the same.
        parts = [text.vectors[number % step :: step] for number, text in enumerate(tokens)]
        vectors = np.concatenate(parts).astype(np.float32)
        # Not the functions for mean and covariance: they need one and two.
        mean = vectors.sum(axis=0) / max(1, len(vectors))
        values, directions = np.linalg.eigh((vectors - mean).T @ (vectors - mean))
        largest = np.argsort(-values)[:DIMENSIONS]
        return cls(mean, np.ascontiguousarray(directions[:, largest], dtype=np.float32))

    def __call__(self, text: Tokens) -> Pieces:
        vectors: Floats = text.vectors.astype(np.float32)
        return Pieces(text.ids, _unit(np.asarray((vectors - self.mean) @ self.directions, dtype=np.float32)))


class LateInteraction:
    """What each article says, piece by piece: `owners`, `ids` (rows,) and unit `vectors` (rows, dimensions), ordered
    by owner; no article has a piece twice. `idf` (ids + 1,) says how much a piece tells; the last one is for all that
    no article says. Safe to use from several threads.
    """

    def __init__(
        self, projection: Projection, articles: int, owners: Rows, ids: Ids, vectors: Floats, idf: Floats
    ) -> None:
        self.projection, self.articles = projection, articles
        self.owners, self.ids, self.vectors, self.idf = owners, ids, vectors, idf
        self._starts = np.searchsorted(owners, np.arange(articles + 1))

    @classmethod
    def of(cls, projection: Projection, articles: int, texts: Sequence[Pieces], owners: Rows) -> LateInteraction:
        """Gather the pieces of `texts` under their `owners` (texts,), which are article numbers."""
        idf = _idf(texts)
        ids = np.concatenate([text.ids for text in texts])
        vectors = np.concatenate([text.vectors for text in texts])
        owners = np.repeat(owners, [len(text.ids) for text in texts])
        order = np.lexsort((ids, owners))
        ids, owners = ids[order], owners[order]
        firsts = np.flatnonzero(np.diff(owners, prepend=-1) | np.diff(ids, prepend=-1))
        sums = np.add.reduceat(vectors[order], firsts, axis=0)
        # In half precision, as snapshots keep them: a loaded index gives the scores of the one that was built.
        kept: Floats = _unit(sums).astype(np.float16).astype(np.float32)
        return cls(projection, articles, owners[firsts], ids[firsts], kept, idf)

    def matches(self, text: Pieces, among: Rows | None = None) -> Floats:
        """Return (articles,), or (among,) if only these are asked: the mean of the pieces' highest cosines with the
        article's, each weighted by how few texts have the piece. 0 if either says nothing.
        """
        starts, ends = self._starts[:-1], self._starts[1:]
        if among is not None:
            starts, ends = starts[among], ends[among]
        found = np.zeros(len(starts), dtype=np.float32)
        saying = np.flatnonzero(ends > starts)
        if not len(text.ids) or not len(saying):
            return found
        rows = self.vectors
        if among is not None:
            rows = np.concatenate([rows[starts[place] : ends[place]] for place in saying])
        lengths = (ends - starts)[saying]
        nearest = np.maximum.reduceat(text.vectors @ rows.T, np.cumsum(lengths) - lengths, axis=1)
        tells = self.idf[np.minimum(text.ids, len(self.idf) - 1)]
        found[saying] = tells @ nearest / tells.sum()
        return found


def _idf(texts: Sequence[Pieces]) -> Floats:
    having = np.bincount(np.concatenate([np.unique(text.ids) for text in texts]))
    idf: Floats = np.log((len(texts) + 1) / (np.append(having, 0) + 0.5))
    return np.maximum(idf, MIN_TELLS).astype(np.float32)


def _unit(vectors: Floats) -> Floats:
    found: Floats = (vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return found
