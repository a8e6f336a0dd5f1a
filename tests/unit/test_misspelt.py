from __future__ import annotations

from difflib import SequenceMatcher

from assistant.setup.misspelt import misspelt

TEXT = "could somebody please telephone me about the broken kettle"


def test_that_a_copy_has_slips_but_can_still_be_read_and_is_always_the_same() -> None:
    copy = misspelt(TEXT)
    assert copy == misspelt(TEXT) != TEXT
    assert SequenceMatcher(None, copy, TEXT).ratio() > 0.9
    assert len(copy.split()) == len(TEXT.split())


def test_that_short_words_and_numbers_stay() -> None:
    assert misspelt("is it 4215 or B-12?") == "is it 4215 or B-12?"
    assert misspelt("") == ""
