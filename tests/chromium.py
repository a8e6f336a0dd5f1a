"""The browser for tests and pictures: Debian's Chromium, or the one Playwright fetched."""

from __future__ import annotations

import shutil

from playwright.sync_api import Browser, Error, Playwright

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
