"""Links in an answer that would not reach a customer as links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge_base.rendering import SCHEMES

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_WRITTEN = re.compile(r"!?\[([^\[\]\n]*)\]\(((?:[^()\n]|\([^()\n]*\))*)\)")
_GAP = re.compile(r"\[[^\[\]\n]*\]\s+\((?:https?:|mailto:|/)[^)\n]*\)", re.IGNORECASE)
_UNBALANCED = re.compile(r"\[[^\[\]\n]*\]\([^)\n]*|\[[^\[\]\n]*\((?:https?:|mailto:|/)[^)\n]*\)?", re.IGNORECASE)


def wrong_links(markdown: str) -> Iterator[tuple[str, str]]:
    """Yield each link of the wrong form as it stands in the text, and what is wrong with it. Code is not looked at."""
    for token in MarkdownIt("commonmark", {"html": False}).parse(markdown):
        if token.type == "inline":
            yield from _wrong_in(token.children or [])


def wrong_address(address: str) -> str:
    """Say what is wrong with a link's address; empty if nothing is."""
    if not address:
        return "no address"
    if re.search(r"\s|%20$", address):
        return "a space in the address"
    scheme = _SCHEME.match(address)
    if scheme is None:
        return "" if address.startswith("/") else "an address without https:// must start with /"
    if scheme[1].lower() not in SCHEMES:
        return f"{scheme[1].lower()}: addresses are not shown as links"
    return "" if len(address) > len(scheme[0]) + 2 else "no address behind the scheme"


def _wrong_in(children: Sequence[Token]) -> Iterator[tuple[str, str]]:
    for child in children:
        if child.type == "link_open":
            address = str(child.attrs.get("href", ""))
            if reason := wrong_address(address):
                yield f"({address})", reason
    # What the parser took for a link is gone from here; what only looks like one is left.
    text = "".join("\n" if child.type.endswith("break") else child.content for child in _plain(children))
    for found in _WRITTEN.finditer(text):
        yield found[0], wrong_address(found[2].strip()) or "not a link in Markdown"
    text = _WRITTEN.sub("", text)
    for found in _GAP.finditer(text):
        yield found[0], "a space between ] and ("
    for found in _UNBALANCED.finditer(_GAP.sub("", text)):
        yield found[0], "brackets are not balanced"


def _plain(children: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for child in children:
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if not depth and child.type not in {"code_inline", "image"}:
            yield child
