from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.encoder import Encoded, Encoder
from knowledge_base import nearest
from knowledge_base.articles import Article
from knowledge_base.build import with_chosen_search
from knowledge_base.calibration import WITHOUT_HEADS
from knowledge_base.heads import Floats, Rows
from knowledge_base.index import Index, build_index
from knowledge_base.nearest import NEAREST_ROWS, Choice, Graph, NearestRows, chosen, exact, recall
from knowledge_base.scoring import Scorer
from knowledge_base.search import HITS, results
from knowledge_base.snapshot import SnapshotError, load_current, read_metadata, save
from knowledge_base.wording import Wording

ROWS, DIMENSION = 2_000, 32


@pytest.fixture
def vectors() -> Floats:
    drawn = np.random.default_rng(0).standard_normal((ROWS, DIMENSION)).astype(np.float32)
    unit: Floats = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return unit


def pretend_slow(exact_ms: float, hnsw_ms: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure as if rows were many: the times are given, the rows are really searched."""
    ask_each = nearest.ask_each

    def asked(rows: NearestRows, queries: Floats) -> tuple[float, Rows]:
        return hnsw_ms if rows.choice.method == "hnsw" else exact_ms, ask_each(rows, queries)[1]

    monkeypatch.setattr(nearest, "ALWAYS_EXACT_ROWS", 1)
    monkeypatch.setattr(nearest, "ask_each", asked)


def test_that_few_rows_are_searched_exactly_without_measuring(vectors: Floats) -> None:
    assert chosen(exact(vectors), budget_ms=0).choice == Choice("exact")


def test_that_exact_search_within_the_budget_stays(vectors: Floats, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_slow(3.0, 1.0, monkeypatch)
    assert chosen(exact(vectors), budget_ms=4).choice == Choice("exact", 3.0)


def test_that_slow_exact_search_gives_way_to_a_graph_that_finds_the_same(
    vectors: Floats, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_slow(9.0, 1.0, monkeypatch)
    graph = chosen(exact(vectors), budget_ms=4)
    assert graph.choice.method == "hnsw"
    queries = vectors[:50] + vectors[50:100]
    assert recall(graph.search(queries)[1], exact(vectors).search(queries)[1]) > nearest.MIN_RECALL
    assert np.array_equal(graph.vectors(), vectors)


@pytest.mark.parametrize(("hnsw_ms", "least"), [(10.0, 0.99), (1.0, 1.01)])
def test_that_a_graph_that_is_slower_or_misses_rows_is_not_used(
    vectors: Floats, monkeypatch: pytest.MonkeyPatch, hnsw_ms: float, least: float
) -> None:
    pretend_slow(9.0, hnsw_ms, monkeypatch)
    monkeypatch.setattr(nearest, "MIN_RECALL", least)
    kept = chosen(exact(vectors), budget_ms=4)
    assert kept.choice.method == "exact"
    assert kept.choice.graph is not None


def test_that_rows_a_graph_cannot_reach_do_not_lower_the_others(vectors: Floats) -> None:
    class Halting:
        ntotal = 3

        def search(self, queries: Floats, count: int) -> tuple[Floats, Rows]:
            return np.array([[0.9, 0.5, -3e38]], dtype=np.float32), np.array([[2, 0, -1]])

    cosines, rows = NearestRows(Halting(), Choice("hnsw")).search(vectors[:1])
    assert cosines.tolist() == [pytest.approx([0.9, 0.5, 0.5])]
    assert rows.tolist() == [[2, 0, 2]]


def test_that_only_the_best_articles_are_sorted_and_equal_ones_keep_their_order(vectors: Floats) -> None:
    same = np.repeat(vectors[:5], 4, axis=0)
    scorer = Scorer(same, np.arange(20), 20, None)
    index = Index([f"article-{number}" for number in range(20)], scorer, None, Wording([set()] * 20), WITHOUT_HEADS)
    hits = results(index, Encoded(vectors[1:2], ()), ["text"])[0].hits
    assert [hit.article_id for hit in hits[:4]] == ["article-4", "article-5", "article-6", "article-7"]
    assert len(hits) == HITS


@pytest.fixture
def articles() -> list[Article]:
    return [
        Article("return-an-item", "How do I return an item?", ("send my boots back",), "Use the label."),
        Article("gift-card", "How do I use a gift card?", ("redeem a voucher",), "Enter its number."),
        Article("opening-hours", "When are your stores open?", ("opening times on sunday",), "From nine."),
    ]


def test_that_a_snapshot_with_a_graph_answers_and_a_truncated_one_is_refused(
    articles: list[Article], tmp_path: Path, encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend_slow(9.0, 1.0, monkeypatch)
    index = with_chosen_search(build_index(articles, encoder))
    directory = tmp_path / save(tmp_path, index, articles, encoder)
    loaded = load_current(tmp_path, encoder)
    assert loaded.search("can i send these shoes back").hits[0].article_id == "return-an-item"
    assert loaded.kind == "heads, late interaction"
    assert read_metadata(directory).nearest == Choice("hnsw", 9.0, Graph(1.0, 1.0, NEAREST_ROWS))
    vectors = directory / "vectors.faiss"
    vectors.write_bytes(vectors.read_bytes()[:-100])
    with pytest.raises(SnapshotError, match=r"vectors\.faiss is .*checksum"):
        load_current(tmp_path, encoder)
