"""Publishing: write the file, build a snapshot in the background, put the file back if that fails. One at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog
from redis.exceptions import LockError, RedisError

from assistant.conversation.redis_connection import RedisClient
from assistant.conversation.state import Agent
from assistant.desk.articles.builder import Build, BuildFailed
from assistant.desk.articles.catalogue import put
from assistant.desk.articles.drafts import PREFIX, Change, Drafts, Entry, entry_from
from assistant.errors import Conflict

log = structlog.get_logger()

STATE, PLAN, LOCK = f"{PREFIX}build", f"{PREFIX}plan", f"{PREFIX}publishing"
# After a gateway died while it published, the next one takes over after this long.
LOCK_SECONDS = 15.0
RENEW_SECONDS = 4.0


class Publishing(Conflict):
    code, title = "publishing", "Another article is being published"


class CannotPublish(Conflict):
    code, title = "cannot_publish", "Nothing can be published at the moment"


class Stage(StrEnum):
    IDLE = "idle"
    BUILDING = "building"
    BUILT = "built"
    FAILED = "failed"


@dataclass(frozen=True)
class BuildState:
    """The last publication. Times in seconds since 1970; `done` 0-1; `version`: of the snapshot that was built."""

    stage: Stage = Stage.IDLE
    article_id: str = ""
    draft_id: str = ""
    question: str = ""
    change: str = ""
    by: str = ""
    at: float = 0.0
    step: str = ""
    done: float = 0.0
    version: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Publication:
    """`text`: what the file at `path` shall hold, None to remove it; `before`: what it holds now, in the same terms.

    `draft_id` and `revision`: of the draft, which may have another id than the article until it is published.
    `entries` go into the history once it is built, oldest first.
    """

    path: Path
    text: str | None
    before: str | None
    draft_id: str
    revision: int
    entries: Sequence[Entry]


class Publisher:
    """`pointer` is the file that names the snapshot on disk."""

    def __init__(
        self, redis: RedisClient, drafts: Drafts, build: Build, pointer: Path, clock: Callable[[], float]
    ) -> None:
        self._redis, self._drafts, self._build, self._pointer, self._clock = redis, drafts, build, pointer, clock
        self._running: set[asyncio.Task[None]] = set()

    async def state(self) -> BuildState:
        """How the last publication stands; one whose gateway died is ended first."""
        state = await self._read()
        lock = self._lock()
        if state.stage is Stage.BUILDING and await lock.acquire(blocking=False):
            try:
                await self._recover()
            finally:
                await self._release(lock)
            return await self._read()
        return state

    async def publish(self, publication: Publication, agent: Agent) -> BuildState:
        """Write the file and start the build. Raises `Publishing`, and `CannotPublish` with nothing changed."""
        lock = self._lock()
        if not await lock.acquire(blocking=False):
            busy = await self._read()
            raise Publishing(f"{busy.by or 'Somebody'} is publishing “{busy.question}”. Try again when that is done.")
        try:
            await self._recover()
            state = await self._begin(publication, agent)
        except BaseException:
            await self._release(lock)
            raise
        task = asyncio.create_task(self._run(publication, state, lock))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return state

    async def under_way(self) -> tuple[Path, str | None] | None:
        """The file whose publication is not done, and what customers have of it (None: nothing); None if all is."""
        plan = await self._plan()
        return (Path(plan["path"]), plan["before"]) if plan else None

    async def stop(self) -> None:
        """End a running build and put its file back."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _begin(self, publication: Publication, agent: Agent) -> BuildState:
        last = publication.entries[-1]
        article = last.article
        state = BuildState(
            Stage.BUILDING,
            article.id,
            publication.draft_id,
            article.question,
            last.change.value,
            agent.name,
            self._clock(),
            "start",
        )
        plan = {
            "path": str(publication.path),
            "before": publication.before,
            "serving": self._on_disk(),
            "revision": publication.revision,
            "entries": [asdict(entry) for entry in publication.entries],
        }
        async with self._redis.pipeline(transaction=True) as writes:
            writes.set(PLAN, json.dumps(plan))
            writes.set(STATE, _stored(state))
            await writes.execute()
        try:
            await asyncio.to_thread(put, publication.path, publication.text)
        except OSError as error:
            await self._redis.delete(PLAN, STATE)
            reason = f"{publication.path} cannot be written ({error.strerror}). Your draft is kept."
            raise CannotPublish(reason) from error
        return state

    async def _run(self, publication: Publication, state: BuildState, lock: Any) -> None:
        renewing = asyncio.create_task(self._renew(lock))

        async def progress(step: str, done: float) -> None:
            with suppress(RedisError):
                await self._redis.set(STATE, _stored(replace(state, step=step, done=done)))

        try:
            version = await self._build(progress)
        except asyncio.CancelledError:
            await self._fail(state, "The server stopped while it was building. Publish again.")
            raise
        except (BuildFailed, OSError) as error:
            await self._fail(state, str(error))
        else:
            await self._conclude(state, version, publication.revision, publication.entries)
        finally:
            renewing.cancel()
            await self._release(lock)

    async def _conclude(self, state: BuildState, version: str, revision: int, entries: Sequence[Entry]) -> None:
        try:
            async with self._redis.pipeline(transaction=True) as writes:
                await self._drafts.published(state.draft_id, revision, entries, writes)
                await _end(writes, replace(state, stage=Stage.BUILT, at=self._clock(), version=version))
        except (RedisError, OSError) as error:  # the next look at the state concludes it
            log.error("article.not_recorded", article_id=state.article_id, reason=type(error).__name__)
        else:
            log.info("article.published", article_id=state.article_id, change=state.change, version=version)

    async def _fail(self, state: BuildState, reason: str) -> None:
        log.error("article.not_published", article_id=state.article_id, change=state.change, reason=reason)
        try:
            plan = await self._plan()
            if plan:
                await asyncio.to_thread(put, Path(plan["path"]), plan["before"])
            async with self._redis.pipeline(transaction=True) as writes:
                await _end(writes, replace(state, stage=Stage.FAILED, at=self._clock(), problem=reason))
        except (RedisError, OSError) as error:  # the next look at the state puts the file back
            log.error("article.not_put_back", article_id=state.article_id, reason=type(error).__name__)

    async def _recover(self) -> None:
        """End what a gateway that died left behind. Only with the lock."""
        state = await self._read()
        if state.stage is not Stage.BUILDING:
            return
        plan, on_disk = await self._plan(), self._on_disk()
        if plan and on_disk and on_disk != plan["serving"]:
            await self._conclude(state, on_disk, plan["revision"], [entry_from(row) for row in plan["entries"]])
        else:
            await self._fail(state, "The server ended while it was building. Publish again.")

    async def _plan(self) -> dict[str, Any] | None:
        plan: dict[str, Any] | None = json.loads(await self._redis.get(PLAN) or "null")
        return plan

    async def _renew(self, lock: Any) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            with suppress(RedisError):
                await lock.extend(LOCK_SECONDS, replace_ttl=True)

    async def _release(self, lock: Any) -> None:
        with suppress(LockError, RedisError):
            await lock.release()

    def _lock(self) -> Any:
        return self._redis.lock(LOCK, timeout=LOCK_SECONDS, thread_local=False)

    async def _read(self) -> BuildState:
        row = json.loads(await self._redis.get(STATE) or "{}")
        return BuildState(**{**row, "stage": Stage(row["stage"])}) if row else BuildState()

    def _on_disk(self) -> str:
        try:
            return self._pointer.read_text(encoding="utf-8").strip()
        except OSError:
            return ""


async def _end(writes: RedisClient, state: BuildState) -> None:
    writes.set(STATE, _stored(state))
    writes.delete(PLAN)
    await writes.execute()


def _stored(state: BuildState) -> str:
    return json.dumps(asdict(state))


def entries_of(found: Entry | None, last: Entry | None, now: Entry) -> list[Entry]:
    """What goes into the history: `now`, after the file as it was `found` unless the `last` entry says the same."""
    if found is None or (last and last.change is not Change.ARCHIVED and last.article == found.article):
        return [now]
    return [found, now]
