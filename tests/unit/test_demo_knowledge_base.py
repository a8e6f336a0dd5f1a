"""Floors for the demo shop, each a little below what is measured: questions in customers' words, written apart from the
articles; the same misspelt; messages after an answer and of several sentences, which the rules were made with.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "benchmarks"))

from as_written import Asker, after_any, messages
from misspelt import as_in_chats, with_slips

from assistant.encoder import Encoder
from knowledge_base.articles import Article, load_articles
from knowledge_base.evaluate import Query, parse_queries_jsonl
from knowledge_base.metrics import Metrics
from knowledge_base.understanding import understand


@pytest.fixture(scope="module")
def evaluation(repository: Path) -> Path:
    return repository / "knowledge_base" / "evaluation"


@pytest.fixture(scope="module")
def articles(repository: Path) -> tuple[Article, ...]:
    return load_articles(repository / "knowledge_base" / "articles")


@pytest.fixture(scope="module")
def asker(articles: tuple[Article, ...], encoder: Encoder) -> Asker:
    return Asker(articles, encoder)


@pytest.fixture(scope="module")
def queries(evaluation: Path, articles: tuple[Article, ...]) -> tuple[Query, ...]:
    return parse_queries_jsonl(evaluation / "questions.jsonl", {article.id for article in articles})


@pytest.fixture(scope="module")
def metrics(asker: Asker, queries: tuple[Query, ...]) -> Metrics:
    return asker.ask(queries)


@pytest.fixture(scope="module")
def slipped(asker: Asker, queries: tuple[Query, ...]) -> Metrics:
    return asker.ask(queries, with_slips)


@pytest.fixture(scope="module")
def chatted(asker: Asker, queries: tuple[Query, ...]) -> Metrics:
    return asker.ask(queries, as_in_chats)


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
        ("accuracy", 0.9),  # measured .915
        ("recall_at_3", 0.973),  # .986
        ("answered", 0.49),  # .512
        ("answered_precision", 0.97),  # .983
        ("suggested_recall_at_3", 0.96),  # .980
        ("out_of_scope_recall", 0.86),  # .881
        ("auroc", 0.942),  # .954
    ],
)
def test_that_the_demo_shop_answers_at_least_this_well(metrics: Metrics, name: str, floor: float) -> None:
    assert getattr(metrics, name) >= floor


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("accuracy", 0.89),  # measured .907, without the repair .852
        ("recall_at_3", 0.96),  # .975, .942
        ("answered", 0.42),  # .439, .344
        ("answered_precision", 0.97),  # .980; .975
        ("out_of_scope_recall", 0.88),  # .901, .891
    ],
)
def test_that_slips_of_the_fingers_cost_little(slipped: Metrics, name: str, floor: float) -> None:
    assert getattr(slipped, name) >= floor


@pytest.mark.parametrize(
    ("name", "floor"),
    [
        ("accuracy", 0.895),  # measured .912, without the repair .915
        ("recall_at_3", 0.97),  # .986, .981
        ("answered", 0.45),  # .469, .467
        ("answered_precision", 0.97),  # .982, .982
        ("out_of_scope_recall", 0.86),  # .881, .891
    ],
)
def test_that_the_spelling_of_chats_costs_little(chatted: Metrics, name: str, floor: float) -> None:
    assert getattr(chatted, name) >= floor


def test_that_a_message_is_read_after_the_answer_before_it(asker: Asker, evaluation: Path) -> None:
    follow_ups = [one for one in messages(evaluation / "follow_ups.jsonl") if one.relevant]
    got = asker.understood(follow_ups)
    assert got.messages >= 200
    assert got.first >= 0.77 * got.messages  # measured 190 of 236; alone 131
    assert got.given >= 0.63 * got.messages  # 154; alone 69
    assert got.wrong <= 13  # 11


def test_that_after_an_answer_little_is_made_up(asker: Asker, evaluation: Path) -> None:
    unanswerable = [one for one in messages(evaluation / "follow_ups.jsonl") if not one.relevant]
    got = asker.understood(unanswerable)
    assert got.wrong <= 0.3 * got.messages  # measured 6 of 26, each a part of the answer given before
    assert got.rejected >= 0.6 * got.messages  # 18


def test_that_an_unrelated_answer_before_it_costs_an_ordinary_question_little(
    asker: Asker, articles: tuple[Article, ...], queries: tuple[Query, ...]
) -> None:
    after = after_any(queries, [article.id for article in articles])
    got = asker.understood([one for one in after if one.relevant])
    outside = asker.understood([one for one in after if not one.relevant])
    assert got.first >= 0.86 * got.messages  # measured 331 of 364; alone 333
    assert got.wrong + outside.wrong <= 13  # 12 beside 234 right ones; alone 4 beside 235
    assert outside.rejected >= 0.77 * outside.messages  # 84 of 101; alone 89


def test_that_both_of_two_questions_are_answered(asker: Asker, evaluation: Path) -> None:
    two = [one for one in messages(evaluation / "several_sentences.jsonl") if one.questions == 2]
    got = asker.understood(two)
    assert got.messages >= 20
    assert got.first >= 0.87 * 2 * got.messages  # measured 44 of 48; read as one text 23
    assert got.given >= 0.83 * 2 * got.messages  # 41; as one text 13
    assert got.wrong <= 2  # 1


def test_that_several_sentences_with_one_question_stay_one(asker: Asker, evaluation: Path) -> None:
    one = [message for message in messages(evaluation / "several_sentences.jsonl") if message.questions == 1]
    got = asker.understood(one)
    assert got.first >= 0.85 * got.messages  # measured 13 of 14
    assert got.given >= 0.64 * got.messages  # 10; as one text 10
    assert got.wrong == 0
    assert got.split <= 1  # 0


def test_that_a_follow_up_in_other_words_is_still_seen_as_a_repeat(asker: Asker) -> None:
    text = "and how much is delivery?"
    alone = asker.knowledge_base.search(text)
    assert asker.knowledge_base.search_after(text, "return-an-item").result.posterior == pytest.approx(
        alone.posterior, abs=1e-3
    )


@pytest.mark.parametrize("name", ["siva", "tom hughes", "im sham", "michele bennet", "AB12 4XY"])
def test_that_a_name_after_an_answer_does_not_get_more_of_it(asker: Asker, name: str) -> None:
    assert not understand(asker.knowledge_base, name, "legal-complaint")[0].sure
