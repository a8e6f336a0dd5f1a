"""Search in the knowledge base: what to answer, how sure, and what else it might be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from assistant.encoder import Encoded, Encoder
from assistant.spelling import Speller, count_words
from knowledge_base.articles import Article
from knowledge_base.calibration import Calibration, features
from knowledge_base.confidence import Decision, decide
from knowledge_base.explain import Explanation, explain
from knowledge_base.follow_ups import evidence_for, same_article, scores_after
from knowledge_base.heads import Floats, Rows, log_softmax
from knowledge_base.index import Index, rows_of
from knowledge_base.passages import AnswerParts
from knowledge_base.scoring import Scores
from knowledge_base.text import normalise

HITS = 5
# Articles; the rest holds too little probability to matter when two turns are compared.
POSTERIOR_ARTICLES = 8
# Texts that are kept encoded: a message is looked at alone, in parts and behind the answer before it.
KEPT_TEXTS = 256


@dataclass(frozen=True)
class Hit:
    """An article with its fused score (comparable within one search, higher is better) and probability; `otherwise`
    is the latter if the first hit is wrong, and its own for the first.
    """

    article_id: str
    score: float
    probability: float
    otherwise: float


@dataclass(frozen=True)
class SearchResult:
    """`confidence` is the probability that the first hit is right, `hits` are best first, at most five.

    `posterior` says which articles the text is about, whether or not they answer it: softmax of the fused scores, the
    eight largest. The overlap Σ√(p·q) of two posteriors tells a repeated question from a new one.
    """

    decision: Decision
    confidence: float
    hits: tuple[Hit, ...]
    posterior: Mapping[str, float]


@dataclass(frozen=True)
class SearchAfter:
    """What was found behind an answered article; `same` is the probability that this very article says more of it."""

    result: SearchResult
    same: float = 0.0

    def with_same(self, article_id: str) -> SearchResult:
        """The result with the answered article in front."""
        others = tuple(hit for hit in self.result.hits if hit.article_id != article_id)
        score = max((hit.score for hit in self.result.hits), default=0.0)
        first = Hit(article_id, score, self.same, self.same)
        return replace(self.result, decision="answer", confidence=self.same, hits=(first, *others))


NOTHING = SearchResult("none", 0.0, (), {})


class KnowledgeBase:
    """The articles of one snapshot and the search over them. Safe to call from several threads."""

    def __init__(self, index: Index, articles: Sequence[Article], encoder: Encoder, version: str) -> None:
        self.version = version
        self.articles: Mapping[str, Article] = {article.id: article for article in articles}
        self._index, self._encoder = index, encoder
        self._speller = Speller(count_words(rows_of(articles).texts), encoder.vocabulary)
        self._encode = lru_cache(maxsize=KEPT_TEXTS)(self._encode_once)
        self._parts: dict[str, AnswerParts] = {}
        self._number = {article_id: number for number, article_id in enumerate(index.article_ids)}

    def article(self, article_id: str) -> Article:
        """Return an article. Raises `KeyError` if this snapshot has none of that id."""
        return self.articles[article_id]

    def normalise(self, text: str) -> str:
        """Return `text` as it is searched: one line, without shouting, typos and a greeting glued to a question."""
        return self._speller.correct(normalise(text))

    def search(self, text: str) -> SearchResult:
        """Return the articles that may answer `text`; a text without any letter or digit finds nothing."""
        normalised = self.normalise(text)
        if not any(character.isalnum() for character in normalised):
            return NOTHING
        return results(self._index, self._encode(normalised), [normalised])[0]

    def search_after(self, text: str, article_id: str) -> SearchAfter:
        """Return the articles that may answer `text`, read as a follow-up of an article that was just given."""
        alone, together, cosines = self._behind(text, article_id)
        number = self._number[article_id]
        scores = scores_after(alone, together, number)
        result = _results(self._index, scores)[0]
        # Which articles the text is about is a question to its words alone: a repeat must still be seen as one.
        result = replace(result, posterior=_posterior(self._index, alone.fused[0]))
        return SearchAfter(result, same_article(evidence_for(alone, together, number, cosines)))

    def follow_up_evidence(self, text: str, article_id: str) -> tuple[float, float, float]:
        """Return what speaks for an article that was just given, if `text` follows: see `follow_ups`."""
        alone, together, cosines = self._behind(text, article_id)
        return evidence_for(alone, together, self._number[article_id], cosines)

    def _behind(self, text: str, article_id: str) -> tuple[Scores, Scores, Floats]:
        """Scores of `text` alone and behind an article's question, and its cosines with the answer's sentences."""
        normalised = self.normalise(text)
        texts = [normalised, f"{self.articles[article_id].question} {normalised}"]
        alone, together = (self._index.scores(self._encode(one), [one]) for one in texts)
        return alone, together, self._parts_of(article_id).sentences @ self._encode(normalised).vectors[0]

    def _parts_of(self, article_id: str) -> AnswerParts:
        """Encoded when first asked for: few articles are followed up at all."""
        if article_id not in self._parts:
            self._parts[article_id] = AnswerParts.of(self.articles[article_id], self._encoder)
        return self._parts[article_id]

    @property
    def calibration(self) -> Calibration:
        """How the probabilities are made."""
        return self._index.calibration

    @property
    def kind(self) -> str:
        """What the scores are made of: see `Scorer.kind`."""
        return self._index.scorer.kind

    def evidence(self, text: str) -> Floats:
        """Return (4,): the features that the confidence in the first article for `text` is made of."""
        normalised = self.normalise(text)
        found: Floats = features(self._index.scores(self._encode(normalised), [normalised]))[0]
        return found

    def explain(self, text: str, result: SearchResult) -> Explanation:
        """Return why the search for `text` gave `result`."""
        normalised = self.normalise(text)
        encoded = self._encode(normalised)
        scores = self._index.scores(encoded, [normalised])
        articles = [self.articles[article_id] for article_id in self._index.article_ids]
        return explain(self._index, articles, encoded, scores, [hit.article_id for hit in result.hits])

    def passage(self, text: str, article_id: str) -> str:
        """Return the part of an article's answer that is nearest to `text`, Markdown as approved."""
        return self._parts_of(article_id).nearest(self._encode(self.normalise(text)).vectors[0])

    def _encode_once(self, text: str) -> Encoded:
        return self._index.encode(self._encoder, [text])


