"""What an agent does with articles: open, save a draft, check, publish, archive, look back."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from assistant.conversation.log import ConversationLog
from assistant.conversation.state import Agent
from assistant.desk.articles import views
from assistant.desk.articles.bodies import ArticleBody
from assistant.desk.articles.catalogue import Catalogue, as_it_was
from assistant.desk.articles.checks import Checked, check
from assistant.desk.articles.drafts import Change, Draft, Drafts, Entry
from assistant.desk.articles.naming import new_id
from assistant.desk.articles.publisher import BuildState, CannotPublish, Publication, Publisher, entries_of
from assistant.desk.articles.replies import question_and_reply
from assistant.errors import Conflict, InvalidRequest, NotFound
from knowledge_base.article_rules import ArticleFile, Level
from knowledge_base.articles import Article
from knowledge_base.importers.plan import render

Json = dict[str, Any]

NO_REVISION = -1
# Ids of drafts from a conversation begin so, until they are published under one made from the edited question.
REPLY = "reply-"


class NoArticle(NotFound):
    title = "There is no such article"


@dataclass(frozen=True)
class Opened:
    """An article as it stands: its file if it is published, its draft if something is unpublished."""

    id: str
    revision: int
    file: ArticleFile | None
    draft: Draft | None
    last: Entry | None

    @property
    def published(self) -> Article | None:
        return self.file.article if self.file else None


class ArticleEditor:
    def __init__(
        self,
        catalogue: Catalogue,
        drafts: Drafts,
        publisher: Publisher,
        log: ConversationLog,
        clock: Callable[[], float],
    ) -> None:
        self._catalogue, self._drafts, self.publisher = catalogue, drafts, publisher
        self._log, self._clock = log, clock

    async def rows(self) -> list[Json]:
        """What is only a draft first, newest first, then what is published, then what is archived."""
        drafts, files, archived = await self._drafts.all(), await self._files(), await self._drafts.archived()
        unpublished = [draft for article_id, draft in drafts.items() if article_id not in files]
        new = [views.row(d.article, None, d) for d in sorted(unpublished, key=lambda d: -d.saved_at)]
        known = []
        for article_id, file in files.items():
            draft = drafts.get(article_id)
            known.append(views.row(draft.article if draft else file.article, file.article, draft))
        gone = [views.archived_row(i, q) for i, q in archived.items() if i not in files and i not in drafts]
        return [*new, *known, *gone]

    async def problem(self) -> str | None:
        """What keeps anything from being published."""
        return await asyncio.to_thread(self._catalogue.problem)

    async def view(self, article_id: str) -> Json:
        """Raises `NoArticle`."""
        opened = await self._open(article_id)
        return views.detail(article_id, opened.revision, opened.published, opened.draft)

    async def create(self, question: str, agent: Agent) -> Json:
        return await self._create(ArticleBody(question=question), await self._new_id(question), agent)

    async def create_from_reply(self, conversation_id: str, event_id: str, agent: Agent) -> Json:
        """A draft from an agent's message and the question before it. Raises `NotFound`, `InvalidRequest`."""
        await self._log.record(conversation_id)
        question, reply = question_and_reply(await self._log.read_all(conversation_id), event_id)
        body = ArticleBody(question=question, phrasings=[question] if question else [], answer=reply)
        # Not made from what the customer wrote: ids are logged, and become file names.
        return await self._create(body, f"{REPLY}{secrets.token_hex(4)}", agent, conversation_id)

    async def _new_id(self, question: str) -> str:
        taken = {*await self._on_disk(), *await self._drafts.all(), *await self._drafts.archived()}
        return new_id(question, taken)

    async def _create(
        self, body: ArticleBody, article_id: str, agent: Agent, conversation_id: str | None = None
    ) -> Json:
        article = body.article(article_id, "en")
        revision, _ = await self._drafts.get(article.id)
        draft = await self._drafts.save(Draft(article, revision, self._clock(), agent, conversation_id))
        return views.detail(article.id, draft.revision, None, draft)

    async def save(self, article_id: str, revision: int, body: ArticleBody, agent: Agent) -> Json:
        """Save a draft; one that says what is published is dropped. Raises `NoArticle`, `NewerRevision`."""
        opened = await self._open(article_id)
        article = body.article(article_id, self._locale(opened))
        if article == opened.published:
            now = await self._drafts.drop(article_id, revision)
            return views.detail(article_id, now, opened.published, None)
        source, base = (
            (opened.draft.conversation_id, opened.draft.base) if opened.draft else (None, _digest(opened.file))
        )
        draft = await self._drafts.save(Draft(article, revision, self._clock(), agent, source, base))
        return views.detail(article_id, draft.revision, opened.published, draft)

    async def discard(self, article_id: str, revision: int) -> None:
        """Raises `NoArticle`, `NewerRevision`."""
        await self._open(article_id)
        await self._drafts.drop(article_id, revision)

    async def check(self, article_id: str, body: ArticleBody) -> Checked:
        """Raises `NoArticle`."""
        opened = await self._open(article_id)
        return await self._check(body.article(article_id, self._locale(opened)), opened)

    async def _check(self, article: Article, opened: Opened) -> Checked:
        others = [file for i, file in (await self._files()).items() if i != article.id]
        draft = opened.draft
        outside = bool(draft and draft.base != _digest(opened.file) and opened.file)
        return await asyncio.to_thread(check, article, others, await self._names(draft), outside)

    async def publish(self, article_id: str, revision: int, agent: Agent) -> BuildState:
        """Raises `InvalidRequest` for an article with errors, `CannotPublish`, `Conflict`, `NewerRevision`."""
        opened = await self._at(article_id, revision)
        if opened.draft is None:
            raise Conflict("Nothing has changed since this article was published.")
        article = opened.draft.article
        errors = [f for f in (await self._check(article, opened)).findings if f.level is Level.ERROR]
        if errors:
            raise InvalidRequest(" ".join(f"{error.message}." for error in errors))
        if opened.draft.conversation_id and opened.file is None and opened.last is None:
            article = replace(article, id=await self._new_id(article.question))
        try:
            text = render(article)
        except ValueError as error:
            raise InvalidRequest(f"The article {error}.") from error
        return await self._publish(opened, Entry(Change.PUBLISHED, self._clock(), agent, article), text)

    async def archive(self, article_id: str, revision: int, agent: Agent) -> BuildState:
        """Take an article away from customers. Raises `CannotPublish`, `Conflict`, `NewerRevision`."""
        opened = await self._at(article_id, revision)
        if opened.file is None:
            raise Conflict("This article is not published.")
        if len(await self._files()) == 1:
            raise Conflict("This is the last article: publish another one first.")
        return await self._publish(opened, Entry(Change.ARCHIVED, self._clock(), agent, opened.file.article), None)

    async def _publish(self, opened: Opened, entry: Entry, text: str | None) -> BuildState:
        if problem := await self.problem():
            raise CannotPublish(f"{problem} Your draft is kept.")
        # Not what was opened: a publication may have ended since then, and left another file to put back.
        file = (await self._on_disk()).get(entry.article.id)
        path = await asyncio.to_thread(self._catalogue.place_for, entry.article.id)
        found = Entry(Change.FOUND, path.stat().st_mtime, None, file.article) if file else None
        entries = entries_of(found, opened.last, entry)
        # What is archived leaves a draft of it as it is.
        revision = NO_REVISION if text is None and opened.draft else opened.revision
        publication = Publication(path, text, file.text if file else None, opened.id, revision, entries)
        assert entry.by is not None
        return await self.publisher.publish(publication, entry.by)

    async def history(self, article_id: str) -> list[Json]:
        """Newest first. Raises `NoArticle`."""
        await self._open(article_id)
        return views.history(await self._drafts.history(article_id))

    async def restore(self, article_id: str, number: int, revision: int, agent: Agent) -> Json:
        """Make the draft say what an entry of the history said. Raises `NoArticle`, `NewerRevision`."""
        await self._open(article_id)
        entries = await self._drafts.history(article_id)
        if number >= len(entries):
            raise NoArticle("This revision is no longer kept.")
        body = ArticleBody(**views.content(entries[number].article))
        return await self.save(article_id, revision, body, agent)

    async def _at(self, article_id: str, revision: int) -> Opened:
        opened = await self._open(article_id)
        if opened.revision != revision:
            raise await self._drafts.newer(article_id, revision)
        return opened

    async def _open(self, article_id: str) -> Opened:
        revision, draft = await self._drafts.get(article_id)
        file = (await self._files()).get(article_id)
        entries = await self._drafts.history(article_id)
        if not (file or draft or entries):
            raise NoArticle
        return Opened(article_id, revision, file, draft, entries[0] if entries else None)

    async def _files(self) -> dict[str, ArticleFile]:
        """As customers have them: what is being published counts once that is done."""
        files = await self._on_disk()
        under_way = await self.publisher.under_way()
        return as_it_was(files, *under_way) if under_way else files

    async def _on_disk(self) -> dict[str, ArticleFile]:
        return await asyncio.to_thread(self._catalogue.files)

    async def _names(self, draft: Draft | None) -> list[str]:
        """Of the customer whose conversation the draft is from, as long as that is kept."""
        if draft is None or draft.conversation_id is None:
            return []
        records = await self._log.records([draft.conversation_id])
        return [record.customer.name for record in records if record.customer.name]

    def _locale(self, opened: Opened) -> str:
        known = opened.draft.article if opened.draft else opened.published
        return known.locale if known else "en"


def _digest(file: ArticleFile | None) -> str:
    return hashlib.sha256(file.text.encode()).hexdigest() if file else ""
