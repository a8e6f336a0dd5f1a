"""Intercom: what `GET /articles` returns, saved as a file."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from knowledge_base.importers.help_centre import HelpArticle, read_export
from knowledge_base.importers.items import Outcome, SourceFile

LIST = "data"
PUBLISHED = "published"


class Row(BaseModel):
    """The fields that are used of an article."""

    id: int | str
    title: str | None = None
    body: str | None = None
    state: str = PUBLISHED
    default_locale: str | None = None
    url: str | None = None


def read(file: SourceFile) -> Iterator[Outcome]:
    """Yield the articles; what is not in the state `published` comes as unpublished."""
    return read_export(file, "intercom", LIST, Row, _convert)


def _convert(row: Row) -> HelpArticle:
    return HelpArticle(
        id=str(row.id),
        title=row.title or "",
        body=row.body or "",
        hidden="" if row.state == PUBLISHED else f"a {row.state}",
        locale=row.default_locale,
        url=row.url,
    )
