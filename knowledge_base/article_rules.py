"""What is wrong with an article, as far as its text alone tells. Needs no model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from markdown_it import MarkdownIt

from knowledge_base.articles import Article
from knowledge_base.links import wrong_address, wrong_links
from knowledge_base.text import normalise

# Below this, confidence has little to fit itself on.
FEW_PHRASINGS = 5
# Words; more does not fit a chat window without scrolling.
LONG_ANSWER_WORDS = 120
# Headings, or lines all in bold: one may be a title, two are two topics.
SEVERAL_TOPICS = 2
# Texts; more than all phrasings of some thousand articles, which are compared at every check.
FOLDED_TEXTS = 65_536

_WORD = re.compile(r"\w+")


class Level(StrEnum):
    """Errors are wrong; warnings may be meant."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing to repair, in one file. `rule` is a stable name for it."""

    path: Path
    line: int | None
    level: Level
    rule: str
    message: str

    def __str__(self) -> str:
        place = str(self.path) if self.line is None else f"{self.path}:{self.line}"
        return f"{place}: {self.level}: {self.message} [{self.rule}]"

    def as_json(self) -> dict[str, object]:
        return {**asdict(self), "path": str(self.path)}


@dataclass(frozen=True)
class ArticleFile:
    """An article with the file it stands in, for the line of what is wrong."""

    path: Path
    text: str
    article: Article

    def finding(self, level: Level, rule: str, message: str, near: str | None = None) -> Finding:
        """Return a finding at the first line that holds `near`, or for the whole file."""
        lines = enumerate(self.text.splitlines(), start=1) if near else ()
        line = next((number for number, text in lines if near and near in text), None)
        return Finding(self.path, line, level, rule, message)


def article_findings(file: ArticleFile) -> list[Finding]:
    """What can be said of one article without looking at others."""
    return [*_phrasing_findings(file), *_answer_findings(file), *_link_findings(file)]


def shared_phrasings(files: Sequence[ArticleFile]) -> Iterator[Finding]:
    """Yield an error for each text that stands in two articles, in the file that comes first."""
    owners: dict[str, list[tuple[ArticleFile, str]]] = {}
    for file in files:
        for folded, text in _asked(file).items():
            owners.setdefault(folded, []).append((file, text))
    for (file, text), *others in owners.values():
        for other, _ in others:
            yield _shared(file, text, other)


def shared_with(file: ArticleFile, others: Iterable[ArticleFile]) -> Iterator[Finding]:
    """Yield an error for each text of `file` that also stands in one of `others`."""
    asked = _asked(file)
    for other in others:
        for folded in asked.keys() & _asked(other).keys():
            yield _shared(file, asked[folded], other)


def _shared(file: ArticleFile, text: str, other: ArticleFile) -> Finding:
    return file.finding(Level.ERROR, "shared-phrasing", f"“{text}” also stands in {other.path}", text)


def _asked(file: ArticleFile) -> dict[str, str]:
    return {_folded(text): text for text in (*file.article.phrasings, file.article.question)}


def _phrasing_findings(file: ArticleFile) -> Iterator[Finding]:
    article = file.article
    asked: dict[str, str] = {}
    for text in article.phrasings:
        earlier = asked.setdefault(_folded(text), text)
        if earlier is not text:
            yield file.finding(Level.WARNING, "repeated-phrasing", f"“{text}” stands twice in this article", text)
    if len(asked) < FEW_PHRASINGS:
        wanted = f"phrasings: {len(asked)}; from {FEW_PHRASINGS} on, confidence fits itself better"
        yield file.finding(Level.WARNING, "few-phrasings", wanted)
    if not article.tags:
        yield file.finding(Level.WARNING, "no-tags", "no tags")


def _answer_findings(file: ArticleFile) -> Iterator[Finding]:
    tokens = MarkdownIt("commonmark", {"html": False}).parse(file.article.answer)
    words, topics = 0, []
    for before, token in zip([None, *tokens], tokens, strict=False):
        if token.type != "inline":
            continue
        words += sum(bool(_WORD.search(word)) for child in token.children or [] for word in child.content.split())
        heading = before is not None and before.type == "heading_open"
        if heading or (token.level == 1 and re.fullmatch(r"(\*\*|__)(?:(?!\1).)+\1:?", token.content)):
            topics.append(token.content.strip("*_: "))
    if words > LONG_ANSWER_WORDS:
        message = f"the answer has {words} words, more than {LONG_ANSWER_WORDS} do not fit a chat"
        yield file.finding(Level.WARNING, "long-answer", message)
    if len(topics) >= SEVERAL_TOPICS:
        message = f"the answer has {len(topics)} topics ({', '.join(topics)}): make each an article"
        yield file.finding(Level.WARNING, "several-topics", message)


def _link_findings(file: ArticleFile) -> Iterator[Finding]:
    for link, reason in wrong_links(file.article.answer):
        yield file.finding(Level.ERROR, "wrong-link", f"{link}: {reason}", link)
    url = file.article.url
    if url is not None and (reason := wrong_address(url)):
        yield file.finding(Level.ERROR, "wrong-link", f"url {url}: {reason}", url)


@lru_cache(FOLDED_TEXTS)
def _folded(text: str) -> str:
    return " ".join(_WORD.findall(normalise(text).casefold())) or text
