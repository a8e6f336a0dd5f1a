from __future__ import annotations

import pytest

from knowledge_base.text import MAX_CHARACTERS, normalise


@pytest.mark.parametrize(
    ("typed", "normalised"),
    [
        ("  where is\n my   parcel?", "where is my parcel?"),
        ("WHERE IS MY PARCEL", "where is my parcel"),
        ("Hi there, where is my parcel", "where is my parcel"),
        ("good evening! do you ship to Canada", "do you ship to Canada"),
        ("hey can i return this", "can i return this"),
        ("don\u2019t like it", "don't like it"),
        ("\uff37here is it", "Where is it"),
        ("hi", "hi"),
        ("hello there", "hello there"),
        ("hi-vis jacket in XL", "hi-vis jacket in XL"),
        ("hi vis jacket sizes", "hi vis jacket sizes"),
        ("highest rated tent for two", "highest rated tent for two"),
        ("VAT", "VAT"),
        ("", ""),
    ],
)
def test_that_a_text_is_made_plain_and_keeps_its_question(typed: str, normalised: str) -> None:
    assert normalise(typed) == normalised


def test_that_a_huge_text_is_cut() -> None:
    assert len(normalise("word " * 50_000)) <= MAX_CHARACTERS
