"""Why the search puts an article where it does, for those who write articles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assistant.encoder import Encoded
from knowledge_base.articles import Article
from knowledge_base.index import Index, rows_of
from knowledge_base.scoring import Scores


@dataclass(frozen=True)
class Reason:
    """What speaks for an article: `nearest` is its text (question, phrasing or part of the answer) most like the one
    asked, `level` how near its texts are, the nearest and all together (mean of two cosines), `words` the share of the
    asked words that it has (0–1), `matches` how well it says each of them in context (mean of cosines; None without
    late interaction).
    """

    nearest: str
    level: float
    words: float
    matches: float | None


@dataclass(frozen=True)
class Explanation:
    """The probability that some article answers, that then it is the first one, both before customers' signs count
    (see `knowledge_base.learn`), and why each hit was found.
    """

    answerable: float
    first: float
    reasons: tuple[Reason, ...]


def explain(
    index: Index, articles: Sequence[Article], encoded: Encoded, scores: Scores, hits: Sequence[str]
) -> Explanation:
    """Explain the `hits` (article ids) for one text, with its scores. `articles` in the order of the index."""
    answerable, first = index.calibration.questions(scores)
    texts = rows_of(articles).texts
    places = {article_id: number for number, article_id in enumerate(index.article_ids)}
    numbers = [places[article_id] for article_id in hits]
    return Explanation(
        float(answerable[0]), float(first[0]), tuple(_reason(index, texts, encoded, scores, each) for each in numbers)
    )


def _reason(index: Index, texts: Sequence[str], encoded: Encoded, scores: Scores, number: int) -> Reason:
    own = np.flatnonzero(index.scorer.owners == number)
    nearest = own[(index.scorer.vectors[own] @ encoded.vectors[0]).argmax()]
    late, matches = index.scorer.late, None
    if late is not None:
        matches = float(late.matches(late.projection(encoded.tokens[0]), np.array([number]))[0])
    return Reason(texts[nearest], float(scores.level[0, number]), float(scores.wording[0, number]), matches)
