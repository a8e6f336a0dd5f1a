"""How alike two questions are, in the terms of this knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from assistant.encoder import Encoder, Vectors
from knowledge_base.articles import Article
from knowledge_base.text import normalise

# Chosen on the demo shop: 25 of its articles taken out, six times; 500 questions about them (phrasings, evaluation
# questions) or out of scope. Clusters of three texts or more are .80 about one article, and the largest cluster of
# an article holds .45 of its texts; with the plain cosine as many are together at .45, but only .74 pure. Higher is
# purer and more scattered. `tests/unit/test_gaps.py` makes these questions; run it with other values to refit.
THRESHOLD = 0.35
PLAIN_THRESHOLD = 0.45
# Share of the average variance mixed into the variance within articles, which few texts cannot measure alone.
SHRINKAGE = 0.3
# An article says something about wording from this many texts on; fewer such articles say too little.
MIN_TEXTS = 3
MIN_ARTICLES = 20
# Texts read for the fit, bounding its time to seconds.
MAX_TEXTS = 2_000


@dataclass(frozen=True)
class Likeness:
    """Half the cosine of two sentence vectors, half their cosine once directions in which the phrasings of one
    article differ count less (within-class covariance normalisation; Hatch, Kajarekar and Stolcke, 2006).

    Pairs from `threshold` on mean the same, more often than not.
    """

    mean: Vectors
    whitening: Vectors | None
    threshold: float

    @classmethod
    def fit(cls, articles: Sequence[Article], encoder: Encoder) -> Likeness:
        """Fit on the articles' phrasings; with too few of them it is the plain cosine."""
        known = [texts for article in articles if len(texts := _texts(article)) >= MIN_TEXTS]
        read = list(_until(known, MAX_TEXTS))
        if len(read) < MIN_ARTICLES:
            return cls(np.zeros(encoder.dimension, dtype=np.float32), None, PLAIN_THRESHOLD)
        vectors = encoder.encode([text for texts in read for text in texts])
        owners = np.repeat(np.arange(len(read)), [len(texts) for texts in read])
        means = np.stack([vectors[owners == number].mean(axis=0) for number in range(len(read))])
        return cls(vectors.mean(axis=0), _whitening(vectors - means[owners]), THRESHOLD)

    def vectors(self, vectors: Vectors) -> Vectors:
        """Return unit vectors whose cosine is the likeness."""
        if self.whitening is None:
            return vectors
        whitened = (vectors - self.mean) @ self.whitening
        whitened /= np.maximum(np.linalg.norm(whitened, axis=1, keepdims=True), 1e-9)
        both: Vectors = (np.hstack([vectors, whitened]) / np.sqrt(2)).astype(np.float32)
        return both


def _texts(article: Article) -> list[str]:
    return [normalise(text) for text in (article.question, *article.phrasings) if text]


def _until(groups: Sequence[list[str]], limit: int) -> islice[list[str]]:
    sizes = np.cumsum([len(texts) for texts in groups])
    return islice(groups, int((sizes <= limit).sum()))


def _whitening(deviations: Vectors) -> Vectors:
    covariance = deviations.T @ deviations / len(deviations)
    average = np.trace(covariance) / len(covariance)
    mixed = (1 - SHRINKAGE) * covariance + SHRINKAGE * average * np.eye(len(covariance))
    values, directions = np.linalg.eigh(mixed)
    whitening: Vectors = ((directions / np.sqrt(values)) @ directions.T).astype(np.float32)
    return whitening
