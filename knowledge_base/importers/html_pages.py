"""Saved HTML pages: headings with text under them, `<details>`, and `<dl>` lists of questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from knowledge_base.importers.html_markdown import HEADINGS, to_markdown
from knowledge_base.importers.html_tree import Node, is_dropped, parse_html, plain_text
from knowledge_base.importers.items import Outcome, SourceFile
from knowledge_base.importers.sections import Outline, Section, articles, heading_text

# Words; a <dl> whose values are shorter and whose terms ask nothing is a table ("Weight: 2 kg").
SHORT_VALUE_WORDS = 4
# Deeper than any heading.
DETAILS_LEVEL = 10
TERM_LEVEL = 90


def read(file: SourceFile) -> Iterator[Outcome]:
    """Yield the articles of a page. A page without headings is one article under its title.

    Only `<main>` or a lone `<article>` is read where there is one; what stands above the first heading is left out.
    """
    root = parse_html(file.text())
    content = _content(root)
    url = _address(root)
    reader = _PageReader(url)
    reader.walk(content.children)
    reader.flush()
    sections = reader.sections or _whole_page(root, content, url)
    if not sections:
        yield file.problem(None, "no heading, <details> or <dl> with text under it, and no title with text")
    yield from articles(file, "html", sections, url)


@dataclass
class _PageReader:
    url: str | None
    sections: list[Section] = field(default_factory=list)
    _outline: Outline = field(default_factory=Outline)
    _headings: tuple[str, ...] = ()
    _line: int = 1
    _pending: list[Node | str] = field(default_factory=list)

    def walk(self, children: Sequence[Node | str], depth: int = 0) -> None:
        for child in children:
            if isinstance(child, str):
                self._pending.append(child)
            elif is_dropped(child):
                continue
            elif child.tag in HEADINGS:
                self._enter(int(child.tag[1]), child)
            elif child.tag == "details":
                self._details(child, depth)
            elif _is_question_list(child):
                self._question_list(child)
            elif any(_opens(element) for element in child.elements()):
                self.walk(child.children, depth)
            else:
                self._pending.append(child)

    def flush(self) -> None:
        """End the section that is being read."""
        body = to_markdown(self._pending, self.url)
        self._pending = []
        if body and self._headings:
            self.sections.append(Section(self._line, self._headings, body))

    def _enter(self, level: int, heading: Node) -> None:
        text = heading_text(plain_text(heading.children))
        if text:
            self.flush()
            self._headings, self._line = self._outline.enter(level, text), heading.line

    def _details(self, node: Node, depth: int) -> None:
        summary = next((c for c in node.children if isinstance(c, Node) and c.tag == "summary"), Node("summary"))
        rest = [child for child in node.children if child is not summary]
        before, level = (self._headings, self._line), DETAILS_LEVEL + depth
        self._enter(level, summary)
        if any(element.tag == "details" for child in rest if isinstance(child, Node) for element in child.elements()):
            self.walk(rest, depth + 1)
        else:
            self._pending += rest
        self._return_to(level, before)

    def _question_list(self, node: Node) -> None:
        before = self._headings, self._line
        for element in node.elements():
            if element.tag == "dt":
                self._enter(TERM_LEVEL, element)
            elif element.tag == "dd":
                self._pending.append(element)
        self._return_to(TERM_LEVEL, before)

    def _return_to(self, level: int, before: tuple[tuple[str, ...], int]) -> None:
        self.flush()
        self._outline.leave(level)
        self._headings, self._line = before


def _opens(node: Node) -> bool:
    return node.tag in HEADINGS or node.tag == "details" or _is_question_list(node)


def _is_question_list(node: Node) -> bool:
    if node.tag != "dl":
        return False
    terms = [plain_text(element.children) for element in node.elements() if element.tag == "dt"]
    values = [plain_text(element.children) for element in node.elements() if element.tag == "dd"]
    if not terms or not values:
        return False
    return any("?" in term for term in terms) or median(len(value.split()) for value in values) >= SHORT_VALUE_WORDS


def _content(root: Node) -> Node:
    elements = list(root.elements())
    mains = [node for node in elements if node.tag == "main" or node.attributes.get("role") == "main"]
    alone = [node for node in elements if node.tag == "article"]
    chosen = mains or (alone if len(alone) == 1 else [])
    return next((node for node in chosen if plain_text(node.children)), root)


def _whole_page(root: Node, content: Node, url: str | None) -> list[Section]:
    title = heading_text(_title(root))
    body = to_markdown(content.children, url)
    return [Section(1, (title,), body)] if title and body else []


def _title(root: Node) -> str:
    titles = (node for node in _all(root) if node.tag == "title")
    return next((text for node in titles if (text := plain_text(node.children))), "")


def _address(root: Node) -> str | None:
    canonical = (
        node.attributes.get("href", "")
        for node in _all(root)
        if node.tag == "link" and "canonical" in node.attributes.get("rel", "").lower().split()
    )
    return next((href for href in canonical if href.startswith(("https://", "http://"))), None)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        if isinstance(child, Node):
            yield from _all(child)
