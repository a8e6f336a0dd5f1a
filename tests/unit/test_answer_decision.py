"""What the bot does with a search result: answer, show the likely one beside others, only ask, or admit it."""

from __future__ import annotations

import pytest

from actions.answer import clearly_closest
from knowledge_base.search import Hit, SearchResult


@pytest.mark.parametrize(
    ("probabilities", "shown"),
    [((0.7, 0.2, 0.1), True), ((0.55, 0.4, 0.05), False), ((0.4, 0.1), False), ((0.6,), True)],
)
def test_that_only_a_clear_leader_is_shown_as_the_likely_answer(probabilities: tuple[float, ...], shown: bool) -> None:
    hits = tuple(Hit(f"article-{i}", p, p) for i, p in enumerate(probabilities))
    assert clearly_closest(SearchResult("suggest", probabilities[0], hits, {})) is shown
