"""Snapshots swapped under searches: counts searches that fail, and results that mix two editions."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from actions.live_knowledge_base import LiveKnowledgeBase
from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.index import Index
from knowledge_base.search import KnowledgeBase, SearchResult
from knowledge_base.snapshot import current_version, load_current, save

EDITIONS = ("red", "blue")


@dataclass
class Swaps:
    """What `count` swaps did to the searches that ran meanwhile."""

    count: int = 0
    searches: int = 0
    failed: int = 0
    mixed: int = 0
    seconds: list[float] = field(default_factory=list)


def edition(name: str, index: Index, articles: Sequence[Article]) -> tuple[Index, list[Article]]:
    """Return index and articles with `name` in each article's id and answer."""
    named = [replace(one, id=f"{one.id}-{name}", answer=f"{one.answer} Edition {name}.") for one in articles]
    return Index([one.id for one in named], index.scorer, index.lexicon, index.wording, index.calibration), named


def is_mixed(knowledge_base: KnowledgeBase, result: SearchResult, name: str) -> bool:
    """Say whether any article found is not of the edition `name`. Raises `KeyError` for an unknown article."""
    found = [knowledge_base.article(hit.article_id) for hit in result.hits]
    return any(not (one.id.endswith(name) and one.answer.endswith(f"Edition {name}.")) for one in found)


async def swap_under_load(
    index: Index, articles: Sequence[Article], questions: Sequence[str], encoder: Encoder, root: Path, swaps: int
) -> Swaps:
    """Search `questions` over and over in two threads until `swaps` snapshots were written and swapped in."""
    editions = [edition(name, index, articles) for name in EDITIONS]
    names = {save(root, *editions[0], encoder): EDITIONS[0]}
    seen = Swaps()
    with ThreadPoolExecutor(2) as executor:
        live = LiveKnowledgeBase(lambda: load_current(root, encoder), lambda: current_version(root), executor)
        ended = asyncio.Event()
        searching = [asyncio.create_task(_search(live, questions[start:], names, ended, seen)) for start in range(2)]
        for number in range(1, swaps + 1):
            started = time.perf_counter()
            version = await asyncio.to_thread(save, root, *editions[number % 2], encoder)
            names[version] = EDITIONS[number % 2]
            await live.reload_if_new()
            seen.seconds.append(time.perf_counter() - started)
            seen.count += live.current.version == version
        ended.set()
        await asyncio.gather(*searching)
    return seen


async def _search(
    live: LiveKnowledgeBase, questions: Sequence[str], names: dict[str, str], ended: asyncio.Event, seen: Swaps
) -> None:
    for question in itertools.cycle(questions):
        if ended.is_set():
            return
        seen.searches += 1
        try:
            knowledge_base, result = await live.search(question)
            seen.mixed += is_mixed(knowledge_base, result, names[knowledge_base.version])
            seen.failed += not result.hits
        except Exception:  # whatever a customer would have got instead of an answer counts
            seen.failed += 1
