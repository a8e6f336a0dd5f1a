"""Starts the build of a snapshot and hears how far it is."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

# Ten thousand articles take some minutes; what takes longer hangs.
BUILD_SECONDS = 1800.0
STOP_SECONDS = 5.0

Progress = Callable[[str, float], Awaitable[None]]
# Builds a snapshot of all articles and returns its version. Raises `BuildFailed`.
Build = Callable[[Progress], Awaitable[str]]


class BuildFailed(Exception):
    """`str(error)` says why, for the person who published."""


def child_build(articles: Path, state: Path) -> Build:
    """The build as a child process with low priority; it ends with its caller."""
    command = [sys.executable, "-m", "assistant.desk.articles.build", str(articles), str(state)]

    async def build(progress: Progress) -> str:
        child = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with asyncio.timeout(BUILD_SECONDS):
                return await _hear(child, progress)
        except TimeoutError as error:
            raise BuildFailed(f"The build took longer than {BUILD_SECONDS / 60:.0f} minutes.") from error
        finally:
            await _stop(child)

    return build


async def _hear(child: asyncio.subprocess.Process, progress: Progress) -> str:
    assert child.stdout is not None
    async for line in child.stdout:
        try:
            row = json.loads(line)
        except ValueError:
            continue  # some library's own words
        if "problem" in row:
            raise BuildFailed(str(row["problem"]))
        if "version" in row:
            return str(row["version"])
        await progress(str(row["stage"]), float(row["done"]))
    raise BuildFailed(f"The build ended without a result (exit code {await child.wait()}).")


async def _stop(child: asyncio.subprocess.Process) -> None:
    if child.returncode is not None:
        return
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        await asyncio.wait_for(child.wait(), STOP_SECONDS)
    except TimeoutError:
        child.kill()
        await child.wait()
