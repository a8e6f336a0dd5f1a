"""What answering is measured against: BM25, and the nearest text by cosine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from scipy.sparse import csr_matrix

from assistant.encoder import Encoder

# The usual parameters of BM25: saturation of a term's count, and how much long texts are discounted.
K1 = 1.5
B = 0.75
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


def bm25_ranking(texts: Sequence[Sequence[str]], asked: Sequence[str]) -> np.ndarray:
    """Return scores (questions, articles): each article by its best text. `texts` holds each article's texts."""
    rows = [_WORD.findall(text.lower()) for article in texts for text in article]
    vocabulary = {word: column for column, word in enumerate(sorted({word for row in rows for word in row}))}
    counts = _counts(rows, vocabulary).tocoo()
    lengths = np.array([len(row) for row in rows], dtype=np.float64)
    frequency = np.bincount(counts.col, minlength=len(vocabulary))
    idf = np.log(1 + (len(rows) - frequency + 0.5) / (frequency + 0.5))
    discount = K1 * (1 - B + B * lengths / max(lengths.mean(), 1e-9))
    weights = counts.data * (K1 + 1) / (counts.data + discount[counts.row]) * idf[counts.col]
    documents = csr_matrix((weights, (counts.row, counts.col)), shape=counts.shape)
    queries = _counts([_WORD.findall(text.lower()) for text in asked], vocabulary)
    return _best_of_each(texts, [(queries[i : i + 256] @ documents.T).toarray() for i in range(0, len(asked), 256)])


def nearest_ranking(texts: Sequence[Sequence[str]], asked: Sequence[str], encoder: Encoder) -> np.ndarray:
    """Return cosines (questions, articles) of each article's nearest text."""
    vectors = encoder.encode([text for article in texts for text in article])
    queries = encoder.encode(list(asked))
    return _best_of_each(texts, [queries[i : i + 256] @ vectors.T for i in range(0, len(asked), 256)])


def _best_of_each(texts: Sequence[Sequence[str]], scores: Sequence[np.ndarray]) -> np.ndarray:
    starts = np.cumsum([0, *(len(article) for article in texts[:-1])])
    return np.concatenate([np.maximum.reduceat(part, starts, axis=1) for part in scores])


def _counts(rows: Sequence[Sequence[str]], vocabulary: dict[str, int]) -> csr_matrix:
    cells = [
        (number, vocabulary[word], count)
        for number, row in enumerate(rows)
        for word, count in Counter(row).items()
        if word in vocabulary
    ]
    numbers, columns, counts = zip(*cells, strict=True)
    return csr_matrix((np.array(counts, dtype=np.float64), (numbers, columns)), shape=(len(rows), len(vocabulary)))
