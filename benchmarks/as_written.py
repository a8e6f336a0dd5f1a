"""Measures messages as people write them: misspelt, following an answer, with several questions."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from misspelt import as_in_chats, with_slips

from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.confidence import SUGGEST_FROM
from knowledge_base.evaluate import Query
from knowledge_base.index import build_index
from knowledge_base.metrics import Metrics, Outcome, measure
from knowledge_base.search import KnowledgeBase
from knowledge_base.text import normalise
from knowledge_base.understanding import Asked, understand

Change = Callable[[str], str]

SPELLINGS: dict[str, Change] = {
    "as it is": str,
    "slips": with_slips,
    "chat": as_in_chats,
    "chat and slips": lambda text: with_slips(as_in_chats(text)),
}


@dataclass(frozen=True)
class Message:
    """A message with so many questions, perhaps after the answer of an article; `relevant` answer it, if any do."""

    text: str
    relevant: frozenset[str]
    previous: str | None
    questions: int


@dataclass(frozen=True)
class Got:
    """What messages got. `first` and `given` count right articles, `wrong` those given in error; `split` messages were
    read as several questions, for `rejected` ones nothing was given or offered.
    """

    messages: int
    first: int
    given: int
    wrong: int
    split: int
    rejected: int


def messages(path: Path) -> list[Message]:
    """Read a file of `knowledge_base/evaluation`."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Message(r["text"], frozenset(r["relevant"]), r.get("previous"), r.get("questions", 1)) for r in rows]


def after_any(queries: Sequence[Query], article_ids: Sequence[str]) -> list[Message]:
    """Return each query as a message after the answer of an article drawn at random: mostly of another topic."""
    draw = random.Random(0)
    return [Message(query.text, query.relevant, draw.choice(article_ids), 1) for query in queries]


class Asker:
    """Articles, indexed once, and what becomes of messages."""

    def __init__(self, articles: Sequence[Article], encoder: Encoder) -> None:
        self._index = build_index(articles, encoder)
        self._encoder = encoder
        self.knowledge_base = KnowledgeBase(self._index, articles, encoder, "measured")

    def ask(self, queries: Sequence[Query], change: Change = str, repaired: bool = True) -> Metrics:
        """Ask each query with its spelling changed, and repaired or not before it is encoded."""
        plain = self.knowledge_base.normalise if repaired else normalise
        texts = [plain(change(query.text)) for query in queries]
        scores = self._index.scores(self._index.encode(self._encoder, texts), texts)
        confidences = self._index.calibration.probability(scores)
        rankings = np.array(self._index.article_ids)[np.argsort(-scores.fused, axis=1, kind="stable")]
        rows = zip(rankings, queries, confidences, strict=True)
        return measure([Outcome.of(ranking.tolist(), query.relevant, float(sure)) for ranking, query, sure in rows])

    def understood(self, asked: Iterable[Message]) -> Got:
        """What each gets as the bot reads it."""
        return _count((understand(self.knowledge_base, one.text, one.previous), one.relevant) for one in asked)

    def as_one(self, asked: Iterable[Message]) -> Got:
        """What each gets as one question by itself."""
        return _count(((Asked(one.text, self.knowledge_base.search(one.text)),), one.relevant) for one in asked)


def _count(answered: Iterable[tuple[Sequence[Asked], frozenset[str]]]) -> Got:
    rows = [_counts(asked, relevant) for asked, relevant in answered]
    return Got(len(rows), *(sum(column) for column in zip(*rows, strict=True)))


def _counts(asked: Sequence[Asked], relevant: frozenset[str]) -> tuple[int, int, int, int, int]:
    found = {one.article_id for one in asked}
    sure = {one.article_id for one in asked if one.sure}
    rejected = all(one.result.confidence < SUGGEST_FROM for one in asked)
    return len(found & relevant), len(sure & relevant), len(sure - relevant), len(asked) > 1, rejected
