"""For whoever edits an article: what the assistant would do with a question now, and where a draft would stand."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import numpy as np
from fastapi import Depends, FastAPI, Header, HTTPException
from pydantic import BaseModel, Field

from actions.live_knowledge_base import LiveKnowledgeBase
from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.index import rows_of
from knowledge_base.search import KnowledgeBase, SearchResult
from knowledge_base.text import normalise

SHOWN_HITS = 3
# Texts of a draft that are looked up; the rest says little more and each costs an encoding.
OVERLAP_TEXTS = 12
# Likelier than not: below this the assistant would ask, and the article has a chance of its own.
OVERLAP_PROBABILITY = 0.5
# Texts encoded for the comparison of closeness, the draft's and those of the articles beside it.
CLOSENESS_TEXTS = 40


class TrialArticle(BaseModel):
    """A draft; only its texts matter here."""

    id: str
    question: str = ""
    phrasings: list[str] = Field(default_factory=list)
    answer: str = ""

    def article(self) -> Article:
        return Article(self.id, self.question, tuple(self.phrasings), self.answer)


class TrialBody(BaseModel):
    question: str = Field(max_length=4000)
    article: TrialArticle


class OverlapsBody(BaseModel):
    article: TrialArticle


def add_article_trial(
    app: FastAPI,
    live: LiveKnowledgeBase,
    encoder: Encoder,
    executor: ThreadPoolExecutor,
    secret: str,
) -> None:
    """For callers that know the shared secret."""

    def trusted(x_offramp_secret: Annotated[str, Header()] = "") -> None:
        if not secret or not hmac.compare_digest(x_offramp_secret.encode(), secret.encode()):
            raise HTTPException(401)

    @app.post("/articles/trial", dependencies=[Depends(trusted)])
    async def trial(body: TrialBody) -> dict[str, Any]:
        knowledge_base, result = await live.search(body.question)
        shown = [hit for hit in result.hits if hit.article_id != body.article.id][:SHOWN_HITS]
        published = knowledge_base.articles
        articles = [body.article.article(), *(published[hit.article_id] for hit in shown)]
        near = await asyncio.get_running_loop().run_in_executor(executor, closeness, body.question, articles, encoder)
        top = [
            {"id": h.article_id, "question": published[h.article_id].question, "probability": h.probability}
            for h in result.hits[:SHOWN_HITS]
        ]
        others = {hit.article_id: near[n] for n, hit in enumerate(shown, start=1)}
        return {
            "decision": result.decision,
            "confidence": result.confidence,
            "hits": top,
            "closeness": {"draft": near[0], "others": others},
        }

    @app.post("/articles/overlaps", dependencies=[Depends(trusted)])
    async def overlaps(body: OverlapsBody) -> dict[str, Any]:
        found = [
            row
            for text in texts_of(body.article.article())[:OVERLAP_TEXTS]
            if (row := overlap(*await live.search(text), text, body.article.id))
        ]
        return {"overlaps": found}


def texts_of(article: Article) -> list[str]:
    """Question and phrasings, each once."""
    return list(dict.fromkeys(text for text in (article.question, *article.phrasings) if text))


def closeness(question: str, articles: Sequence[Article], encoder: Encoder) -> list[float | None]:
    """How near each article's texts are to a question: the mean of the nearest cosine and the centroid's.

    None for an article without texts. The search ranks by more than this, so it is an estimate.
    """
    rows = rows_of([cut(article, CLOSENESS_TEXTS // len(articles)) for article in articles])
    if not rows.texts:
        return [None for _ in articles]
    vectors = encoder.encode([normalise(question), *rows.texts])
    asked, texts = vectors[0], vectors[1:]
    near: list[float | None] = []
    for number in range(len(articles)):
        own = texts[rows.owners == number]
        if not len(own):
            near.append(None)
            continue
        centroid = own.mean(axis=0)
        central = float(asked @ centroid / max(float(np.linalg.norm(centroid)), 1e-9))
        near.append(round((float((own @ asked).max()) + central) / 2, 3))
    return near


def cut(article: Article, texts: int) -> Article:
    """The article with its first phrasings only."""
    return Article(article.id, article.question, article.phrasings[: max(1, texts - 1)], article.answer)


def overlap(knowledge_base: KnowledgeBase, result: SearchResult, text: str, own_id: str) -> dict[str, Any] | None:
    """Which other article answers `text` now, if one does."""
    best = next(iter(result.hits), None)
    if best is None or best.article_id == own_id or best.probability < OVERLAP_PROBABILITY:
        return None
    question = knowledge_base.article(best.article_id).question
    return {"text": text, "id": best.article_id, "question": question, "probability": best.probability}
