"""FAQ articles: one Markdown file each, with YAML front matter, read once at the edge into frozen values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

ID_PATTERN = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
FENCE = "---"


@dataclass(frozen=True)
class Article:
    """One approved answer. `answer` is Markdown; `phrasings` are other ways customers ask `question`."""

    id: str
    question: str
    phrasings: tuple[str, ...]
    answer: str
    tags: tuple[str, ...] = ()
    human_only: bool = False
    locale: str = "en"
    url: str | None = None


@dataclass(frozen=True)
class Problem:
    """What is wrong with one file, and at which line where that is known."""

    path: Path
    line: int | None
    reason: str

    def __str__(self) -> str:
        place = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.reason}"


class ArticleError(ValueError):
    """Every broken article or line of one load, so that an editor repairs them in one go."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class _InvalidError(ValueError):
    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.line = line


@dataclass
class _Collected:
    articles: dict[str, tuple[Article, str]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def add(self, path: Path, line: int | None, parse: Callable[[], Article]) -> None:
        try:
            article = parse()
            if article.id in self.articles:
                raise _InvalidError(f"id {article.id!r} is already used by {self.articles[article.id][1]}")
        except _InvalidError as invalid:
            self.problems.append(Problem(path, invalid.line or line, str(invalid)))
        else:
            self.articles[article.id] = (article, str(path) if line is None else f"{path}:{line}")

    def result(self) -> tuple[Article, ...]:
        if self.problems:
            raise ArticleError(self.problems)
        return tuple(article for article, _ in self.articles.values())


def load_articles(directory: Path) -> tuple[Article, ...]:
    """Read every `*.md` below `directory`, sorted by path.

    Raises `ArticleError` naming every file that cannot be used; a directory without articles is an error too.
    """
    paths = sorted(directory.rglob("*.md"))
    if not paths:
        raise ArticleError([Problem(directory, None, "no article (*.md) found here")])
    collected = _Collected()
    for path in paths:
        collected.add(path, None, lambda path=path: parse_article(_read(path)))  # type: ignore[misc]
    return collected.result()


def parse_article(text: str) -> Article:
    """Parse one Markdown file with front matter. Raises `ValueError` whose text says what is wrong."""
    front, body = _split_front_matter(text)
    article = Article(
        id=_checked_id(front),
        question=_text(front, "question"),
        phrasings=_texts(front, "phrasings"),
        answer=body.strip(),
        tags=_texts(front, "tags"),
        human_only=_flag(front, "human_only"),
        locale=_text(front, "locale", default="en"),
        url=_text(front, "url") if front.get("url") is not None else None,
    )
    unknown = sorted(str(name) for name in set(front) - set(Article.__dataclass_fields__))
    if unknown:
        raise _InvalidError(f"unknown field {', '.join(unknown)}")
    if not article.answer:
        raise _InvalidError("the answer below the front matter is empty")
    return article


def parse_articles_jsonl(path: Path) -> tuple[Article, ...]:
    """Read articles for an evaluation: one JSON object a line with `id`, `question`, `phrasings`, `answer`.

    Any non-empty id is accepted; `phrasings` and `answer` may be empty, `question` too when there are
    phrasings. Raises `ArticleError` with every bad line.
    """
    collected = _Collected()
    for number, line in numbered_lines(path):
        collected.add(path, number, lambda line=line: _article_from_json(line))  # type: ignore[misc]
    if not collected.articles and not collected.problems:
        collected.problems.append(Problem(path, None, "no article in this file"))
    return collected.result()


def numbered_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the non-blank lines of a file with their numbers. Raises `ArticleError` if it cannot be read."""
    try:
        text = _read(path)
    except _InvalidError as invalid:
        raise ArticleError([Problem(path, invalid.line, str(invalid))]) from invalid
    # Not splitlines(): JSON allows U+2028 inside a string.
    return ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())


def _article_from_json(line: str) -> Article:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise _InvalidError(f"not JSON ({error.msg})") from error
    if not isinstance(row, dict):
        raise _InvalidError("not a JSON object")
    phrasings = _texts(row, "phrasings")
    question = _text(row, "question", default="" if phrasings else None)
    return Article(id=_text(row, "id"), question=question, phrasings=phrasings, answer=_text(row, "answer", default=""))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise _InvalidError(f"not UTF-8 text (byte {error.start})") from error
    except OSError as error:
        raise _InvalidError(f"cannot be read ({error.strerror})") from error


def _split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    lines = text.splitlines()
    if not lines or lines[0].strip() != FENCE:
        raise _InvalidError(f"the first line must be {FENCE}", line=1)
    ends = [number for number, line in enumerate(lines[1:], start=1) if line.strip() == FENCE]
    if not ends:
        raise _InvalidError(f"the front matter is not closed by {FENCE}", line=1)
    try:
        front = yaml.safe_load("\n".join(lines[1 : ends[0]]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "cannot be parsed"
        raise _InvalidError(f"front matter: {reason}", line=mark.line + 2 if mark else 1) from error
    if not isinstance(front, dict):
        raise _InvalidError("the front matter must hold `name: value` lines", line=2)
    return front, "\n".join(lines[ends[0] + 1 :])


def _checked_id(row: Mapping[str, object]) -> str:
    value = _text(row, "id")
    if not ID_PATTERN.fullmatch(value):
        raise _InvalidError(f"id {value!r} must be 1–80 of a–z, 0–9 and -, not starting with -")
    return value


def _text(row: Mapping[str, object], name: str, default: str | None = None) -> str:
    value = row.get(name)
    if value is None or (isinstance(value, str) and not value.strip()):
        if default is None:
            raise _InvalidError(f"{name} is missing")
        return default
    if not isinstance(value, str):
        raise _InvalidError(f"{name} must be text, not {value!r} (put it in quotes)")
    return value.strip()


def _texts(row: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = row.get(name)
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _InvalidError(f"{name} must be a list")
    for item in value:
        if not isinstance(item, str) or not item.strip():
            raise _InvalidError(f"{name} must hold texts, not {item!r} (put it in quotes)")
    return tuple(item.strip() for item in value)


def _flag(row: Mapping[str, object], name: str) -> bool:
    value = row.get(name, False)
    if not isinstance(value, bool):
        raise _InvalidError(f"{name} must be true or false, not {value!r}")
    return value
