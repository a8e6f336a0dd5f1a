"""What the calibration learns from: the knowledge base asked its own texts, without them and without their article.

Each round refits the index without a fifth of the texts and without a tenth of the articles. The texts left out ask
for an article that is there; those of the hidden articles ask for one that is not. Asked again with the hidden
article's neighbours hidden too, they are as far from everything as most questions out of scope.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from knowledge_base.calibration import WITH_HEADS, WITHOUT_HEADS, Calibration, Doubles, Observations, features, fit
from knowledge_base.heads import Floats, Rows
from knowledge_base.late_interaction import LateInteraction, Pieces
from knowledge_base.scoring import Heads, Scorer, Scores
from knowledge_base.wording import Words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

# Each round leaves out a fifth of the texts asked.
FOLDS = 5
# Rounds; with more rows than `FEW_ROWS` three see enough texts, and each costs seconds.
ROUNDS = 5
ROUNDS_OF_MANY = 3
FEW_ROWS = 1_000
# One article in so many is hidden a round: hiding more makes the others look easier to tell apart than they are.
GROUPS = 10
# Logit, for one text an article; of more texts, each tells less that customers will not say it otherwise. Set on the
# validation part of CLINC150, two questions of eleven out of scope, two draws: .973 of the answers given are right with
# 3 phrasings an article, .971 with 5, .98 and more from 10 on. The test part had shown too few with 3 and 5 before.
CAUTION = 2.0
# Share of the articles that count as neighbours of a hidden one.
NEIGHBOURS = 0.15
# Articles; with fewer nothing is left to tell apart when one is hidden.
MIN_ARTICLES = 4
# Texts asked in all for an article that is there, and as many for one that is not: the fit has seven parameters.
MAX_QUESTIONS = 4_000
# Rows; the eigenvectors of more cost more than they save.
MOST_CONDENSED = 2_000
# Texts scored at a time, for memory.
CHUNK = 128

Progress = Callable[[float], None]
Parts = list[Observations]


@dataclass(frozen=True)
class Questions:
    """The rows as questions. `weights` (rows,): how much each counts, 0 if it is not asked; `words` of all rows and
    answers; `lexical`: the rows' TF-IDF vectors if the scorer has a lexical head; `pieces` of the rows if it has late
    interaction.
    """

    weights: Doubles
    words: Words
    lexical: csr_matrix | None
    pieces: Sequence[Pieces]


def calibrate(scorer: Scorer, questions: Questions, progress: Progress = lambda done: None) -> Calibration:
    """Fit the confidence of `scorer`; without anything to ask, or with too few articles, the shipped one."""
    shipped = WITHOUT_HEADS if scorer.heads is None else WITH_HEADS
    if scorer.articles < MIN_ARTICLES or not questions.weights.any():
        return shipped
    answerable, near, far = _observe(scorer, questions, progress)
    if not answerable or not near:
        return shipped
    fitted = fit(Observations.joined(answerable), Observations.joined(near), Observations.joined(far), shipped)
    weight, intercept = fitted.winner
    return Calibration(fitted.scope, (weight, intercept - CAUTION * scorer.articles / len(scorer.owners)))


def _observe(scorer: Scorer, questions: Questions, progress: Progress) -> tuple[Parts, Parts, Parts]:
    """Return observations of answerable texts, of texts whose article is hidden, and also its neighbours."""
    rng = np.random.default_rng(0)
    terms = None if questions.lexical is None else _condensed(questions.lexical)
    asked = np.flatnonzero(questions.weights)
    fold_of = _folds(scorer.owners[asked], rng)
    group_of = rng.permutation(scorer.articles) % min(GROUPS, scorer.articles)
    answerable, near, far = Parts(), Parts(), Parts()
    rounds = min(ROUNDS if len(scorer.owners) <= FEW_ROWS else ROUNDS_OF_MANY, scorer.articles)
    for number in range(rounds):
        progress(number / rounds)
        hidden = group_of[scorer.owners] == number
        held_out = np.zeros(len(scorer.owners), dtype=np.bool_)
        held_out[asked[fold_of == number]] = True
        left = _Round(scorer, np.flatnonzero(~hidden & ~held_out), questions, terms)
        there = held_out & np.isin(scorer.owners, left.articles)
        answerable += left.ask(_sample(np.flatnonzero(there), rng))
        homeless = _sample(asked[hidden[asked]], rng)
        near += left.ask(homeless)
        far += left.ask(homeless, without_neighbours=True)
    return answerable, near, far


def _condensed(lexical: csr_matrix) -> csr_matrix | Floats:
    """Return vectors with the same inner products in fewer dimensions, where that makes fitting a head faster."""
    rows = lexical.shape[0]
    if rows > MOST_CONDENSED or rows >= lexical.shape[1]:
        return lexical
    values, directions = np.linalg.eigh((lexical @ lexical.T).toarray().astype(np.float64))
    kept = values > 1e-6
    condensed: Floats = (directions[:, kept] * np.sqrt(values[kept])).astype(np.float32)
    return condensed


def _folds(owners: Rows, rng: np.random.Generator) -> Rows:
    """Deal each article's rows evenly to the rounds, starting at a random one."""
    order = np.lexsort((rng.random(len(owners)), owners))
    folds = np.empty(len(owners), dtype=np.int64)
    folds[order] = np.arange(len(owners)) % FOLDS
    return folds


