"""Misspells texts as customers do: slips of the fingers, and the spelling of chats. The same text, the same slips."""

from __future__ import annotations

import random
import re

# Share of the words of at least so many letters that get one slip.
SLIPS = 0.2
SLIP_LETTERS = 4
# Share of the words with a short form that are shortened.
SHORTENED = 0.7
# Some of these `assistant/spelling.py` knows, some (2, 4, n, bc, coz, info) it does not.
SHORT_FORMS = {
    "you": ("u",), "your": ("ur",), "are": ("r",), "please": ("pls", "plz"), "thanks": ("thx",), "to": ("2",),
    "for": ("4",), "and": ("n",), "because": ("bc", "coz"), "people": ("ppl",), "about": ("abt",), "have": ("hav",),
    "what": ("wot",), "when": ("wen",), "want to": ("wanna",), "going to": ("gonna",), "tomorrow": ("tmrw",),
    "today": ("2day",), "before": ("b4",), "account": ("acc",), "address": ("addy",), "package": ("pkg",),
    "message": ("msg",), "information": ("info",),
}  # fmt: skip
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_WORD = re.compile(r"[A-Za-z]+")
_LONG_FORM = re.compile(rf"\b(?:{'|'.join(SHORT_FORMS)})\b")


def with_slips(text: str) -> str:
    """Return `text` with letters swapped, dropped, doubled or taken from the next key."""
    draw = random.Random(f"slips {text}")

    def slipped(found: re.Match[str]) -> str:
        word = found.group()
        return _slip(word, draw) if len(word) >= SLIP_LETTERS and draw.random() < SLIPS else word

    return _WORD.sub(slipped, text)


def as_in_chats(text: str) -> str:
    """Return `text` in small letters, without punctuation and apostrophes, with words shortened."""
    draw = random.Random(f"chat {text}")

    def shortened(found: re.Match[str]) -> str:
        return draw.choice(SHORT_FORMS[found.group()]) if draw.random() < SHORTENED else found.group()

    plain = re.sub(r"[.,!?;:]+(?=\s|$)", "", re.sub(r"['\u2019]", "", text.lower()))
    return _LONG_FORM.sub(shortened, plain)


def _slip(word: str, draw: random.Random) -> str:
    at = draw.randrange(len(word))
    match draw.choice(("swap", "drop", "double", "next key")):
        case "swap":
            at = min(at, len(word) - 2)
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case "drop":
            return word[:at] + word[at + 1 :]
        case "double":
            return word[:at] + word[at] + word[at:]
        case _:
            return word[:at] + draw.choice(_next_keys(word[at])) + word[at + 1 :]


def _next_keys(letter: str) -> str:
    row = next(row for row in _ROWS if letter.lower() in row)
    at = row.index(letter.lower())
    return row[max(0, at - 1) : at] + row[at + 1 : at + 2]
