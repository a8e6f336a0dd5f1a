"""Two people at their screens: a customer on the shop page and an agent at the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from chromium import launch, profiles
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from screens import DeskPage, ShopPage
from stack import AGENT, PASSWORD, Stack


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the whole session: while it is there, no other test in this thread can run an event loop."""
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture
def new_context(browser: Browser, stack: Stack) -> Iterator[Callable[..., BrowserContext]]:
    """A browser profile of its own; closed after the test."""
    with profiles(browser, stack.url) as make:
        yield make


@pytest.fixture
def shop(new_context: Callable[..., BrowserContext]) -> ShopPage:
    return ShopPage.visit(new_context())


@pytest.fixture(scope="session")
def has_agent(stack: Stack) -> bool:
    stack.agent(AGENT, PASSWORD)
    return True


@pytest.fixture
def desk(new_context: Callable[..., BrowserContext], has_agent: bool) -> DeskPage:
    return DeskPage.sign_in(new_context(), AGENT, PASSWORD)
