"""The nearest rows of a text: compared one by one while that is fast, found in an HNSW graph beyond.

The build measures both on the machine it runs on. Graph: Malkov and Yashunin, arXiv 1603.09320, as in FAISS.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import faiss
import numpy as np

from knowledge_base.heads import Floats, Rows

# Rows asked for each text; the articles that own none of them are bounded by the last row's cosine.
NEAREST_ROWS = 512
# Rows; fewer take about a millisecond one by one on any machine, so that nothing is measured and nothing varies.
ALWAYS_EXACT_ROWS = 20_000
# Milliseconds for one text on one thread: a search is to take ten at most, of which encoding takes half.
EXACT_BUDGET_MS = 4.0
# Share of the nearest rows that a graph must find to be used.
MIN_RECALL = 0.99
# Rows asked in the measurement; spread over the knowledge base.
MEASURED_ROWS = 200
# Links a row, the usual choice for several hundred dimensions.
LINKS = 32
# Rows looked at while linking one; more hardly improve a graph of 32 links.
LINKING_BREADTH = 200
# Rows looked at in a search, least first: FAISS looks at as many as are asked for anyway.
SEARCH_BREADTHS = (NEAREST_ROWS, 2 * NEAREST_ROWS, 4 * NEAREST_ROWS)
# Rows between two reports of progress.
LINK_STEP = 1_000

Progress = Callable[[float], None]


@dataclass(frozen=True)
class Graph:
    """What was measured of an HNSW graph: median milliseconds a text, share of the nearest rows that it found."""

    ms: float
    recall: float
    search_breadth: int


@dataclass(frozen=True)
class Choice:
    """How rows are searched, and why: median milliseconds a text, absent where there are too few rows to measure;
    the graph, absent where exact search was fast enough.
    """

    method: Literal["exact", "hnsw"] = "exact"
    exact_ms: float | None = None
    graph: Graph | None = None

    def __str__(self) -> str:
        if self.exact_ms is None:
            return "exact search"
        if self.graph is None:
            return f"exact search ({self.exact_ms:.1f} ms)"
        graph = f"{self.graph.ms:.1f} ms, recall {self.graph.recall:.3f}"
        if self.method == "exact":
            return f"exact search ({self.exact_ms:.1f} ms; HNSW {graph})"
        return f"HNSW ({graph}; exact search {self.exact_ms:.1f} ms)"


class NearestRows:
    """A FAISS index of unit vectors, and why it is of that kind. Safe to search from several threads."""

    def __init__(self, index: Any, choice: Choice) -> None:
        self.index, self.choice = index, choice

    def __len__(self) -> int:
        return int(self.index.ntotal)

    def vectors(self) -> Floats:
        """Return the rows (rows, dimension): a view of the index's own memory, good while the index lives."""
        index: Any = faiss.downcast_index(self.index)
        flat: Any = faiss.downcast_index(index.storage) if isinstance(index, faiss.IndexHNSW) else index
        view: Floats = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(flat.ntotal, flat.d)
        return view

    def search(self, queries: Floats) -> tuple[Floats, Rows]:
        """Return cosines, highest first, and row numbers, both (queries, 512), or all rows where there are fewer."""
        cosines, rows = self.index.search(np.ascontiguousarray(queries), min(len(self), NEAREST_ROWS))
        missing = rows < 0
        if missing.any():
            # A graph may reach fewer rows: repeat the first row with the lowest cosine seen.
            lowest = np.where(missing, np.inf, cosines).min(axis=1, keepdims=True)
            cosines, rows = np.where(missing, lowest, cosines), np.where(missing, rows[:, :1], rows)
        return cosines, rows


def exact(vectors: Floats) -> NearestRows:
    """Return an index that compares with every row; `vectors` (rows, dimension) are unit vectors."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(np.ascontiguousarray(vectors))
    return NearestRows(index, Choice())


def chosen(
    one_by_one: NearestRows, budget_ms: float = EXACT_BUDGET_MS, progress: Progress = lambda done: None
) -> NearestRows:
    """Return the exact index `one_by_one` if it answers within `budget_ms`; else a graph, if good and faster."""
    if len(one_by_one) < ALWAYS_EXACT_ROWS:
        return one_by_one
    vectors = one_by_one.vectors()
    asked = vectors[np.linspace(0, len(vectors) - 1, MEASURED_ROWS, dtype=np.int64)]
    exact_ms, truth = ask_each(one_by_one, asked)
    if exact_ms <= budget_ms:
        return NearestRows(one_by_one.index, Choice("exact", exact_ms))
    index = _linked(vectors, progress)
    graph = _broad_enough(index, asked, truth)
    if graph.recall < MIN_RECALL or graph.ms >= exact_ms:
        return NearestRows(one_by_one.index, Choice("exact", exact_ms, graph))
    return NearestRows(index, Choice("hnsw", exact_ms, graph))


def _linked(vectors: Floats, progress: Progress) -> Any:
    index = faiss.IndexHNSWFlat(vectors.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efConstruction = LINKING_BREADTH
    for start in range(0, len(vectors), LINK_STEP):
        progress(start / len(vectors))
        index.add(vectors[start : start + LINK_STEP])
    return index


def _broad_enough(index: Any, asked: Floats, truth: Rows) -> Graph:
    """Set the least breadth at which `index` finds enough of the `truth`, or the greatest; return what it gives."""
    nearest = NearestRows(index, Choice("hnsw"))
    for breadth in SEARCH_BREADTHS:
        index.hnsw.efSearch = breadth
        ms, found = ask_each(nearest, asked)
        graph = Graph(ms, recall(found, truth), breadth)
        if graph.recall >= MIN_RECALL:
            break
    return graph


def recall(found: Rows, truth: Rows) -> float:
    """Return the share of the `truth` (texts, rows) that was `found` for the same text."""
    shares = [np.isin(right, rows).mean() for rows, right in zip(found, truth, strict=True)]
    return float(np.mean(shares))


def ask_each(nearest: NearestRows, asked: Floats) -> tuple[float, Rows]:
    """Return median milliseconds a text, asked one by one as customers do, and the rows found."""
    spent, found = [], []
    for vector in asked:
        started = time.perf_counter()
        _, rows = nearest.search(vector[np.newaxis])
        spent.append((time.perf_counter() - started) * 1000)
        found.append(rows[0])
    return statistics.median(spent), np.stack(found)
