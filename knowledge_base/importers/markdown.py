"""Markdown with headings. YAML front matter with a `title` counts as the outermost heading."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge_base.importers.items import Outcome, SourceFile, several_lines
from knowledge_base.importers.sections import Outline, Section, articles, heading_text

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
TEXT_TOKENS = {"inline", "fence", "code_block", "html_block"}


def read(file: SourceFile) -> Iterator[Outcome]:
    """Yield an article for each heading with text under it, whatever its level. Answers stay as they are written."""
    title, text = _without_front_matter(file.text().replace("\r\n", "\n"))
    env: dict[str, Any] = {}
    # Comments become blank lines, so that line numbers stay.
    text = _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)
    tokens = MarkdownIt("commonmark").parse(text, env)
    found = 0
    for section in _sections(title, tokens, text.split("\n"), env.get("references", {})):
        if section.headings:
            found += 1
            yield from articles(file, "markdown", [section])
        else:
            yield file.problem(section.line, "text above the first heading belongs to no article")
    if not found:
        yield file.problem(None, "no heading with text under it")


def _without_front_matter(text: str) -> tuple[str, str]:
    found = _FRONT_MATTER.match(text)
    if found is None:
        return "", text
    try:
        front = yaml.safe_load(found[1])
    except yaml.YAMLError as error:
        raise ValueError("the front matter is not YAML") from error
    title = front.get("title") if isinstance(front, dict) else None
    return title if isinstance(title, str) else "", "\n" * found[0].count("\n") + text[found.end() :]


def _sections(
    title: str, tokens: Sequence[Token], lines: Sequence[str], references: Mapping[str, Mapping[str, str]]
) -> Iterator[Section]:
    outline = Outline()
    headings = outline.enter(0, heading_text(title)) if title.strip() else ()
    starts = [n for n, token in enumerate(tokens) if token.type == "heading_open" and token.level == 0]
    begin, first_line = 0, 0
    for start in [*starts, len(tokens)]:
        end_line = tokens[start].map[0] if start < len(tokens) and tokens[start].map else len(lines)  # type: ignore[index]
        inner = tokens[begin:start]
        if any(token.type in TEXT_TOKENS and token.content.strip() for token in inner):
            body = several_lines("\n".join(lines[first_line:end_line]))
            top = next(token.map[0] for token in inner if token.map)
            yield Section(top + 1 if not begin else first_line, headings, _with_references(body, references))
        if start < len(tokens):
            headings = outline.enter(int(tokens[start].tag[1]), heading_text(_plain(tokens[start + 1])))
            begin, first_line = start + 3, (tokens[start].map or [0, 0])[1]


def _plain(inline: Token) -> str:
    return "".join(
        " " if child.type in {"softbreak", "hardbreak"} else child.content
        for child in inline.children or []
        if child.type != "html_inline"
    )


def _with_references(body: str, references: Mapping[str, Mapping[str, str]]) -> str:
    """Links by name need their definition, which often stands at the end of the document."""
    folded = body.casefold()
    missing = [
        f"[{label}]: <{target['href']}>"
        for label, target in references.items()
        if f"[{label.casefold()}]" in folded and f"[{label.casefold()}]:" not in folded
    ]
    return "\n\n".join([body, "\n".join(missing)]) if missing else body
