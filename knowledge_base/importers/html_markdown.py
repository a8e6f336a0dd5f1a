"""HTML to the Markdown that an answer may hold: paragraphs, emphasis, lists, links, code, quotations."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urljoin, urlsplit

from knowledge_base.importers.html_tree import BLOCKS, Node, is_dropped, plain_text
from knowledge_base.importers.items import several_lines
from knowledge_base.rendering import SCHEMES

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
BOLD_BLOCKS = HEADINGS | {"summary", "caption"}
MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*"}

_SPECIAL = re.compile(r"[\\`*\[\]]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|(?<!\w)_|_(?!\w)")
_LINE_START = re.compile(r"^(\d{1,9})(?=[.)](?:\s|$))|^(?=#{1,6}(?:\s|$)|[-+](?:\s|$)|>|~~~|[-=]+$)", re.MULTILINE)
_SPACE = re.compile(r"\s+")


def to_markdown(children: Sequence[Node | str], base_url: str | None = None) -> str:
    """Return Markdown of the elements' text; empty if there is none.

    Headings become bold lines and table rows list items, as a chat shows neither. Relative links are resolved against
    `base_url`; links that lead nowhere without it, or that no answer may hold, become their text. Images are left out.
    """
    return several_lines("\n\n".join(_Writer(base_url).blocks(children)))


class _Writer:
    def __init__(self, base_url: str | None) -> None:
        self._base_url = base_url

    def blocks(self, children: Sequence[Node | str]) -> list[str]:
        blocks: list[str] = []
        inline: list[Node | str] = []
        for child in children:
            if isinstance(child, Node) and _is_silent(child):
                continue
            if isinstance(child, Node) and _is_block(child):
                blocks += [self._paragraph(inline), *self._block(child)]
                inline = []
            else:
                inline.append(child)
        return [block for block in [*blocks, self._paragraph(inline)] if block.strip()]

    def _block(self, node: Node) -> list[str]:
        if node.tag in BOLD_BLOCKS:
            return [f"**{text}**" if (text := _escaped(plain_text(node.children))) else ""]
        if node.tag in {"ul", "ol"}:
            return [self._list(node)]
        if node.tag == "pre":
            return [_code_block(node)]
        if node.tag == "blockquote":
            return [_prefixed("\n\n".join(self.blocks(node.children)), "> ", "> ")]
        if node.tag == "table":
            return [self._table(node)]
        if node.tag == "dl":
            return [self._definitions(node)]
        return self.blocks(node.children)

    def _list(self, node: Node) -> str:
        items: list[str] = []
        for child in node.children:
            text = "\n".join(self.blocks(child.children)) if isinstance(child, Node) and not _is_silent(child) else ""
            if text:
                mark = f"{len(items) + 1}. " if node.tag == "ol" else "- "
                items.append(_prefixed(text, mark, " " * len(mark)))
        return "\n".join(items)

    def _definitions(self, node: Node) -> str:
        lines: list[str] = []
        for element in node.elements():
            text = _escaped(plain_text(element.children))
            if element.tag == "dt" and text:
                lines.append(f"- **{text}**:")
            elif element.tag == "dd" and text and lines:
                lines[-1] += f" {_prefixed(' '.join(self.blocks(element.children)), '', '  ')}"
        return "\n".join(lines)

    def _table(self, node: Node) -> str:
        rows = [
            [self._paragraph(cell.children) for cell in row.elements() if cell.tag in {"td", "th"}]
            for row in node.elements()
            if row.tag == "tr"
        ]
        lines = [" · ".join(cell.replace("\n", " ") for cell in cells if cell) for cells in rows]
        return "\n".join(f"- {line}" for line in lines if line)

    def _paragraph(self, children: Sequence[Node | str]) -> str:
        text = re.sub(r" *\n *", "\n", self._inline(children, frozenset()))
        return _LINE_START.sub(lambda found: f"{found[1] or ''}\\", re.sub(r"[ \xa0]+", " ", text).strip())

    def _inline(self, children: Sequence[Node | str], marks: frozenset[str]) -> str:
        return "".join(
            _escaped(_SPACE.sub(" ", child)) if isinstance(child, str) else self._inline_element(child, marks)
            for child in children
            if isinstance(child, str) or not _is_silent(child)
        )

    def _inline_element(self, node: Node, marks: frozenset[str]) -> str:
        if node.tag == "br":
            return "\n"
        if node.tag in {"code", "kbd", "samp"}:
            return _code(plain_text(node.children))
        if node.tag == "a":
            return self._link(node, marks)
        mark = MARKS.get(node.tag, "")
        if not mark or mark in marks:
            text = self._inline(node.children, marks)
            return f" {text} " if _is_block(node) else text
        return _around(self._inline(node.children, marks | {mark}), mark, mark)

    def _link(self, node: Node, marks: frozenset[str]) -> str:
        address = _address(node.attributes.get("href", ""), self._base_url)
        text = self._inline(node.children, marks) if "[" not in marks else plain_text(node.children)
        if not text.strip():
            images = (element.attributes.get("alt", "") for element in node.elements() if element.tag == "img")
            text = _escaped(" ".join(images))
        return _around(text.replace("\n", " "), "[", f"]({address})") if address and "[" not in marks else text


def _is_silent(node: Node) -> bool:
    # "Copy", "Show more": a button in an answer does something that a chat cannot.
    return is_dropped(node) or node.tag == "button"


def _is_block(node: Node) -> bool:
    return node.tag in BLOCKS or (
        node.tag not in {"a", *MARKS} and any(element.tag in BLOCKS for element in node.elements())
    )


def _address(href: str, base_url: str | None) -> str:
    href = re.sub(r"[\x00-\x1f]", "", href.strip())
    try:
        address = urljoin(base_url or "", href) if href else ""
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        return ""
    if scheme not in SCHEMES and (scheme or not address.startswith("/")):
        return ""
    return re.sub(r"[\s()<>\\]", lambda found: f"%{ord(found[0]):02X}", address)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: "\\" + found[0], text)


def _around(text: str, before: str, after: str) -> str:
    """Marks stick to the words; spaces belong outside."""
    inner = text.strip()
    if not inner:
        return text
    start = text.index(inner)
    return f"{text[:start]}{before}{inner}{after}{text[start + len(inner) :]}"


def _code(text: str) -> str:
    if not text:
        return ""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def _code_block(node: Node) -> str:
    text = "".join(_verbatim(node)).strip("\n")
    fence = "~~~" if "```" in text else "```"
    return f"{fence}\n{text}\n{fence}" if text.strip() else ""


def _verbatim(node: Node) -> list[str]:
    return [part for child in node.children for part in ([child] if isinstance(child, str) else _verbatim(child))]


def _prefixed(text: str, first: str, others: str) -> str:
    lines = text.split("\n")
    return "\n".join((first if number == 0 else others) + line for number, line in enumerate(lines))
