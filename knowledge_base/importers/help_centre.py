"""What Zendesk and Intercom exports have in common: JSON that lists articles, each with a title and an HTML body."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from knowledge_base.articles import Article
from knowledge_base.importers.html_markdown import to_markdown
from knowledge_base.importers.html_tree import parse_html
from knowledge_base.importers.items import (
    Imported,
    Outcome,
    SourceFile,
    Unpublished,
    one_line,
    one_line_each,
    proposed_id,
    reasons,
)

Row = TypeVar("Row", bound=BaseModel)


@dataclass(frozen=True)
class HelpArticle:
    """An article of a help centre. `hidden` says why customers do not see it there, empty if they do."""

    id: str
    title: str
    body: str
    hidden: str = ""
    tags: Sequence[str] = ()
    locale: str | None = None
    url: str | None = None


def read_export(
    file: SourceFile, service: str, listed_under: str, model: type[Row], convert: Callable[[Row], HelpArticle]
) -> Iterator[Outcome]:
    """Yield an outcome for each entry of the list `listed_under`. Raises `ValueError` if the file has no such list."""
    for number, entry in enumerate(_entries(file, listed_under), start=1):
        name = f"article {number}"
        if not isinstance(entry, dict):
            yield file.problem(None, f"{name}: not an object")
            continue
        if "id" in entry:
            name += f" (id {entry['id']})"
        try:
            article = convert(model.model_validate(entry))
        except ValidationError as error:
            yield file.problem(None, f"{name}: {reasons(error)}")
        else:
            yield _outcome(file, f"{service}:{article.id}", name, article)


def _entries(file: SourceFile, listed_under: str) -> list[object]:
    try:
        content = json.loads(file.text())
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error})") from error
    entries = content.get(listed_under) if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise ValueError(f'no list "{listed_under}" in it')
    return entries


def _outcome(file: SourceFile, key: str, name: str, entry: HelpArticle) -> Outcome:
    title = one_line(entry.title)
    if entry.hidden:
        return Unpublished(key, title or name, entry.hidden)
    url = one_line(entry.url or "") or None
    answer = to_markdown(parse_html(entry.body).children, url)
    if not title or not answer:
        return file.problem(None, f"{name}: {'body has no text' if title else 'title is missing'}")
    article = Article(
        id=proposed_id(title, key),
        question=title,
        phrasings=(),
        answer=answer,
        tags=one_line_each(entry.tags),
        locale=one_line(entry.locale or "") or "en",
        url=url,
    )
    return Imported(key, article, False, file.path, None)
