"""Zendesk: what `GET /api/v2/help_center/articles.json` returns, saved as a file."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from knowledge_base.importers.help_centre import HelpArticle, read_export
from knowledge_base.importers.items import Outcome, SourceFile

LIST = "articles"


class Row(BaseModel):
    """The fields that are used of an article."""

    id: int | str
    title: str
    body: str | None = None
    label_names: list[str] | None = None
    draft: bool = False
    # None: everybody may read it.
    user_segment_id: int | None = None
    locale: str | None = None
    html_url: str | None = None


def read(file: SourceFile) -> Iterator[Outcome]:
    """Yield the articles; drafts, and what only some user segment may read, come as unpublished."""
    return read_export(file, "zendesk", LIST, Row, _convert)


def _convert(row: Row) -> HelpArticle:
    restricted = "" if row.user_segment_id is None else f"only for user segment {row.user_segment_id}"
    return HelpArticle(
        id=str(row.id),
        title=row.title,
        body=row.body or "",
        hidden="a draft" if row.draft else restricted,
        tags=row.label_names or (),
        locale=row.locale,
        url=row.html_url,
    )
