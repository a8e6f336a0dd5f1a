"""A knowledge base that finds what the test says, for the tests of what is made of it."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge_base.articles import Article
from knowledge_base.confidence import decide
from knowledge_base.search import NOTHING, Hit, KnowledgeBase, SearchAfter, SearchResult


def found(*articles: str, confidence: float = 0.9) -> SearchResult:
    """A result of these articles, likeliest first; the others share evenly what the first leaves."""
    rest = (1 - confidence) / max(1, len(articles) - 1)
    shares = [confidence, *[rest] * (len(articles) - 1)]
    hits = tuple(Hit(article, share, share, share) for article, share in zip(articles, shares, strict=True))
    return SearchResult(decide(confidence), confidence, hits, dict(zip(articles, shares, strict=True)))


class Canned(KnowledgeBase):
    """`alone` and `after` say what a text finds by itself and after an answer, `same` which texts the answered article
    says more of; `people` names human-only articles.
    """

    def __init__(
        self,
        alone: Mapping[str, SearchResult],
        after: Mapping[str, SearchResult] | None = None,
        people: frozenset[str] = frozenset(),
        same: frozenset[str] = frozenset(),
    ) -> None:
        self.version = "canned"
        self._alone, self._after, self._same = alone, after or {}, same
        results = [*alone.values(), *self._after.values()]
        ids = sorted({hit.article_id for result in results for hit in result.hits})
        self.articles = {id: Article(id, f"About {id}?", (), f"All about {id}.", human_only=id in people) for id in ids}

    def normalise(self, text: str) -> str:
        return text

    def search(self, text: str) -> SearchResult:
        return self._alone.get(text, NOTHING)

    def search_after(self, text: str, article_id: str) -> SearchAfter:
        return SearchAfter(self._after.get(text, NOTHING), 0.9 if text in self._same else 0.0)

    def passage(self, text: str, article_id: str) -> str:
        return f"the part of {article_id} on {text}"
