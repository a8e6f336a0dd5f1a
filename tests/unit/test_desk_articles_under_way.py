"""While an article is being published, the desk shows what customers have until then."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from assistant.conversation.log import ConversationLog
from assistant.conversation.redis_connection import connect
from assistant.conversation.state import Agent
from assistant.desk.articles.bodies import ArticleBody
from assistant.desk.articles.builder import BuildFailed, Progress
from assistant.desk.articles.catalogue import Catalogue, write
from assistant.desk.articles.drafts import Drafts
from assistant.desk.articles.editor import ArticleEditor
from assistant.desk.articles.publisher import Publisher, Stage
from knowledge_base.articles import Article
from knowledge_base.importers.plan import render

MARA = Agent("mara", "Mara")
DOGS = Article("dogs", "May dogs come in?", ("is my dog allowed",), "Yes, on a lead.", ("stores",))
CATS = Article("cats", "May cats come in?", ("is my cat allowed",), "No.", ("stores",))
NEW = ArticleBody(question="May birds come in?", phrasings=["is my parrot allowed"], answer="Yes.", tags=["stores"])


class Desk:
    """An editor over two published articles, whose builds wait for `end` and fail when it is given a reason."""

    def __init__(self, redis_url: str, directory: Path) -> None:
        for article in (DOGS, CATS):
            write(directory / f"{article.id}.md", render(article))
        self.redis = connect(redis_url)
        self._ending: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        drafts = Drafts(self.redis)
        self.publisher = Publisher(self.redis, drafts, self._build, directory / "current", lambda: 5.0)
        log = ConversationLog(self.redis, retention_days=1)
        self.editor = ArticleEditor(Catalogue(directory), drafts, self.publisher, log, lambda: 5.0)

    async def _build(self, progress: Progress) -> str:
        if problem := await self._ending:
            raise BuildFailed(problem)
        return "version-2"

    async def end(self, problem: str = "") -> None:
        self._ending.set_result(problem)
        async with asyncio.timeout(10):
            while (await self.publisher.state()).stage is Stage.BUILDING:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def states(self) -> dict[str, str]:
        return {row["id"]: row["state"] for row in await self.editor.rows()}


def on_a_desk(redis_url: str, directory: Path, steps: Callable[[Desk], Awaitable[None]]) -> None:
    async def run() -> None:
        desk = Desk(redis_url, directory)
        await desk.redis.flushdb()
        try:
            await steps(desk)
        finally:
            await desk.publisher.stop()
            await desk.redis.aclose()

    asyncio.run(run())


@pytest.mark.parametrize(("problem", "then"), [("", "published"), ("No memory left.", "draft")])
def test_that_a_new_article_is_a_draft_until_it_is_built(
    redis_url: str, tmp_path: Path, problem: str, then: str
) -> None:
    async def steps(desk: Desk) -> None:
        created = await desk.editor.create(NEW.question, MARA)
        birds = created["id"]
        saved = await desk.editor.save(birds, created["revision"], NEW, MARA)
        await desk.editor.publish(birds, saved["revision"], MARA)
        assert (tmp_path / f"{birds}.md").exists()
        assert (await desk.states())[birds] == "draft"
        assert (await desk.editor.view(birds))["published"] is None
        told = [found.rule for found in (await desk.editor.check(birds, NEW)).findings]
        assert told == ["few-phrasings"], "nobody else has changed the file"
        await desk.end(problem)
        assert (await desk.states())[birds] == then
        assert bool((await desk.editor.view(birds))["published"]) == (then == "published")

    on_a_desk(redis_url, tmp_path, steps)


@pytest.mark.parametrize(("problem", "then"), [("", "archived"), ("No memory left.", "published")])
def test_that_what_is_archived_stays_published_until_that_is_done(
    redis_url: str, tmp_path: Path, problem: str, then: str
) -> None:
    async def steps(desk: Desk) -> None:
        revision = (await desk.editor.view("dogs"))["revision"]
        await desk.editor.archive("dogs", revision, MARA)
        assert not (tmp_path / "dogs.md").exists()
        assert await desk.states() == {"cats": "published", "dogs": "published"}
        assert (await desk.editor.view("dogs"))["published"]["answer"] == DOGS.answer
        await desk.end(problem)
        assert (await desk.states())["dogs"] == then

    on_a_desk(redis_url, tmp_path, steps)


def test_that_a_change_saved_while_it_is_published_stays_a_draft(redis_url: str, tmp_path: Path) -> None:
    async def steps(desk: Desk) -> None:
        article = NEW.model_copy(update={"answer": "Yes, on a lead.", "question": "May dogs come in?"})
        revision = (await desk.editor.view("dogs"))["revision"]
        saved = await desk.editor.save("dogs", revision, article, MARA)
        await desk.editor.publish("dogs", saved["revision"], MARA)
        later = article.model_copy(update={"answer": "Yes, and cats."})
        await desk.editor.save("dogs", saved["revision"], later, MARA)
        await desk.end()
        opened = await desk.editor.view("dogs")
        assert (opened["published"]["answer"], opened["draft"]["answer"]) == ("Yes, on a lead.", "Yes, and cats.")
        assert (await desk.states())["dogs"] == "changed"

    on_a_desk(redis_url, tmp_path, steps)
