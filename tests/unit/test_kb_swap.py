"""Snapshots swapped while searches run: no search fails, none sees two editions."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from actions.live_knowledge_base import LiveKnowledgeBase
from assistant.encoder import Encoder
from knowledge_base.articles import Article
from knowledge_base.index import Index, build_index
from knowledge_base.snapshot import current_version, load_current, save

ARTICLES = (
    Article("return-an-item", "How do I return an item?", ("send my boots back",), "Use the label."),
    Article("gift-card", "How do I use a gift card?", ("redeem a voucher",), "Enter its number."),
    Article("opening-hours", "When are your stores open?", ("opening times on sunday",), "From nine."),
    Article("repair", "Can you repair my tent?", ("fix a torn flysheet",), "Bring it in."),
)
QUESTIONS = {
    "can i send shoes back": "return",
    "my voucher": "gift",
    "open on sunday?": "opening",
    "torn tent": "repair",
}
SWAPS = 5
SEARCHES_A_SWAP = 40


def edition(index: Index, number: int) -> tuple[Index, list[Article]]:
    """The same articles with the edition in id and answer."""
    named = [replace(a, id=f"{a.id}-{number}", answer=f"{a.answer} Edition {number}.") for a in ARTICLES]
    return Index([a.id for a in named], index.scorer, index.lexicon, index.wording, index.calibration), named


def test_that_no_search_fails_or_mixes_editions_while_snapshots_are_swapped(tmp_path: Path, encoder: Encoder) -> None:
    swapped, wrong = asyncio.run(search_while_swapping(tmp_path, encoder))
    assert swapped == SWAPS
    assert wrong == []


async def search_while_swapping(root: Path, encoder: Encoder) -> tuple[int, list[str]]:
    """Return how many snapshots came to serve, and each answer that is not the right one of its edition."""
    index = build_index(ARTICLES, encoder)
    numbers = {save(root, *edition(index, 0), encoder): 0}
    swapped, wrong = 0, list[str]()
    with ThreadPoolExecutor(2) as executor:
        live = LiveKnowledgeBase(lambda: load_current(root, encoder), lambda: current_version(root), executor)

        async def search() -> None:
            for asked in range(SEARCHES_A_SWAP):
                question, start = list(QUESTIONS.items())[asked % len(QUESTIONS)]
                knowledge_base, result = await live.search(question)
                article = knowledge_base.article(result.hits[0].article_id)
                number = numbers[knowledge_base.version]
                if not (article.id.startswith(start) and article.answer.endswith(f"Edition {number}.")):
                    wrong.append(f"{question}: {article.id} of edition {number}")

        for number in range(1, SWAPS + 1):
            searching = [asyncio.create_task(search()) for _ in range(2)]
            version = await asyncio.to_thread(save, root, *edition(index, number), encoder)
            numbers[version] = number
            await live.reload_if_new()
            swapped += live.current.version == version
            await asyncio.gather(*searching)
    return swapped, wrong
