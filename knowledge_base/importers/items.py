"""What a format's reader hands over: an article, one that is not public at its source, or what is wrong."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from knowledge_base.articles import Article, Problem

# Characters; file names stay readable, and `-2` still fits behind them.
MAX_SLUG_CHARACTERS = 60

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b\ufeff]")


@dataclass(frozen=True)
class SourceFile:
    """A file to import. `name` is its path below the source with `/`: it stays when the source moves."""

    path: Path
    name: str

    def problem(self, line: int | None, reason: str) -> Problem:
        return Problem(self.path, line, reason)

    def text(self) -> str:
        """Return the text without a byte order mark. Raises `ValueError` if it is not UTF-8."""
        try:
            return self.path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            raise ValueError(f"not UTF-8 text (byte {error.start}): save it as UTF-8") from error


@dataclass(frozen=True)
class Imported:
    """An article read from a source.

    `key` names it at its source, the same at every import. `article.id` is only a proposal; with `own_id` the source
    itself gave it, otherwise it was made from the title.
    """

    key: str
    article: Article
    own_id: bool
    path: Path
    line: int | None


@dataclass(frozen=True)
class Unpublished:
    """An article that customers do not see at its source, and why."""

    key: str
    title: str
    reason: str


Outcome = Imported | Unpublished | Problem


def slug(text: str) -> str:
    """Return a–z, 0–9 and `-`, at most 60 characters; empty if `text` has no Latin letter or digit."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().replace("'", "")
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(words) > MAX_SLUG_CHARACTERS:
        words = words[: MAX_SLUG_CHARACTERS + 1].rpartition("-")[0] or words[:MAX_SLUG_CHARACTERS]
    return words.strip("-")


def proposed_id(text: str, key: str) -> str:
    """Return the slug of `text`, or a short digest of `key` where there is none."""
    return slug(text) or f"article-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def one_line(text: str) -> str:
    """Return `text` without control characters, on one line."""
    return " ".join(_CONTROL.sub("", text).split())


def several_lines(text: str) -> str:
    """Return `text` without control characters, outer blank lines and trailing spaces."""
    return "\n".join(line.rstrip() for line in _CONTROL.sub("", text).splitlines()).strip("\n")


def one_line_each(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the texts that are not blank, each on one line, without repeats."""
    return tuple(dict.fromkeys(line for text in texts if (line := one_line(text))))


def reasons(error: ValidationError) -> str:
    """Say what is wrong with a row: each field and why."""
    return "; ".join(
        f"{'.'.join(str(part) for part in found['loc']) or 'row'}: {found['msg'][0].lower()}{found['msg'][1:]}"
        for found in error.errors(include_url=False, include_input=False)
    )
