"""Which files of a source are read, and by which reader."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from pathlib import Path

from knowledge_base.articles import ArticleError, Problem
from knowledge_base.importers import csv_table, html_pages, intercom, jsonl, markdown, zendesk
from knowledge_base.importers.items import Outcome, SourceFile


class Format(StrEnum):
    """What `--format` takes."""

    AUTO = "auto"
    CSV = "csv"
    JSONL = "jsonl"
    MARKDOWN = "markdown"
    HTML = "html"
    ZENDESK = "zendesk"
    INTERCOM = "intercom"


READERS: Mapping[Format, Callable[[SourceFile], Iterator[Outcome]]] = {
    Format.CSV: csv_table.read,
    Format.JSONL: jsonl.read,
    Format.MARKDOWN: markdown.read,
    Format.HTML: html_pages.read,
    Format.ZENDESK: zendesk.read,
    Format.INTERCOM: intercom.read,
}
SUFFIXES = {
    ".csv": Format.CSV,
    ".tsv": Format.CSV,
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".md": Format.MARKDOWN,
    ".markdown": Format.MARKDOWN,
    ".html": Format.HTML,
    ".htm": Format.HTML,
    ".xhtml": Format.HTML,
}
JSON = ".json"
# Browsers save pictures and frames of `page.html` in `page_files`.
PAGE_PARTS = "_files"


def find_files(source: Path, chosen: Format) -> list[SourceFile]:
    """Return the files to read: `source` itself, or those of the format below a directory, sorted.

    Raises `ArticleError` if there is none.
    """
    if source.is_file():
        return [SourceFile(source, source.name)]
    if not source.is_dir():
        raise ArticleError([Problem(source, None, "no such file or directory")])
    paths = (path for path in sorted(source.rglob("*")) if path.is_file() and _fits(path, source, chosen))
    files = [SourceFile(path, path.relative_to(source).as_posix()) for path in paths]
    if not files:
        what = "a known format" if chosen is Format.AUTO else f"the format {chosen}"
        raise ArticleError([Problem(source, None, f"no file of {what} in this directory")])
    return files


def read_file(file: SourceFile, chosen: Format) -> Iterator[Outcome]:
    """Yield what is in a file. What makes the whole file unreadable is one more problem."""
    try:
        yield from READERS[_detected(file) if chosen is Format.AUTO else chosen](file)
    except ValueError as error:
        yield file.problem(None, str(error))
    except OSError as error:
        yield file.problem(None, f"cannot be read ({error.strerror})")


def _fits(path: Path, source: Path, chosen: Format) -> bool:
    parts = path.relative_to(source).parts
    if any(part.startswith(".") for part in parts) or any(part.endswith(PAGE_PARTS) for part in parts[:-1]):
        return False
    suffix = path.suffix.lower()
    if suffix == JSON:
        return chosen in {Format.AUTO, Format.ZENDESK, Format.INTERCOM}
    found = SUFFIXES.get(suffix)
    return found is not None and chosen in {Format.AUTO, found}


def _detected(file: SourceFile) -> Format:
    suffix = file.path.suffix.lower()
    if suffix in SUFFIXES:
        return SUFFIXES[suffix]
    if suffix == JSON:
        try:
            content = json.loads(file.text())
        except json.JSONDecodeError as error:
            raise ValueError(f"not JSON ({error})") from error
        for found, name in ((Format.ZENDESK, zendesk.LIST), (Format.INTERCOM, intercom.LIST)):
            if isinstance(content, dict) and isinstance(content.get(name), list):
                return found
        raise ValueError(f'neither a Zendesk ("{zendesk.LIST}") nor an Intercom ("{intercom.LIST}") list of articles')
    raise ValueError("unknown format: say which with --format")
