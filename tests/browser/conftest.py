"""Two people at their screens: a customer on the shop page and an agent at the desk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from chromium import launch
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from screens import DeskPage, ShopPage
from stack import AGENT, PASSWORD, Stack

WIDE = {"width": 1280, "height": 800}


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
    with ExitStack() as contexts:

        def make(**options: object) -> BrowserContext:
            context = browser.new_context(**{"base_url": stack.url, "viewport": WIDE, **options})
            contexts.callback(context.close)
            return context

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
