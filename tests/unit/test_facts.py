from __future__ import annotations

import pytest

from actions.facts import FactFinder


@pytest.fixture(scope="module")
def finder() -> FactFinder:
    return FactFinder()


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("where is TT-104233?", [("order_number", "TT-104233")]),
        ("it's tt104233.", [("order_number", "TT-104233")]),
        ("Order number 104233, please", [("order_number", "TT-104233")]),
        ("#TT-104233 still not here", [("order_number", "TT-104233")]),
        ("write to ada@example.org", [("email", "ada@example.org")]),
        ("I paid £45.50 for it", [("amount", "£45.50")]),
        ("you owe me 20 pounds", [("amount", "20 pounds")]),
        ("I live at LA23 1AB", [("postcode", "LA23 1AB")]),
        ("ring me on 07700900123", [("phone", "07700900123")]),
        ("I have 2 tents and 3 dogs", []),
        ("", []),
    ],
)
def test_that_an_agent_gets_what_was_mentioned(finder: FactFinder, text: str, facts: list[tuple[str, str]]) -> None:
    assert [(fact.kind, fact.value) for fact in finder.find([text])] == facts


def test_that_each_fact_is_told_once_in_the_order_of_first_mention(finder: FactFinder) -> None:
    found = finder.find(["ada@example.org has tt104233", "TT-104233 again", "and TT-118920"])
    assert [fact.value for fact in found] == ["ada@example.org", "TT-104233", "TT-118920"]
