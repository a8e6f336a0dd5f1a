"""What the journeys share: two agents at the desk, and an audit of all logs at the very end."""

from __future__ import annotations

import pytest
from stack import Agent, Stack


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The audit reads what all other tests left behind."""
    items.sort(key=lambda item: item.get_closest_marker("after_all_others") is not None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "after_all_others: runs when every other test is done")


@pytest.fixture(scope="session")
def mara(stack: Stack) -> Agent:
    return stack.agent("mara")


@pytest.fixture(scope="session")
def tom(stack: Stack) -> Agent:
    return stack.agent("tom", "another good passphrase")
