"""Drafts and published revisions in Redis. A save over somebody else's newer one is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from assistant.conversation.redis_connection import RedisClient
from assistant.conversation.state import Agent
from assistant.errors import Conflict
from knowledge_base.articles import Article

LUA = Path(__file__).parent / "lua"
# One hash tag: what must be atomic stays in one slot.
PREFIX = "offramp:{articles}:"
REVISIONS, DRAFTS, ARCHIVED = f"{PREFIX}revisions", f"{PREFIX}drafts", f"{PREFIX}archived"
# Published revisions an article; each is a few kilobytes.
KEPT_REVISIONS = 50


class NewerRevision(Conflict):
    code, title = "newer_revision", "Somebody else saved this article meanwhile"


class Change(StrEnum):
    """What an entry of the history records. `FOUND`: the file as it was before the desk changed it."""

    FOUND = "found"
    PUBLISHED = "published"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class Draft:
    """`revision`: 0 while nothing was ever saved. `saved_at`: seconds since 1970. `conversation_id`: where from.

    `base`: digest of the published file that it was begun from, empty for a new article.
    """

    article: Article
    revision: int
    saved_at: float
    saved_by: Agent
    conversation_id: str | None = None
    base: str = ""


@dataclass(frozen=True)
class Entry:
    """One published revision. `by` is None for a file that somebody put there without the desk."""

    change: Change
    at: float
    by: Agent | None
    article: Article


class Drafts:
    def __init__(self, redis: RedisClient) -> None:
        self._redis = redis
        self._save = redis.register_script((LUA / "save.lua").read_text())
        self._published = redis.register_script((LUA / "published.lua").read_text())

    async def all(self) -> dict[str, Draft]:
        """Article id → its draft."""
        async with self._redis.pipeline(transaction=True) as reads:
            reads.hgetall(DRAFTS)
            reads.hgetall(REVISIONS)
            drafts, revisions = await reads.execute()
        return {article_id: _draft(text, int(revisions.get(article_id, 0))) for article_id, text in drafts.items()}

    async def get(self, article_id: str) -> tuple[int, Draft | None]:
        """The article's revision, and its draft if there is one."""
        async with self._redis.pipeline(transaction=True) as reads:
            reads.hget(REVISIONS, article_id)
            reads.hget(DRAFTS, article_id)
            revision, text = await reads.execute()
        number = int(revision or 0)
        return number, _draft(text, number) if text else None

    async def save(self, draft: Draft) -> Draft:
        """Store a draft made from `draft.revision` and return it with the new one. Raises `NewerRevision`."""
        body = {name: value for name, value in asdict(draft).items() if name != "revision"}
        revision = await self._change(draft.article.id, draft.revision, json.dumps(body))
        return replace(draft, revision=revision)

    async def drop(self, article_id: str, revision: int) -> int:
        """Discard a draft and return the new revision. Raises `NewerRevision`."""
        return await self._change(article_id, revision, "")

    async def _change(self, article_id: str, revision: int, body: str) -> int:
        done, now = await self._save([REVISIONS, DRAFTS], [article_id, revision, body])
        if not done:
            raise await self.newer(article_id, revision)
        return int(now)

    async def newer(self, article_id: str, revision: int) -> NewerRevision:
        """The refusal of a caller who knows an older revision."""
        now, draft = await self.get(article_id)
        who = f"{draft.saved_by.name} saved revision {now}" if draft else f"Revision {now} was published or discarded"
        return NewerRevision(f"{who} while you were editing revision {revision}.")

    async def published(
        self, draft_id: str, revision: int, entries: Sequence[Entry], writes: RedisClient | None = None
    ) -> None:
        """Record entries, oldest first, and drop the draft that was published unless it was saved again.

        `writes`: a pipeline that shall do it together with what else it holds.
        """
        last = entries[-1]
        article_id = last.article.id
        gone = json.dumps({"question": last.article.question, "at": last.at}) if last.change is Change.ARCHIVED else ""
        told = [json.dumps(asdict(entry)) for entry in entries]
        await self._published(
            [REVISIONS, DRAFTS, _history(article_id), ARCHIVED],
            [article_id, draft_id, revision, KEPT_REVISIONS, gone, *told],
            client=writes,
        )

    async def history(self, article_id: str) -> list[Entry]:
        """Newest first."""
        return [entry_from(json.loads(text)) for text in await self._redis.lrange(_history(article_id), 0, -1)]

    async def archived(self) -> dict[str, str]:
        """Article id → its question."""
        rows = await self._redis.hgetall(ARCHIVED)
        return {article_id: str(json.loads(row)["question"]) for article_id, row in rows.items()}


def _history(article_id: str) -> str:
    return f"{PREFIX}history:{article_id}"


def _draft(text: str, revision: int) -> Draft:
    row = json.loads(text)
    by = Agent(**row["saved_by"])
    return Draft(article_from(row["article"]), revision, row["saved_at"], by, row["conversation_id"], row["base"])


def entry_from(row: Mapping[str, Any]) -> Entry:
    """An entry as it was stored."""
    by = Agent(**row["by"]) if row["by"] else None
    return Entry(Change(row["change"]), row["at"], by, article_from(row["article"]))


def article_from(row: Mapping[str, Any]) -> Article:
    """An article as it was stored."""
    return Article(**{**row, "phrasings": tuple(row["phrasings"]), "tags": tuple(row["tags"])})
