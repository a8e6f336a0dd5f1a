"""The knowledge base being served: the newest good snapshot, swapped while searches run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from knowledge_base.search import KnowledgeBase, SearchResult
from knowledge_base.understanding import Asked, understand

log = structlog.get_logger()

RELOAD_SECONDS = 2.0
# A snapshot that cannot be loaded is looked at again now and then: the reason may have passed.
RETRY_SECONDS = 60.0


@dataclass(frozen=True)
class Understood:
    """The questions of a message, and the snapshot that they were looked up in."""

    knowledge_base: KnowledgeBase
    asked: tuple[Asked, ...]


class LiveKnowledgeBase:
    """Searches run in `executor`; each uses one snapshot from beginning to end.

    `load` reads the snapshot that is current on disk and raises on anything broken; `version_on_disk` is cheap
    and names it. A broken newer snapshot is reported once and the last good one goes on serving.
    """

    def __init__(
        self,
        load: Callable[[], KnowledgeBase],
        version_on_disk: Callable[[], str],
        executor: ThreadPoolExecutor,
    ) -> None:
        self._load = load
        self._version_on_disk = version_on_disk
        self._executor = executor
        self.current = load()
        self._seen = self.current.version
        self._broken, self._retry_at = "", 0.0

    async def search(self, text: str) -> tuple[KnowledgeBase, SearchResult]:
        """The result, and the snapshot it is about."""
        knowledge_base = self.current
        result = await asyncio.get_running_loop().run_in_executor(self._executor, knowledge_base.search, text)
        return knowledge_base, result

    async def understand(self, text: str, previous: str | None, given: Collection[str] = ()) -> Understood:
        """What `text` asks; `previous` is the article that the customer was just given, `given` see `understand`."""
        knowledge_base = self.current
        asked = await asyncio.get_running_loop().run_in_executor(
            self._executor, understand, knowledge_base, text, previous, given
        )
        return Understood(knowledge_base, asked)

    async def watch(self) -> None:
        """Runs until cancelled: takes a new snapshot within `RELOAD_SECONDS`."""
        while True:
            await asyncio.sleep(RELOAD_SECONDS)
            await self.reload_if_new()

    async def reload_if_new(self) -> None:
        version = ""
        try:
            version = self._version_on_disk()
            if version == self._seen:
                return
            if version == self._broken and time.monotonic() < self._retry_at:
                return
            self.current = await asyncio.get_running_loop().run_in_executor(None, self._load)
            # Newer than `version` if another build ended meanwhile.
            self._seen = self.current.version
            log.info("knowledge_base.swapped", version=self.current.version)
        except Exception as error:  # the worker's outermost loop: the last good snapshot keeps serving
            self._broken, self._retry_at = version, time.monotonic() + RETRY_SECONDS
            log.error("knowledge_base.not_swapped", problem=str(error), serving=self.current.version)
