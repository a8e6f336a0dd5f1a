"""JSON lines, as `offramp kb evaluate` reads them: `id`, `question`, `phrasings`, `answer` in each."""

from __future__ import annotations

import json
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from knowledge_base.articles import Article
from knowledge_base.importers.items import (
    Imported,
    Outcome,
    SourceFile,
    one_line,
    one_line_each,
    proposed_id,
    reasons,
    several_lines,
)


class Row(BaseModel):
    """One line; `tags`, `human_only`, `locale` and `url` are taken where they are given."""

    model_config = ConfigDict(strict=True, frozen=True)

    id: str = Field(pattern=r"\S")
    question: str | None = None
    phrasings: list[str] | None = None
    answer: str | None = None
    tags: list[str] | None = None
    human_only: bool = False
    locale: str | None = None
    url: str | None = None


def read(file: SourceFile) -> Iterator[Outcome]:
    """Yield an article for each line. Without `question` the first phrasing takes its place."""
    # Not splitlines(): JSON allows U+2028 inside a string.
    for line, text in enumerate(file.text().split("\n"), start=1):
        if text.strip():
            yield _outcome(file, line, text)


def _outcome(file: SourceFile, line: int, text: str) -> Outcome:
    try:
        row = Row.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        return file.problem(line, f"not JSON ({error.msg})")
    except ValidationError as error:
        return file.problem(line, reasons(error))
    asked = one_line_each([row.question or "", *(row.phrasings or [])])
    answer = several_lines(row.answer or "")
    if not asked or not answer.strip():
        return file.problem(line, f"{'answer' if asked else 'question'} is missing")
    key = f"jsonl:{row.id.strip()}"
    article = Article(
        id=proposed_id(row.id, key),
        question=asked[0],
        phrasings=asked[1:],
        answer=answer,
        tags=one_line_each(row.tags or []),
        human_only=row.human_only,
        locale=one_line(row.locale or "") or "en",
        url=one_line(row.url or "") or None,
    )
    return Imported(key, article, True, file.path, line)