def results(index: Index, encoded: Encoded, texts: Sequence[str]) -> list[SearchResult]:
    """Return the result for each normalised text."""
    return _results(index, index.scores(encoded, texts))


def _results(index: Index, scores: Scores) -> list[SearchResult]:
    confidences = index.calibration.probability(scores)
    others = np.zeros_like(confidences)
    if len(index.article_ids) > 1:
        others = index.calibration.probability(scores.without(scores.fused.argmax(axis=1)))
    return [
        _result(index, fused, float(confidence), float(other))
        for fused, confidence, other in zip(scores.fused, confidences, others, strict=True)
    ]


def _result(index: Index, fused: Floats, confidence: float, other: float) -> SearchResult:
    """`other` is the confidence in the second article if there were no first one."""
    best = _largest(fused, HITS)
    probabilities = _falling(fused[best], confidence)
    otherwise = np.maximum(probabilities, [confidence, *_falling(fused[best[1:]], other)]).tolist()
    hits = tuple(
        Hit(index.article_ids[number], float(fused[number]), *shares)
        for number, *shares in zip(best, probabilities, otherwise, strict=True)
    )
    return SearchResult(decide(confidence), confidence, hits, _posterior(index, fused))


def _falling(fused: Floats, first: float) -> list[float]:
    """Probabilities of articles, best first: after the first they fall with the posterior odds, and never exceed what
    the first one leaves.
    """
    return [
        first if place == 0 else min(first, 1 - first) * float(np.exp(f - fused[0])) for place, f in enumerate(fused)
    ]


def _posterior(index: Index, fused: Floats) -> Mapping[str, float]:
    shares = np.exp(log_softmax(fused))
    return {index.article_ids[number]: float(shares[number]) for number in _largest(shares, POSTERIOR_ARTICLES)}


def _largest(values: Floats, count: int) -> Rows:
    """Return the positions of the `count` largest, largest first, among equals the first one first."""
    if len(values) > count:
        candidates = np.flatnonzero(values >= np.partition(values, -count)[-count])
    else:
        candidates = np.arange(len(values))
    best: Rows = candidates[np.argsort(-values[candidates], kind="stable")][:count]
    return best