def _sample(rows: Rows, rng: np.random.Generator) -> Rows:
    size = MAX_QUESTIONS // ROUNDS_OF_MANY
    return rows if len(rows) <= size else np.sort(rng.choice(rows, size, replace=False))


class _Round:
    """An index of the rows `kept` alone, which can be asked any row of the whole."""

    def __init__(self, whole: Scorer, kept: Rows, questions: Questions, terms: csr_matrix | Floats | None) -> None:
        self._whole, self._questions, self._terms = whole, questions, terms
        self.articles, owners = np.unique(whole.owners[kept], return_inverse=True)
        heads = None
        if whole.heads is not None:
            lexical = None if terms is None else terms[kept]
            heads = Heads.fit(whole.vectors[kept], owners, len(self.articles), lexical)
        self._wording = questions.words.wording(kept, owners, self.articles)
        late = None
        if whole.late is not None:
            pieces = [questions.pieces[row] for row in kept]
            late = LateInteraction.of(whole.late.projection, len(self.articles), pieces, owners)
        self._scorer = Scorer(whole.vectors[kept], owners, len(self.articles), heads, late)

    def ask(self, rows: Rows, without_neighbours: bool = False) -> list[Observations]:
        """Observe the winners for `rows` of the whole."""
        return [self._ask(rows[start : start + CHUNK], without_neighbours) for start in range(0, len(rows), CHUNK)]

    def _ask(self, rows: Rows, without_neighbours: bool) -> Observations:
        owners = self._whole.owners[rows]
        scores = self._scores(rows)
        if without_neighbours:
            scores = self._without_neighbours(scores, owners)
        right = self.articles[scores.fused.argmax(axis=1)] == owners
        return Observations(features(scores), right, self._questions.weights[rows])

    def _scores(self, rows: Rows) -> Scores:
        heads = self._scorer.heads
        logits = None
        if heads is not None and heads.lexical is not None and self._terms is not None:
            logits = self._terms[rows] @ heads.lexical.weights + heads.lexical.intercept
        wording = self._wording.shares([self._questions.words.rows[row] for row in rows])
        pieces = [self._questions.pieces[row] for row in rows] if self._scorer.late is not None else []
        # All articles: those nearest are hidden afterwards.
        return self._scorer.scores(self._whole.vectors[rows], logits, wording, pieces, len(self.articles))

    def _without_neighbours(self, scores: Scores, owners: Rows) -> Scores:
        near = self._whole.centroids[owners] @ self._whole.centroids[self.articles].T
        count = min(max(2, int(NEIGHBOURS * self._whole.articles)), len(self.articles) - 2)
        nearest = np.argsort(-near, axis=1)[:, :count]
        fused, level = scores.fused.copy(), scores.level.copy()
        np.put_along_axis(fused, nearest, -np.inf, axis=1)
        np.put_along_axis(level, nearest, -1.0, axis=1)
        return replace(scores, fused=fused, level=level)
