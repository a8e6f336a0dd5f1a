"""Measure retrieval and confidence of a set of articles on questions whose right articles are known."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from assistant.encoder import Encoder
from assistant.spelling import Speller, count_words
from knowledge_base.articles import Article, ArticleError, Problem, numbered_lines
from knowledge_base.confidence import Decision, decide
from knowledge_base.index import Index, Progress, build_index, rows_of
from knowledge_base.metrics import Metrics, Outcome, measure
from knowledge_base.text import normalise

# Articles written for each question; rank metrics use the whole ranking.
RANKING = 50
# Questions scored at a time, for memory.
CHUNK = 256


@dataclass(frozen=True)
class Query:
    """A customer's question; `relevant` are the ids of the articles that answer it, none if out of scope."""

    id: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True)
class Prediction:
    """What the knowledge base would do with one query; `ranking` holds article ids, best first."""

    id: str
    ranking: tuple[str, ...]
    decision: Decision
    confidence: float


def parse_queries_jsonl(path: Path, article_ids: Collection[str]) -> tuple[Query, ...]:
    """Read one `{"id", "text", "relevant": [article ids]}` a line. Raises `ArticleError`."""
    queries, problems = [], []
    for number, line in numbered_lines(path):
        try:
            queries.append(_query(line, article_ids))
        except ValueError as error:
            problems.append(Problem(path, number, str(error)))
    if not queries and not problems:
        problems.append(Problem(path, None, "no query in this file"))
    if problems:
        raise ArticleError(problems)
    return tuple(queries)


def _query(line: str, article_ids: Collection[str]) -> Query:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg})") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    for name in ("id", "text"):
        if not isinstance(row.get(name), str) or not row[name]:
            raise ValueError(f"{name} must be text")
    relevant = row.get("relevant")
    if not isinstance(relevant, list) or not all(isinstance(item, str) for item in relevant):
        raise ValueError("relevant must be a list of article ids")
    unknown = [item for item in relevant if item not in article_ids]
    if unknown:
        raise ValueError(f"relevant names the unknown article {unknown[0]!r}")
    return Query(row["id"], row["text"], frozenset(relevant))


def evaluate(
    articles: Sequence[Article],
    queries: Sequence[Query],
    encoder: Encoder,
    progress: Progress = lambda stage, done: None,
) -> tuple[Metrics, tuple[Prediction, ...]]:
    """Build an index of `articles` in memory, ask it all `queries`, and return metrics and predictions."""
    index = build_index(articles, encoder, progress)
    speller = Speller(count_words(rows_of(articles).texts), encoder.vocabulary)
    predictions: list[Prediction] = []
    outcomes: list[Outcome] = []
    for start in range(0, len(queries), CHUNK):
        progress("ask", start / len(queries))
        for query, ranking, confidence in _ask(index, speller, queries[start : start + CHUNK], encoder):
            predictions.append(Prediction(query.id, tuple(ranking[:RANKING]), decide(confidence), confidence))
            outcomes.append(Outcome.of(ranking, query.relevant, confidence))
    return measure(outcomes), tuple(predictions)


def _ask(
    index: Index, speller: Speller, queries: Sequence[Query], encoder: Encoder
) -> list[tuple[Query, list[str], float]]:
    texts = [speller.correct(normalise(query.text)) for query in queries]
    scores = index.scores(index.encode(encoder, texts), texts)
    order = np.argsort(-scores.fused, axis=1, kind="stable")
    confidences = index.calibration.probability(scores)
    return [
        (query, [index.article_ids[number] for number in order[row]], float(confidences[row]))
        for row, query in enumerate(queries)
    ]


def write_predictions(path: Path, predictions: Sequence[Prediction]) -> None:
    """Write one JSON object a prediction."""
    lines = (json.dumps(asdict(prediction), ensure_ascii=False) for prediction in predictions)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def as_json(metrics: Metrics) -> Mapping[str, Any]:
    """Return the metrics by name, rounded; those that do not apply (no query out of scope, say) are None."""
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(metrics).items()}
