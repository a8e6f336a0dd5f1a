"""Search in a large knowledge base: exact and HNSW, what a build takes, and snapshots swapped under load.

Makes articles up, builds and serves them as the action server does. Writes docs/results/search.md.

    OMP_NUM_THREADS=1 .venv/bin/python benchmarks/search.py
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from made_up_articles import MadeUp, make_up
from swaps import Swaps, swap_under_load

from actions.live_knowledge_base import LiveKnowledgeBase
from assistant.encoder import Encoder
from knowledge_base.export import ensure_encoder
from knowledge_base.index import Index, build_index
from knowledge_base.nearest import EXACT_BUDGET_MS, NEAREST_ROWS, chosen, exact, recall
from knowledge_base.search import SearchResult, results
from knowledge_base.snapshot import current_version, load_current, save
from knowledge_base.text import normalise

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results" / "search.md"
# As the action server: two searches at a time, one thread each.
SEARCHES_AT_A_TIME = 2
WARM_UP = 20


TEMPLATE = """# Search in a large knowledge base

Measured {date} on {cores} cores, load average {load:.1f}, by `OMP_NUM_THREADS=1 .venv/bin/python benchmarks/search.py`,
with made-up articles and a fixed seed. The questions are worded unlike the articles.

## {articles:,} articles, {texts:,} texts

One search at a time on one thread, through `LiveKnowledgeBase`, encoding included. Each question goes each way in turn.

| milliseconds | searches | p50 | p95 | processor time, p50 | p95 |
|---|---|---|---|---|---|
{rows}

Exact search takes {exact:.2f} times the processor time of encoding alone, HNSW {hnsw:.2f} times. Other work on the
machine slows the clock and hardly the processor time. HNSW finds {built.recall_10:.4f} of the nearest 10 texts and
{built.recall_all:.4f} of the nearest {nearest}; for {built.same_first:.1%} of the questions it gives the same first
article. With its budget of {budget:.0f} ms the build chose here: {built.choice}.

The build took {stages} (the graph for this comparison), and {built.gigabytes:.1f} GB of memory at most.

## Swapped under load

{at_a_time} threads searched while {swaps.count} snapshots of all articles were written, loaded and swapped in: two
editions in turn, which carry their name in ids and answers.

| searches | failed | mixed | seconds a swap |
|---|---|---|---|
| {searches} | {swaps.failed} | {swaps.mixed} | {swap_seconds:.1f} |
"""


@dataclass
class Stages:
    """Seconds of each stage of the build, in order."""

    seconds: dict[str, float] = field(default_factory=dict)
    _stage: str = ""
    _since: float = 0.0

    def report(self, stage: str, done: float) -> None:
        now = time.perf_counter()
        if self._stage:
            self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
        self._stage, self._since = stage, now
        sys.stderr.write(f"\r{stage} {done:4.0%}   ")


@dataclass(frozen=True)
class Built:
    """The same index with either search, what the build would choose, and what building took."""

    exact: Index
    hnsw: Index
    choice: str
    recall_10: float
    recall_all: float
    same_first: float
    seconds: dict[str, float]
    gigabytes: float


def build(made: MadeUp, encoder: Encoder) -> Built:
    stages = Stages()
    plain = build_index(made.articles, encoder, stages.report)
    hnsw = _searched_by(plain, 0.0, stages)
    stages.report("done", 1.0)
    gigabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    choice = str(chosen(exact(plain.scorer.vectors)).choice)
    texts = [normalise(question) for question in made.questions]
    encoded = plain.encode(encoder, texts)
    truth, found = (index.scorer.nearest.search(encoded.vectors)[1] for index in (plain, hnsw))
    first = zip(_first(results(plain, encoded, texts)), _first(results(hnsw, encoded, texts)), strict=True)
    return Built(
        plain,
        hnsw,
        choice,
        recall(found[:, :10], truth[:, :10]),
        recall(found, truth),
        float(np.mean([one == other for one, other in first])),
        stages.seconds,
        gigabytes,
    )


def _searched_by(index: Index, budget_ms: float, stages: Stages) -> Index:
    nearest = chosen(index.scorer.nearest, budget_ms, lambda done: stages.report("graph", done))
    if nearest.choice.method != "hnsw":
        raise SystemExit(f"no graph to compare with: {nearest.choice}")
    return index.with_scorer(index.scorer.searched_by(nearest))


def _first(found: Sequence[SearchResult]) -> list[str]:
    return [result.hits[0].article_id for result in found]


@dataclass
class Spent:
    """Milliseconds of each search, by the clock and of this process's time on the processor."""

    clock: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)

    @contextmanager
    def one(self) -> Iterator[None]:
        clock, processor = time.perf_counter(), time.process_time()
        yield
        self.clock.append((time.perf_counter() - clock) * 1000)
        self.processor.append((time.process_time() - processor) * 1000)


