"""One score per article, fused from nearest text, centroid, two linear heads and late interaction.

L = log P_dense + ½ log P_lexical + 10 · (½ nearest + ½ centroid) + 10 · late: cosines rank articles with few phrasings,
the heads take over as phrasings accumulate, and the centroid then no longer counts.
Without heads: 20 · (½ nearest + ½ centroid + 0.15 · the share of the text's words that the article has).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from knowledge_base.heads import (
    DENSE_C,
    DENSE_ITERATIONS,
    LEXICAL_C,
    LEXICAL_ITERATIONS,
    Floats,
    Head,
    Rows,
    fit_head,
    log_softmax,
)
from knowledge_base.late_interaction import LateInteraction, Pieces
from knowledge_base.nearest import NearestRows, exact

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

LEVEL_WEIGHT = 10.0
LEXICAL_WEIGHT = 0.5
# Of late interaction, where there are heads. Chosen on left-out training texts of BANKING77.
LATE_WEIGHT = 10.0
# Articles, best first without it, that late interaction is worth its time for when customers ask.
LATE_ARTICLES = 32
# Of the share of a text's words that an article has, in cosine, where there are no heads (the lexical one knows them).
# Chosen on the demo shop stripped of its phrasings, which then were asked.
WORDING_WEIGHT = 0.15
# Texts an article: up to the first, the centroid ranks like the nearest text; from the second on the head
# knows better and it no longer counts. Chosen on held-out training texts of BANKING77 and on CLINC150's
# validation part.
CENTROID_TEXTS = (3.0, 10.0)
# Rows that the mean counts for in an article's cohesion, and of an article that are looked at: each with each other.
COHESION_PRIOR = 3
COHESION_ROWS = 1_000
# Without heads level and words decide; the temperature with which its softmax is a usable posterior.
LEVEL_TEMPERATURE = 20.0
# Articles × texts; beyond this a head takes minutes to fit, and the cosines alone are used.
MAX_HEAD_CELLS = 4_000_000
# Terms × articles; the optimiser keeps twenty copies of the weights.
MAX_LEXICAL_WEIGHTS = 5_000_000


@dataclass(frozen=True)
class Scores:
    """Per text and article: `fused` ranks, `level` (cosine, ≤ 1) says how near the article is, `wording` (0–1) which
    share of the text's words it has. `cohesion` (articles,) is the level of an article's own texts, 0 without heads:
    rows are then mostly the same text with more or less of the answer.
    """

    fused: Floats
    level: Floats
    wording: Floats
    cohesion: Floats

    def without(self, articles: Rows) -> Scores:
        """Return the scores as they would be without one article a text, by its number."""
        fused = self.fused.copy()
        fused[np.arange(len(fused)), articles] = -np.inf
        return replace(self, fused=fused)


def heads_help(articles: int, rows: int, phrasings: int) -> bool:
    """Say whether heads are worth fitting: articles to tell apart, phrasings to learn from, minutes only."""
    return articles > 1 and phrasings >= articles and articles * rows <= MAX_HEAD_CELLS


@dataclass(frozen=True)
class Heads:
    """The head on embeddings, and the one on TF-IDF where a lexicon exists."""

    dense: Head
    lexical: Head | None

    @classmethod
    def fit(cls, vectors: Floats, owners: Rows, articles: int, lexical: csr_matrix | Floats | None) -> Heads:
        """Fit the heads on rows of at least two articles."""
        dense = fit_head(vectors, owners, articles, DENSE_C, DENSE_ITERATIONS)
        if lexical is None:
            return cls(dense, None)
        return cls(dense, fit_head(lexical, owners, articles, LEXICAL_C, LEXICAL_ITERATIONS))


class Scorer:
    """Scores articles for encoded texts.

    `vectors` (rows, dimension) are unit vectors, `owners` (rows,) the article number of each, ascending; `nearest`
    is their index if there is one already. `late` goes with heads, if the encoder gives tokens.
    """

    def __init__(
        self,
        vectors: Floats,
        owners: Rows,
        articles: int,
        heads: Heads | None,
        late: LateInteraction | None = None,
        nearest: NearestRows | None = None,
    ) -> None:
        self.owners, self.articles, self.heads, self.late = owners, articles, heads, late
        self.nearest = exact(vectors) if nearest is None else nearest
        # The index's own copy: vectors are most of the memory.
        self.vectors = self.nearest.vectors()
        self.centroids = centroids(self.vectors, owners, articles)
        self.cohesion = np.zeros(articles, np.float32) if heads is None else cohesion(self.vectors, owners, articles)

    @property
    def kind(self) -> str:
        """What the scores are made of: those of another kind cannot be compared."""
        if self.heads is None:
            return "cosines"
        return "heads" if self.late is None else "heads, late interaction"

    def searched_by(self, nearest: NearestRows) -> Scorer:
        """Return the same scorer with another index of the same rows."""
        return Scorer(nearest.vectors(), self.owners, self.articles, self.heads, self.late, nearest)

    def scores(
        self,
        queries: Floats,
        lexical_logits: Floats | None,
        wording: Floats,
        pieces: Sequence[Pieces] = (),
        late_articles: int = LATE_ARTICLES,
    ) -> Scores:
        """Score every article for each query vector; `lexical_logits` and `wording` have shape (queries, articles).

        `pieces` are those of each query, if there is late interaction; the best `late_articles` are compared with them,
        and the others count as the least of these.
        """
        central = queries @ self.centroids.T
        nearest = self._nearest(queries, central)
        level = ((nearest + central) / 2).astype(np.float32)
        if self.heads is None:
            ranks = LEVEL_TEMPERATURE * (level + WORDING_WEIGHT * wording)
            return Scores(ranks.astype(np.float32), level, wording, self.cohesion)
        dense = LEVEL_WEIGHT * level + log_softmax(self.heads.dense.logits(queries))
        fused = dense - self._centroid_discount() * central
        if lexical_logits is not None:
            fused = fused + LEXICAL_WEIGHT * log_softmax(lexical_logits)
        if self.late is not None:
            late = [_matches(self.late, *each, late_articles) for each in zip(fused, pieces, strict=True)]
            fused = fused + LATE_WEIGHT * np.stack(late)
        return Scores(fused.astype(np.float32), level, wording, self.cohesion)

    def _centroid_discount(self) -> float:
        texts = len(self.owners) / self.articles
        few, many = CENTROID_TEXTS
        return LEVEL_WEIGHT / 2 * min(1.0, max(0.0, (texts - few) / (many - few)))

    def _nearest(self, queries: Floats, central: Floats) -> Floats:
        cosines, rows = self.nearest.search(queries)
        nearest = np.minimum(central, cosines[:, -1:])
        texts = np.repeat(np.arange(len(queries)), rows.shape[1])
        np.maximum.at(nearest, (texts, self.owners[rows.ravel()]), cosines.ravel())
        return nearest


def _matches(late: LateInteraction, fused: Floats, text: Pieces, articles: int) -> Floats:
    if articles >= late.articles:
        return late.matches(text)
    best = np.argpartition(-fused, articles)[:articles]
    found = late.matches(text, best)
    matches = np.full(late.articles, found.min(), dtype=np.float32)
    matches[best] = found
    return matches


def centroids(vectors: Floats, owners: Rows, articles: int) -> Floats:
    """Return the normalised mean vector of each article's rows."""
    sums = np.zeros((articles, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, owners, vectors)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means: Floats = (sums / np.maximum(lengths, 1e-9)).astype(np.float32)
    return means


def cohesion(vectors: Floats, owners: Rows, articles: int) -> Floats:
    """Return (articles,): how near, on average, an article's rows are to its other rows, measured like a text's level.

    Few rows are shrunk to the mean of all rows, which also stands for an article of one row. `owners` ascend.
    """
    ends = np.cumsum(np.bincount(owners, minlength=articles))
    levels = [_own_levels(rows) for rows in np.split(vectors, ends[:-1])]
    sums, counts = (np.array([measure(own) for own in levels]) for measure in (np.sum, len))
    mean = sums.sum() / max(counts.sum(), 1)
    found: Floats = ((sums + COHESION_PRIOR * mean) / (counts + COHESION_PRIOR)).astype(np.float32)
    return found


def _own_levels(rows: Floats) -> Floats:
    """The level of each row, or of some of many, among the others of its article; none for a single row."""
    own = rows[:: 1 + len(rows) // COHESION_ROWS]
    if len(own) < 2:
        return np.zeros(0, dtype=np.float32)
    near = own @ own.T
    np.fill_diagonal(near, -1.0)
    others = own.sum(axis=0) - own
    others /= np.maximum(np.linalg.norm(others, axis=1, keepdims=True), 1e-9)
    levels: Floats = (near.max(axis=1) + (own * others).sum(axis=1)) / 2
    return levels
