from __future__ import annotations

import re

import pytest

from knowledge_base.rendering import MAX_CHARACTERS, to_html


def test_that_the_markdown_of_articles_becomes_html() -> None:
    html = to_html("Within **60 days**, see [returns](/help/returns).\n\n- one\n- two")
    assert "<strong>60 days</strong>" in html
    assert "<li>one</li>" in html
    assert '<a href="/help/returns" target="_blank" rel="noopener noreferrer nofollow">returns</a>' in html


@pytest.mark.parametrize(
    "attack",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "![x](http://evil.example/pixel.png)",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:x)",
        '<a href="javascript:alert(1)">x</a>',
        '[x](http://ok.example "t\\" onmouseover=alert(1)")',
        "<svg/onload=alert(1)>",
        "<iframe src=//evil.example></iframe>",
        '<p style="position:fixed">x</p>',
        "`<script>alert(1)</script>`",
        "<javascript:alert(1)>",
    ],
)
def test_that_nothing_executable_survives(attack: str) -> None:
    html = to_html(attack)
    tags = re.findall(r"<[^>]*>", html)
    assert all(re.fullmatch(r"</?(p|a|code)( [^<>]*)?>", tag) for tag in tags)
    assert not re.search(r"script|data:|style|onmouseover|onerror|title", " ".join(tags), re.IGNORECASE)


def test_that_a_very_long_text_is_cut() -> None:
    assert len(to_html("[" * 20_000)) < MAX_CHARACTERS + 10
