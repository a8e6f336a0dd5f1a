"""Repairs what customers misspell or shorten, towards the words of the articles or of the labelled messages.

Typos cost a sentence encoder that reads word pieces far more than they cost a reader. A word is unknown if neither our
own texts nor the encoder's vocabulary nor the dictionary of pyspellchecker hold it; it becomes the nearest of our own
words, else of the others. Runs under both Pythons.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from itertools import chain

from rapidfuzz import process
from rapidfuzz.distance import OSA
from spellchecker import SpellChecker

# Characters; a shorter word has too many neighbours.
MIN_LENGTH = 4
# Characters from which on two errors are believed.
LONG_WORD = 8
# Unknown words remembered.
MEMORY = 4_096
# What customers write in a hurry. Digits ("2", "4") are left out: they mostly are numbers.
SHORT_FORMS = {
    "u": "you", "ur": "your", "r": "are", "pls": "please", "plz": "please", "thx": "thanks", "ty": "thanks",
    "cant": "can't", "dont": "don't", "didnt": "didn't", "doesnt": "doesn't", "isnt": "isn't", "arent": "aren't",
    "wasnt": "wasn't", "wont": "won't", "havent": "haven't", "hasnt": "hasn't", "couldnt": "couldn't",
    "wouldnt": "wouldn't", "whats": "what's", "wheres": "where's", "hows": "how's", "im": "i'm", "ive": "i've",
    "wanna": "want to", "gonna": "going to", "gimme": "give me", "lemme": "let me", "dunno": "don't know",
    "idk": "i don't know", "wot": "what", "wen": "when", "cuz": "because", "bcs": "because", "tho": "though",
    "thru": "through", "abt": "about", "wud": "would", "cud": "could", "shud": "should", "hav": "have",
    "msg": "message", "acc": "account", "acct": "account", "addy": "address", "pkg": "package", "ppl": "people",
    "tmrw": "tomorrow", "2moro": "tomorrow", "2day": "today", "b4": "before", "w8": "wait", "gr8": "great",
}  # fmt: skip
# A letter in a code or a name ("R-22", "R.J.") is no short form, and a word with stars in it is meant that way.
_WORD = re.compile(r"(?<![\w*])(?:\w(?![-./]?[\w*])|\w[\w']+(?!\*))")
_LETTERS = re.compile(r"[a-z]+(?:'[a-z]+)?")
_ENDINGS = ("s", "es", "ed", "d", "ing", "er", "ly", "r", "'s", "y", "en")
# Letters that must be left of a word when an ending is taken off.
_MIN_STEM = 3


def count_words(texts: Iterable[str]) -> Counter[str]:
    """How often each word of letters, in lower case, occurs in `texts`."""
    return Counter(chain.from_iterable(_LETTERS.findall(text.lower()) for text in texts))


@lru_cache(1)
def dictionary() -> Mapping[str, int]:
    """English words, and how often they occur in film subtitles."""
    words: Mapping[str, int] = SpellChecker(language="en").word_frequency.dictionary
    return words


class Speller:
    """Corrects texts. `own` counts our own words (`count_words`), `vocabulary` are whole words that the encoder knows.

    Without a vocabulary (an encoder of another kind, or of another language) it changes nothing.
    """

    def __init__(self, own: Mapping[str, int], vocabulary: Collection[str]) -> None:
        self._own = Counter(own)
        self._common = dictionary() if vocabulary else {}
        self._known = frozenset(chain(vocabulary, self._common))
        self._own_by_length = _by_length(self._own)
        self._vocabulary_by_start = _by_start(vocabulary)
        self._word = lru_cache(MEMORY)(self._repaired)

    def correct(self, text: str) -> str:
        """Return `text` with its unknown words repaired; a name in the middle of a sentence stays."""
        if not self._known:
            return text
        shouted = text.isupper()
        return _WORD.sub(lambda found: self._replacement(found, shouted), text)

    def knows(self, word: str) -> bool:
        """Say whether a lower-case word, or what is left without its ending, is in the vocabulary or the dictionary."""
        return word in self._known or any(
            len(word) - len(end) >= _MIN_STEM and word.endswith(end) and word[: -len(end)] in self._known
            for end in _ENDINGS
        )

    def _replacement(self, found: re.Match[str], shouted: bool) -> str:
        word = found.group()
        better = self._word(word.lower(), word[0].isupper() and found.start() > 0 and not shouted)
        if better == word.lower():
            return word
        return better.upper() if shouted else better

    def _repaired(self, word: str, is_name: bool) -> str:
        if word in self._own:
            return word
        if word in SHORT_FORMS:
            return SHORT_FORMS[word]
        if word in self._known or len(word) < MIN_LENGTH or not (word.isascii() and word.isalpha()):
            return word
        if is_name or any(self._knows(word.removesuffix(end)) for end in _ENDINGS if word.endswith(end)):
            return word
        near = self._nearest(word)
        return near if near == word else self._repaired(near, False)

    def _knows(self, stem: str) -> bool:
        return len(stem) >= _MIN_STEM and (stem in self._known or stem in self._own)

    def _nearest(self, word: str) -> str:
        errors = 1 if len(word) < LONG_WORD else 2
        lengths = range(len(word) - errors, len(word) + errors + 1)
        own = [other for length in lengths for other in self._own_by_length[length] if _same_start(word, other)]
        close = closest(word, own, errors) or closest(word, self._vocabulary_by_start[word[0]], 1)
        return max(close, key=lambda other: self._likelihood(word, other), default=word)

    def _likelihood(self, word: str, other: str) -> tuple[bool, int, int]:
        """Swapped letters first, then what we write most, then what everybody writes most."""
        return sorted(other) == sorted(word), self._own[other], self._common.get(other, 0)


def _same_start(word: str, other: str) -> bool:
    """Slips seldom hit the first letter, other than by a swap with the second one."""
    return word[0] == other[0] or word[:2] == other[1::-1]


def closest(word: str, others: Collection[str], errors: int) -> list[str]:
    """The words within the fewest errors (insert, drop, change or swap a letter), at most `errors`."""
    found = process.extract(word, others, scorer=OSA.distance, score_cutoff=errors, limit=None)
    return [other for other, distance, _ in found if distance == found[0][1]]


def _by_length(words: Iterable[str]) -> defaultdict[int, list[str]]:
    sorted_out = defaultdict(list)
    for word in words:
        if len(word) >= MIN_LENGTH:
            sorted_out[len(word)].append(word)
    return sorted_out


def _by_start(words: Iterable[str]) -> defaultdict[str, list[str]]:
    sorted_out = defaultdict(list)
    for word in sorted(words):
        if len(word) >= MIN_LENGTH:
            sorted_out[word[0]].append(word)
    return sorted_out
