"""HTML as a tree, forgiving as browsers are: open paragraphs and list items close themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "details", "dd", "div", "dl", "dt", "fieldset", "figure"}
    | {"footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main", "nav", "ol", "p"}
    | {"pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"}
)
CLOSED_BY = {
    "li": {"li"},
    "dt": {"dt", "dd"},
    "dd": {"dt", "dd"},
    "tr": {"tr", "td", "th"},
    "td": {"td", "th"},
    "th": {"td", "th"},
}
# Never an answer: code, and what surrounds the page's own text.
DROPPED = frozenset(
    {"script", "style", "noscript", "template", "svg", "canvas", "iframe", "object", "head"}
    | {"nav", "footer", "aside", "select", "textarea"}
)
DROPPED_ROLES = frozenset({"navigation", "contentinfo", "banner", "search"})
# Elements; deeper ones become siblings, so that no page exhausts the stack of whoever walks the tree.
MAX_DEPTH = 100


@dataclass(eq=False)
class Node:
    """An element with its children in order; `line` is where it starts in the file."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    line: int = 1

    def elements(self) -> Iterator[Node]:
        """Yield this element and all below it in document order, except dropped ones."""
        yield self
        for child in self.children:
            if isinstance(child, Node) and not is_dropped(child):
                yield from child.elements()


def parse_html(text: str) -> Node:
    """Return the root, an element without a tag."""
    builder = _Builder()
    builder.feed(text)
    builder.close()
    return builder.root


def is_dropped(node: Node) -> bool:
    return node.tag in DROPPED or node.attributes.get("role") in DROPPED_ROLES


def plain_text(children: Sequence[Node | str]) -> str:
    """Return the text in `children` on one line."""
    return " ".join("".join(_texts(children)).split())


def _texts(children: Sequence[Node | str]) -> Iterator[str]:
    for child in children:
        if isinstance(child, str):
            yield child
        elif not is_dropped(child):
            space = " " if child.tag in BLOCKS or child.tag == "br" else ""
            yield space
            yield from _texts(child.children)
            yield space


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        closed = CLOSED_BY.get(tag, set()) | ({"p"} if tag in BLOCKS else set())
        while self._open[-1].tag in closed:
            self._open.pop()
        node = Node(tag, {name: value or "" for name, value in attrs}, line=self.getpos()[0])
        self._open[-1].children.append(node)
        if tag not in VOID and len(self._open) < MAX_DEPTH:
            self._open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # Only void elements can be empty in HTML; browsers read `<div/>` as `<div>`.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)
