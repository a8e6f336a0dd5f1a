"""Articles that fight: customers' words for one of them lie closer to the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.encoder import Encoder, Vectors
from knowledge_base.articles import Article
from knowledge_base.text import normalise

# Texts; a block of similarities to 100,000 others takes 50 MB.
BLOCK_TEXTS = 128
# Texts encoded between two reports of progress.
ENCODE_STEP = 256
# Texts, and the share of both articles' texts. Chosen by reading what they report of the demo shop's 138 articles: 18
# pairs of neighbouring topics. Two texts without the share report 73, many of them accidents of wording.
LOST_TEXTS = 2
LOST_SHARE = 0.15
# Cosine; only for the question of an article without phrasings, which has nothing of its own to be compared with.
SAME_QUESTION_COSINE = 0.9

Progress = Callable[[str, float], None]
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Rivalry:
    """Two articles, and what each loses to the other: questions and phrasings, the clearest losses first."""

    first: Article
    second: Article
    lost_by_first: tuple[str, ...]
    lost_by_second: tuple[str, ...]


@dataclass(frozen=True)
class _Lost:
    owner: int
    rival: int
    text: str
    margin: float


@dataclass(frozen=True)
class _Texts:
    """All texts with unit vectors, ordered by article. `owners` number the articles, `counts` their texts."""

    texts: Sequence[str]
    vectors: Vectors
    owners: Numbers
    counts: Numbers


def find_rivals(
    articles: Sequence[Article], encoder: Encoder, progress: Progress = lambda stage, done: None
) -> list[Rivalry]:
    """Return the pairs that fight, in the order of the articles.

    Leave one out: the closeness of a question or phrasing to an article is its cosine to the nearest text there plus
    that to their centre, itself left out of its own. It is lost when another article is closer. A pair fights when at
    least two texts, and 15 % of both articles' texts, are lost between them. An article of a single text has nothing
    to leave in: it fights with an article that has a text of cosine ≥ 0.9 to it.
    """
    asked = [(text, number) for number, article in enumerate(articles) for text in _asked(article)]
    if len({number for _, number in asked}) < 2:
        return []
    owners = np.array([number for _, number in asked], dtype=np.int64)
    vectors = _encoded([normalise(text) for text, _ in asked], encoder, progress)
    texts = _Texts([text for text, _ in asked], vectors, owners, np.bincount(owners, minlength=len(articles)))
    return _pairs(articles, texts.counts, _lost(texts, progress))


def _asked(article: Article) -> list[str]:
    return list(dict.fromkeys(text for text in (article.question, *article.phrasings) if text))


def _encoded(texts: Sequence[str], encoder: Encoder, progress: Progress) -> Vectors:
    parts = []
    for start in range(0, len(texts), ENCODE_STEP):
        progress("encode", start / len(texts))
        parts.append(encoder.encode(texts[start : start + ENCODE_STEP]))
    return np.concatenate(parts)


def _lost(texts: _Texts, progress: Progress) -> list[_Lost]:
    present, starts = np.unique(texts.owners, return_index=True)
    sums = np.add.reduceat(texts.vectors, starts, axis=0)
    found = []
    for begin in range(0, len(texts.texts), BLOCK_TEXTS):
        progress("compare", begin / len(texts.texts))
        rows = np.arange(begin, min(begin + BLOCK_TEXTS, len(texts.texts)))
        closeness, home = _closeness(texts, rows, starts, sums), np.searchsorted(present, texts.owners[rows])
        every = np.arange(len(rows))
        own = closeness[every, home].copy()
        closeness[every, home] = -np.inf
        margins, rivals = closeness.max(axis=1) - own, present[closeness.argmax(axis=1)]
        found += [
            _Lost(int(texts.owners[rows[n]]), int(rivals[n]), texts.texts[rows[n]], float(margins[n]))
            for n in np.flatnonzero(margins >= 0)
        ]
    return found


def _closeness(texts: _Texts, rows: Numbers, starts: Numbers, sums: Vectors) -> Vectors:
    """Return (rows, articles), each text left out of its own article."""
    vectors, every = texts.vectors[rows], np.arange(len(rows))
    similar = vectors @ texts.vectors.T
    similar[every, rows] = -1.0
    nearest = np.maximum.reduceat(similar, starts, axis=1)
    central = vectors @ (sums / np.linalg.norm(sums, axis=1, keepdims=True)).T
    home = np.searchsorted(starts, rows, side="right") - 1
    others = sums[home] - vectors
    lengths = np.maximum(np.linalg.norm(others, axis=1), np.finfo(np.float32).eps)
    central[every, home] = (vectors * others).sum(axis=1) / lengths
    single = texts.counts[texts.owners[rows]] == 1
    closeness = np.where(single[:, None], 2 * nearest, nearest + central)
    closeness[every[single], home[single]] = 2 * SAME_QUESTION_COSINE
    return closeness


def _pairs(articles: Sequence[Article], counts: Numbers, lost: Sequence[_Lost]) -> list[Rivalry]:
    pairs: dict[tuple[int, int], list[_Lost]] = {}
    for text in sorted(lost, key=lambda text: -text.margin):
        pairs.setdefault((min(text.owner, text.rival), max(text.owner, text.rival)), []).append(text)
    return [
        Rivalry(
            articles[first],
            articles[second],
            tuple(text.text for text in between if text.owner == first),
            tuple(text.text for text in between if text.owner == second),
        )
        for (first, second), between in sorted(pairs.items())
        if _fight(between, counts, counts[first] + counts[second])
    ]


def _fight(between: Sequence[_Lost], counts: Numbers, texts: int) -> bool:
    if any(counts[text.owner] == 1 for text in between):
        return True
    return len(between) >= max(LOST_TEXTS, LOST_SHARE * texts)
