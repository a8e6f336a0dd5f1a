"""Floors for the demo shop: questions in customers' words, written apart from the articles."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.encoder import Encoder
from knowledge_base.articles import Article, load_articles
from knowledge_base.evaluate import evaluate, parse_queries_jsonl
from knowledge_base.metrics import Metrics


@pytest.fixture(scope="module")
def articles(repository: Path) -> tuple[Article, ...]:
    return load_articles(repository / "knowledge_base" / "articles")


@pytest.fixture(scope="module")
def metrics(repository: Path, articles: tuple[Article, ...], encoder: Encoder) -> Metrics:
    path = repository / "knowledge_base" / "evaluation" / "questions.jsonl"
    queries = parse_queries_jsonl(path, {article.id for article in articles})
    return evaluate(articles, queries, encoder)[0]


def test_that_there_are_a_hundred_articles_in_customers_words(articles: tuple[Article, ...]) -> None:
    assert len(articles) >= 100
    assert all(len(article.phrasings) >= 5 for article in articles)
    assert sum(article.human_only for article in articles) >= 5


def test_that_there_are_enough_questions_to_judge_by(metrics: Metrics) -> None:
    assert metrics.in_scope >= 300
    assert metrics.out_of_scope >= 80


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("accuracy", 0.81),
        ("recall_at_3", 0.92),
        ("answered_precision", 0.94),
        ("suggested_recall_at_3", 0.94),
        ("out_of_scope_recall", 0.75),
        ("auroc", 0.86),
    ],
)
def test_that_the_demo_shop_answers_at_least_this_well(metrics: Metrics, name: str, floor: float) -> None:
    assert getattr(metrics, name) >= floor
