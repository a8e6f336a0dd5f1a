"""What customers misspell is repaired towards the articles, and what they spell rightly is left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.encoder import Encoder
from assistant.spelling import Speller, count_words

ARTICLES = (
    "How do I return an item?",
    "Where is my parcel?",
    "Can I pay with PayPal or Klarna?",
    "How do I change my delivery address?",
    "How do I reproof my waterproof jacket?",
)
WORDS = (
    "how",
    "return",
    "my",
    "parcel",
    "reproof",
    "delivery",
    "address",
    "can't",
    "you",
    "Klarna",
    "u",
    "pls",
    "goonna",
)


@pytest.fixture(scope="module")
def speller(encoder: Encoder) -> Speller:
    return Speller(count_words(ARTICLES), encoder.vocabulary)


@st.composite
def misspelt(draw: st.DrawFn) -> str:
    """A sentence of our words, some of them with a letter taken out, doubled or put in from anywhere."""
    words = []
    for word in draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8)):
        at = draw(st.integers(0, len(word)))
        words.append(word[:at] + draw(st.sampled_from(["", "", word[:1], "é", "z", "'", "7"])) + word[at + 1 :])
    return " ".join(words)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("how do i retrun an itme", "how do i return an item"),
        ("wher is my parcl?", "where is my parcel?"),
        ("can i pay with klrana", "can i pay with klarna"),
        ("pls chnage my adress", "please change my address"),
        ("how to rreproof it", "how to reproof it"),
        ("deelivery adddress", "delivery address"),
        ("wot is ur adress", "what is your address"),
        ("idk if u r open tmrw", "i don't know if you are open tomorrow"),
        ("im goonna wait", "i'm going to wait"),
        ("WHER IS MY PARCL", "WHERE IS MY PARCEL"),
        ("", ""),
    ],
)
def test_that_slips_and_short_forms_are_repaired(speller: Speller, typed: str, meant: str) -> None:
    assert speller.correct(typed) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "My friend Siobhan lives in Llandudno",
        "order TT-104233 from 12/03, size XXL, 2 of 4",
        "where are the parcels you delivered and the reproofed jackets",
        "Grüße aus Düsseldorf, señoritas",
        "它在哪里",
        "the weather in spring",
        "the telly fell off the lorry",  # no word pieces, but a dictionary knows them
        "R.J. sent me R-22",
        "J.R. sent me the 22-R tent for the Civic Type R, row R",
        "you b*stards, fuckin* hell",
        "this is shite, I need pyjamas and customise them",
        "the passcode for two-step",
        "the IBN of my bank",
    ],
)
def test_that_names_numbers_other_scripts_and_known_words_stay(speller: Speller, typed: str) -> None:
    assert speller.correct(typed) == typed


def test_that_what_no_word_is_near_to_stays(speller: Speller) -> None:
    assert speller.correct("qxzvwkj my parcel") == "qxzvwkj my parcel"


def test_that_nothing_is_repaired_without_a_vocabulary() -> None:
    assert Speller(count_words(ARTICLES), ()).correct("pls retrun my parcl") == "pls retrun my parcl"


def test_that_a_short_form_which_the_articles_use_is_theirs(encoder: Encoder) -> None:
    assert (
        Speller(count_words(["The acc socket of your camper"]), encoder.vocabulary).correct("acc socket")
        == "acc socket"
    )


@pytest.mark.parametrize("text", ARTICLES)
def test_that_the_articles_own_words_stay(speller: Speller, text: str) -> None:
    assert speller.correct(text) == text
    assert speller.correct(text.lower()) == text.lower()


@settings(deadline=None)  # milliseconds of a busy machine say nothing here
@given(text=st.one_of(st.text(max_size=60), misspelt()))
def test_that_a_second_repair_changes_nothing_and_no_text_is_lost(speller: Speller, text: str) -> None:
    once = speller.correct(text)
    assert speller.correct(once) == once
    assert bool(once.strip()) == bool(text.strip())
    assert len(once.split()) >= len(text.split())
