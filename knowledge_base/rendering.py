"""Markdown to HTML that is safe to show on any page."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

# Characters; 20,000 of `[` take the parser 324 ms, an answer fit for a chat has a few hundred.
MAX_CHARACTERS = 4_000
TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "code", "pre", "blockquote"}
SCHEMES = {"http", "https", "mailto"}
LINK_REL = "noopener noreferrer nofollow"


def to_html(markdown: str) -> str:
    """Return safe HTML: raw HTML is shown as text, only `TAGS` survive.

    Links are http(s), mailto or relative, and open in a new tab. Text beyond 4,000 characters is cut.
    """
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    return nh3.clean(
        parser.render(markdown[:MAX_CHARACTERS]).strip(),
        tags=TAGS,
        attributes={"*": set(), "a": {"href", "target"}},
        url_schemes=SCHEMES,
        link_rel=LINK_REL,
        set_tag_attribute_values={"a": {"target": "_blank"}},
    )
