"""The browser for tests and pictures: Debian's Chromium, or the one Playwright fetched."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from playwright.sync_api import Browser, BrowserContext, Error, Playwright

WIDE = {"width": 1280, "height": 800}
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-quic",
    "--disable-component-update",
    "--disable-sync",
]


def launch(playwright: Playwright) -> Browser:
    try:
        return playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
    except Error as error:
        raise AssertionError(
            "No Chromium: install your system's `chromium`, or run `.venv/bin/playwright install chromium`."
        ) from error


@contextmanager
def profiles(browser: Browser, url: str) -> Iterator[Callable[..., BrowserContext]]:
    """Yield what makes a browser profile of its own on the site at `url`; all are closed on leaving."""
    with ExitStack() as contexts:

        def make(**options: object) -> BrowserContext:
            context = browser.new_context(**{"base_url": url, "viewport": WIDE, **options})  # type: ignore[arg-type]
            contexts.callback(context.close)
            return context

        yield make
