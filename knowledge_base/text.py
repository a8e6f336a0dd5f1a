"""Normalise what customers type before it is encoded: Unicode, white space, shouting, glued greetings."""

from __future__ import annotations

import re
import unicodedata

# Characters; a question needs a few hundred, the encoder reads no more than about a thousand.
MAX_CHARACTERS = 2_000
# Letters; a shorter text in capitals ("VAT", "EU") may be an abbreviation.
SHOUTING_LETTERS = 8
# Words that must follow a greeting for it to be stripped.
WORDS_AFTER_GREETING = 2

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060\ufeff]")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u2013": "-", "\u2014": "-"})
_GREETING = re.compile(
    r"(?:hi(?![\s-]?vi[sz]\b)|hello|hey|hiya|good (?:morning|afternoon|evening|day)|greetings)"
    r"(?: (?:there|team|all|everyone|guys|folks|again))?(?:\s*[,.:!-]+\s*|\s+)",
    re.IGNORECASE,
)


def normalise(text: str) -> str:
    """Return `text` in NFKC on one line, without shouting and without a greeting glued to a question."""
    text = _CONTROL.sub(" ", unicodedata.normalize("NFKC", text[:MAX_CHARACTERS])).translate(_QUOTES)
    return _without_greeting(_without_shouting(_SPACE.sub(" ", text).strip()))


def first_words(text: str, count: int) -> str:
    """Return the first `count` words of `text`."""
    return " ".join(text.split()[:count])


def _without_shouting(text: str) -> str:
    letters = [character for character in text if character.isalpha()]
    shouted = len(letters) >= SHOUTING_LETTERS and all(character.isupper() for character in letters)
    return text.lower() if shouted else text


def _without_greeting(text: str) -> str:
    greeting = _GREETING.match(text)
    if greeting is None:
        return text
    rest = text[greeting.end() :]
    return rest if len(rest.split()) >= WORDS_AFTER_GREETING else text
