"""Markdown to Slack's own markup ("mrkdwn"), and long text to sections that Slack takes. Pure."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

# As in `knowledge_base.rendering`: the parser is slow on long hostile text, and no message is longer.
MAX_MARKDOWN_CHARACTERS = 4_000
# Slack's limit for the text of one section.
SECTION_CHARACTERS = 3_000
_SCHEMES = ("http://", "https://", "mailto:")
_BARE_URL = re.compile(r"(https?://[^\s<>|]+[^\s<>|.,:;!?)\]'\"])")
_MARKS = {"strong": "*", "em": "_", "s": "~"}


def escape(text: str) -> str:
    """Text in which Slack sees no markup of its own: no mention, no link, no entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """A link, or its label alone where the address is none for the web. `label` is escaped already."""
    if not url.lower().startswith(_SCHEMES):
        return label
    address = url.replace("|", "%7C").replace("<", "%3C").replace(">", "%3E").replace("&", "&amp;")
    return f"<{address}|{label.replace('|', '¦')}>" if label else f"<{address}>"


def to_mrkdwn(markdown: str) -> str:
    """Bold, emphasis, code, links, lists, quotes and headings as Slack writes them; raw HTML is shown as text."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
    return _blocks(SyntaxTreeNode(parser.parse(markdown[:MAX_MARKDOWN_CHARACTERS])))


def _blocks(parent: SyntaxTreeNode, separator: str = "\n\n") -> str:
    return separator.join(filter(None, (_block(node) for node in parent.children)))


def _block(node: SyntaxTreeNode) -> str:
    match node.type:
        case "bullet_list" | "ordered_list":
            return _items(node)
        case "blockquote":
            return "\n".join(f"> {line}" for line in _blocks(node, "\n").splitlines())
        case "fence" | "code_block":
            return f"```\n{escape(node.content.rstrip())}\n```"
        case "heading":
            return f"*{_inline(node).replace('*', '')}*"
        case "hr":
            return "———"
    return _inline(node)


def _items(node: SyntaxTreeNode) -> str:
    start = int(node.attrs.get("start") or 1)
    marks = (f"{start + i}." if node.type == "ordered_list" else "•" for i in range(len(node.children)))
    rows = (
        f"{mark} " + _blocks(item, "\n").replace("\n", "\n    ")
        for mark, item in zip(marks, node.children, strict=True)
    )
    return "\n".join(rows)


def _inline(node: SyntaxTreeNode) -> str:
    return "".join(_span(child) for child in node.children)


def _span(node: SyntaxTreeNode) -> str:
    match node.type:
        case "text":
            return "".join(link(p, "") if i % 2 else escape(p) for i, p in enumerate(_BARE_URL.split(node.content)))
        case "softbreak" | "hardbreak":
            return "\n"
        case "code_inline":
            return f"`{escape(node.content)}`"
        case "link":
            return link(str(node.attrs.get("href", "")), escape(_words(node)))
        case "image":
            return link(str(node.attrs.get("src", "")), escape(node.content))
        case "strong" | "em" | "s":
            return f"{_MARKS[node.type]}{_inline(node)}{_MARKS[node.type]}"
    return _inline(node)


def _words(node: SyntaxTreeNode) -> str:
    """The text of a link's label: Slack shows no markup in there."""
    return "".join(_words(n) if n.children else " " if "break" in n.type else n.content for n in node.children)


def sections(text: str, limit: int = SECTION_CHARACTERS) -> list[str]:
    """Text in pieces of `limit` characters at most, cut between lines or words, never inside a link or entity."""
    pieces = []
    while len(text) > limit:
        cut = _cut(text, limit)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [piece for piece in (*pieces, text) if piece]


def _cut(text: str, limit: int) -> int:
    """Where to cut: after a paragraph, a line or a word in the second half, else wherever it does no harm."""
    for separator in ("\n\n", "\n", " "):
        at = text.rfind(separator, limit // 2, limit)
        if at > 0 and not _inside(text, at):
            return at
    at = _inside(text, limit) or limit
    entity = text.rfind("&", max(at - 5, 0), at)
    return entity if entity > 0 and ";" not in text[entity:at] else at


def _inside(text: str, at: int) -> int:
    """The start of the link that position `at` lies in, or 0."""
    opened = text.rfind("<", 0, at)
    return opened if opened > text.rfind(">", 0, at) and opened > 0 else 0
