"""Articles from a text with headings: each heading with text right under it is one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from knowledge_base.articles import Article
from knowledge_base.importers.items import Imported, SourceFile, one_line, proposed_id, slug

# Words; a shorter heading that asks nothing ("Canada") needs the one above it to be understood ("Delivery: Canada").
CLEAR_ALONE_WORDS = 4
# Slugs of headings that say nothing about a topic.
EMPTY_HEADINGS = frozenset(
    {"faq", "faqs", "frequently-asked-questions", "questions", "questions-and-answers", "help", "help-centre"}
    | {"help-center", "knowledge-base", "support", "home"}
)

_NUMBERING = re.compile(r"^(?:Q\d*\s*[.:)]|\d+(?:\.\d+)*[.)]|\d+(?:\.\d+)+)\s+(?=\S)", re.IGNORECASE)
_ANCHOR = re.compile(r"\s*[¶#🔗]+\s*$")


@dataclass(frozen=True)
class Section:
    """A heading below others, outermost first and its own last, with the Markdown right under it."""

    line: int
    headings: tuple[str, ...]
    body: str


@dataclass
class Outline:
    """The headings that are open while a document is read from top to bottom."""

    _open: list[tuple[int, str]] = field(default_factory=list)

    def enter(self, level: int, heading: str) -> tuple[str, ...]:
        """Open a heading, closing those of its level and deeper; return all open ones."""
        self.leave(level)
        self._open.append((level, heading))
        return tuple(heading for _, heading in self._open)

    def leave(self, level: int) -> None:
        """Close the headings of this level and deeper."""
        self._open = [(depth, heading) for depth, heading in self._open if depth < level]


def heading_text(text: str) -> str:
    """Return a heading without numbering ("1.2", "Q:") and without a permalink sign."""
    return _NUMBERING.sub("", _ANCHOR.sub("", one_line(text)))


def articles(
    file: SourceFile, source_format: str, sections: Iterable[Section], url: str | None = None
) -> Iterator[Imported]:
    """Yield an article for each section; the headings above it become tags."""
    for section in sections:
        above, heading = section.headings[:-1], section.headings[-1]
        context = [name for name in above if slug(name) not in EMPTY_HEADINGS]
        key = f"{source_format}:{file.name}#{' / '.join(section.headings)}"
        question = _question(heading, context)
        article = Article(
            id=proposed_id(question, key),
            question=question,
            phrasings=(),
            answer=section.body,
            tags=tuple(dict.fromkeys(tag for name in context if (tag := slug(name) or name.casefold()))),
            url=url,
        )
        yield Imported(key, article, False, file.path, section.line)


def _question(heading: str, context: list[str]) -> str:
    clear = "?" in heading or len(heading.split()) >= CLEAR_ALONE_WORDS
    return heading if clear or not context else f"{context[-1].rstrip(' :?')}: {heading}"