async def time_searches(built: Built, made: MadeUp, encoder: Encoder, root: Path) -> dict[str, Spent]:
    """Time each question encoded only, and searched either way through `LiveKnowledgeBase`, in turn."""
    with ThreadPoolExecutor(1) as executor:
        exactly = _served(root / "exact", built.exact, made, encoder, executor)
        by_graph = _served(root / "hnsw", built.hnsw, made, encoder, executor)
        for question in made.questions[:WARM_UP]:
            await exactly.search(question)
            await by_graph.search(question)
        encode, exact_search, hnsw_search = Spent(), Spent(), Spent()
        for question in made.questions:
            with encode.one():
                encoder.encode([normalise(question)])
            with exact_search.one():
                await exactly.search(question)
            with hnsw_search.one():
                await by_graph.search(question)
    return {"encode only": encode, "search, exact": exact_search, "search, HNSW": hnsw_search}


def _served(
    root: Path, index: Index, made: MadeUp, encoder: Encoder, executor: ThreadPoolExecutor
) -> LiveKnowledgeBase:
    save(root, index, made.articles, encoder)
    return LiveKnowledgeBase(lambda: load_current(root, encoder), lambda: current_version(root), executor)


def report(made: MadeUp, built: Built, spent: dict[str, Spent], swaps: Swaps) -> str:
    medians = {name: statistics.median(values.processor) for name, values in spent.items()}
    return TEMPLATE.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        cores=os.cpu_count(),
        load=os.getloadavg()[0],
        articles=len(made.articles),
        texts=len(built.exact.scorer.owners),
        rows="\n".join(
            f"| {name} | {len(values.clock)} | {_quantiles(values.clock)} | {_quantiles(values.processor)} |"
            for name, values in spent.items()
        ),
        exact=medians["search, exact"] / medians["encode only"],
        hnsw=medians["search, HNSW"] / medians["encode only"],
        nearest=NEAREST_ROWS,
        budget=EXACT_BUDGET_MS,
        stages=", ".join(f"{stage} {seconds:.0f} s" for stage, seconds in built.seconds.items()),
        built=built,
        at_a_time=SEARCHES_AT_A_TIME,
        swaps=swaps,
        searches=swaps.searches,
        swap_seconds=statistics.median(swaps.seconds),
    )


def _quantiles(values: Sequence[float]) -> str:
    ordered = sorted(values)
    return f"{statistics.median(ordered):.1f} | {ordered[int(len(ordered) * 0.95)]:.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--swaps", type=int, default=20)
    parser.add_argument("--state", type=Path, default=ROOT / ".offramp", help="where the encoder is")
    options = parser.parse_args()
    made = make_up(options.articles, options.questions)
    encoder = ensure_encoder(options.state, sessions=SEARCHES_AT_A_TIME)
    built = build(made, encoder)
    with tempfile.TemporaryDirectory() as temporary:
        spent = asyncio.run(time_searches(built, made, encoder, Path(temporary)))
        place = Path(temporary) / "swaps"
        swaps = asyncio.run(swap_under_load(built.hnsw, made.articles, made.questions, encoder, place, options.swaps))
    text = report(made, built, spent, swaps)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    if swaps.failed or swaps.mixed:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
