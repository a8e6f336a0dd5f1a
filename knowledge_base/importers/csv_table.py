"""CSV: columns `question`, `answer`, and if wanted `id`, `phrasings`, `tags`, `human_only`, `url`, `locale`."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from io import StringIO

from knowledge_base.articles import Article
from knowledge_base.importers.items import Imported, Outcome, SourceFile, one_line, one_line_each, proposed_id
from knowledge_base.importers.items import several_lines as body

REQUIRED = ("question", "answer")
DELIMITERS = ",;\t"
TRUE = {"true", "yes", "y", "1", "x"}
FALSE = {"", "false", "no", "n", "0"}


def read(file: SourceFile) -> Iterator[Outcome]:
    """Yield an article for each row. Other columns are ignored; `|` or line breaks separate phrasings and tags."""
    text = file.text()
    if not text.strip():
        yield file.problem(None, "empty")
        return
    delimiter = max(DELIMITERS, key=text.partition("\n")[0].count)
    rows = _rows(csv.reader(StringIO(text), delimiter=delimiter, strict=True))
    names: list[str] = []
    for line, row, reason in rows:
        if reason:
            yield file.problem(line, reason)
        elif not names:
            names = [one_line(name).lower().replace(" ", "_") for name in row]
            if missing := [name for name in REQUIRED if name not in names]:
                yield file.problem(line, f"no column {' and no column '.join(missing)} in {', '.join(names)}")
                return
        elif any(value.strip() for value in row):
            yield _outcome(file, line, names, row, delimiter)


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str], str]]:
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            yield line, next(reader), ""
        except StopIteration:
            return
        except csv.Error as error:
            yield line, [], f"not CSV ({error})"


def _outcome(file: SourceFile, line: int, names: Sequence[str], row: Sequence[str], delimiter: str) -> Outcome:
    if len(row) > len(names):
        hint = f"put texts that hold {delimiter!r} in double quotes"
        return file.problem(line, f"{len(row)} values for {len(names)} columns: {hint}")
    values = dict(zip(names, row, strict=False))
    question, answer = one_line(values.get("question", "")), body(values.get("answer", ""))
    human_only = one_line(values.get("human_only", "")).lower()
    if not question or not answer.strip():
        return file.problem(line, f"{'answer' if question else 'question'} is missing")
    if human_only not in TRUE | FALSE:
        return file.problem(line, f"human_only must be true or false, not {human_only!r}")
    own_id = one_line(values.get("id", ""))
    key = f"csv:{own_id}" if own_id else f"csv:question {question.casefold()}"
    article = Article(
        id=proposed_id(own_id or question, key),
        question=question,
        phrasings=one_line_each(re.split(r"[|\n]", values.get("phrasings", ""))),
        answer=answer,
        tags=one_line_each(re.split(r"[|\n,;]", values.get("tags", ""))),
        human_only=human_only in TRUE,
        locale=one_line(values.get("locale", "")) or "en",
        url=one_line(values.get("url", "")) or None,
    )
    return Imported(key, article, bool(own_id), file.path, line)
