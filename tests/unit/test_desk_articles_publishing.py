"""Drafts and publishing on a real Redis: nothing is overwritten unseen, and a failed build changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from assistant.conversation.redis_connection import RedisClient, connect
from assistant.conversation.state import Agent
from assistant.desk.articles import publisher as publishing
from assistant.desk.articles.builder import BuildFailed, Progress, child_build
from assistant.desk.articles.drafts import Change, Draft, Drafts, Entry, NewerRevision
from assistant.desk.articles.publisher import CannotPublish, Publication, Publisher, Publishing, Stage, entries_of
from knowledge_base.articles import Article

MARA, TOM = Agent("mara", "Mara"), Agent("tom", "Tom")
DOGS = Article("dogs", "May dogs come in?", ("is my dog allowed",), "Yes, on a lead.")


@asynccontextmanager
async def emptied(url: str) -> AsyncIterator[RedisClient]:
    redis = connect(url)
    try:
        await redis.flushdb()
        yield redis
    finally:
        await redis.aclose()


def draft(revision: int = 0, agent: Agent = MARA, answer: str = "Yes.") -> Draft:
    return Draft(replace(DOGS, answer=answer), revision, 1.0, agent)


def test_that_a_save_over_a_newer_revision_is_refused_and_says_whose(redis_url: str) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:
            drafts = Drafts(redis)
            first = await drafts.save(draft())
            await drafts.save(draft(first.revision, TOM, "No."))
            with pytest.raises(NewerRevision, match="Tom saved revision 2 while you were editing revision 1"):
                await drafts.save(draft(first.revision))
            revision, now = await drafts.get("dogs")
            assert (revision, now.article.answer if now else "") == (2, "No.")

    asyncio.run(run())


def test_that_of_many_saves_at_once_exactly_one_wins(redis_url: str) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:
            drafts = Drafts(redis)
            saves = [drafts.save(draft(answer=f"Answer {n}.")) for n in range(20)]
            results = await asyncio.gather(*saves, return_exceptions=True)
            assert sum(isinstance(result, Draft) for result in results) == 1
            assert sum(isinstance(result, NewerRevision) for result in results) == 19

    asyncio.run(run())


def test_that_a_revision_never_comes_back_after_publishing(redis_url: str) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:
            drafts = Drafts(redis)
            saved = await drafts.save(draft())
            await drafts.published("dogs", saved.revision, [Entry(Change.PUBLISHED, 2.0, MARA, DOGS)])
            assert await drafts.all() == {}
            with pytest.raises(NewerRevision, match="published or discarded"):
                await drafts.save(draft(saved.revision))

    asyncio.run(run())


def test_that_a_draft_that_was_edited_while_it_was_published_stays(redis_url: str) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:
            drafts = Drafts(redis)
            saved = await drafts.save(draft())
            await drafts.save(draft(saved.revision, answer="Yes, and cats."))
            await drafts.published("dogs", saved.revision, [Entry(Change.PUBLISHED, 2.0, MARA, DOGS)])
            assert (await drafts.all())["dogs"].article.answer == "Yes, and cats."
            assert [entry.change for entry in await drafts.history("dogs")] == [Change.PUBLISHED]

    asyncio.run(run())


@dataclass
class Desk:
    """A publisher whose build is `build`; the file of the article, and what names the snapshot."""

    redis: RedisClient
    directory: Path
    build: Callable[[Progress], Awaitable[str]]
    drafts: Drafts = field(init=False)
    publisher: Publisher = field(init=False)

    def __post_init__(self) -> None:
        self.drafts = Drafts(self.redis)
        self.publisher = Publisher(self.redis, self.drafts, self.build, self.directory / "current", lambda: 5.0)

    @property
    def file(self) -> Path:
        return self.directory / "dogs.md"

    def publication(self, text: str | None = "new", path: Path | None = None) -> Publication:
        before = self.file.read_text() if self.file.exists() else None
        return Publication(path or self.file, text, before, "dogs", 1, [Entry(Change.PUBLISHED, 4.0, MARA, DOGS)])

    async def ended(self) -> publishing.BuildState:
        async with asyncio.timeout(10):
            while (state := await self.publisher.state()).stage is Stage.BUILDING:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return state


async def builds(progress: Progress) -> str:
    await progress("encode", 0.5)
    return "version-2"


async def fails(progress: Progress) -> str:
    raise BuildFailed("No memory left.")


def test_that_a_publication_writes_the_file_and_its_history(redis_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:
            desk = Desk(redis, tmp_path, builds)
            await desk.drafts.save(draft())
            started = await desk.publisher.publish(desk.publication(), MARA)
            assert (started.stage, desk.file.read_text()) == (Stage.BUILDING, "new")
            ended = await desk.ended()
            assert (ended.stage, ended.version, ended.by) == (Stage.BUILT, "version-2", "Mara")
            assert await desk.drafts.all() == {}
            assert len(await desk.drafts.history("dogs")) == 1

    asyncio.run(run())


@pytest.mark.parametrize("before", ["old", None])
def test_that_a_failed_build_puts_the_file_back_and_keeps_the_draft(
    redis_url: str, tmp_path: Path, before: str | None
) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:
            desk = Desk(redis, tmp_path, fails)
            if before:
                desk.file.write_text(before)
            await desk.drafts.save(draft())
            await desk.publisher.publish(desk.publication(), MARA)
            ended = await desk.ended()
            assert (ended.stage, ended.problem) == (Stage.FAILED, "No memory left.")
            assert (desk.file.read_text() if desk.file.exists() else None) == before
            assert "dogs" in await desk.drafts.all()
            assert await desk.drafts.history("dogs") == []

    asyncio.run(run())


def test_that_only_one_is_published_at_a_time_and_the_other_hears_who(redis_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:
            go = asyncio.Event()

            async def waits(progress: Progress) -> str:
                await go.wait()
                return "version-2"

            desk, other = Desk(redis, tmp_path, waits), Desk(redis, tmp_path, builds)
            await desk.publisher.publish(desk.publication(), MARA)
            with pytest.raises(Publishing, match="Mara is publishing “May dogs come in\\?”"):
                await other.publisher.publish(other.publication("mine"), TOM)
            assert desk.file.read_text() == "new"
            go.set()
            await desk.ended()
            await other.publisher.publish(other.publication("mine"), TOM)
            assert (await other.ended()).by == "Tom"

    asyncio.run(run())


def test_that_stopping_the_server_ends_the_build_and_puts_the_file_back(redis_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:

            async def hangs(progress: Progress) -> str:
                await asyncio.Event().wait()
                return ""

            desk = Desk(redis, tmp_path, hangs)
            desk.file.write_text("old")
            await desk.publisher.publish(desk.publication(), MARA)
            await asyncio.sleep(0)
            await desk.publisher.stop()
            assert desk.file.read_text() == "old"
            assert (await desk.publisher.state()).stage is Stage.FAILED

    asyncio.run(run())


@pytest.mark.parametrize(("built", "stage", "text"), [(False, Stage.FAILED, "old"), (True, Stage.BUILT, "new")])
def test_that_the_next_server_ends_what_a_killed_one_left(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, built: bool, stage: Stage, text: str
) -> None:
    monkeypatch.setattr(publishing, "LOCK_SECONDS", 0.2)

    async def run() -> None:
        async with emptied(redis_url) as redis:

            async def hangs(progress: Progress) -> str:
                await asyncio.Event().wait()
                return ""

            killed, after = Desk(redis, tmp_path, hangs), Desk(redis, tmp_path, builds)
            (tmp_path / "current").write_text("version-1\n")
            killed.file.write_text("old")
            await killed.drafts.save(draft())
            await killed.publisher.publish(killed.publication(), MARA)
            if built:
                (tmp_path / "current").write_text("version-2\n")
            state = await after.ended()
            assert (state.stage, after.file.read_text()) == (stage, text)
            assert len(await after.drafts.history("dogs")) == built

    asyncio.run(run())


def test_that_a_directory_that_cannot_be_written_is_told_at_once(redis_url: str, tmp_path: Path) -> None:
    async def run() -> None:
        async with emptied(redis_url) as redis:
            desk = Desk(redis, tmp_path, builds)
            await desk.drafts.save(draft())
            with pytest.raises(CannotPublish, match="Your draft is kept"):
                await desk.publisher.publish(desk.publication(path=tmp_path / "nowhere" / "dogs.md"), MARA)
            assert (await desk.publisher.state()).stage is Stage.IDLE
            assert "dogs" in await desk.drafts.all()
            await desk.publisher.publish(desk.publication(), MARA)
            assert (await desk.ended()).stage is Stage.BUILT

    asyncio.run(run())


def test_that_the_file_as_it_was_is_recorded_once() -> None:
    found, now = Entry(Change.FOUND, 1.0, None, DOGS), Entry(Change.PUBLISHED, 2.0, MARA, replace(DOGS, answer="No."))
    assert entries_of(None, None, now) == [now]
    assert entries_of(found, None, now) == [found, now]
    assert entries_of(found, Entry(Change.PUBLISHED, 1.0, TOM, DOGS), now) == [now]
    edited_by_hand = Entry(Change.PUBLISHED, 1.0, TOM, replace(DOGS, answer="Maybe."))
    assert entries_of(found, edited_by_hand, now) == [found, now]


def test_that_the_child_says_why_it_cannot_build(tmp_path: Path) -> None:
    async def run() -> None:
        async def progress(step: str, done: float) -> None: ...

        with pytest.raises(BuildFailed, match="encoder"):
            await child_build(tmp_path, tmp_path)(progress)

    asyncio.run(run())
