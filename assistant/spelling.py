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
    "hw": "how", "wht": "what", "wat": "what", "whr": "where", "dnt": "don't", "gud": "good",
    "frm": "from", "thnx": "thanks", "tnx": "thanks", "sry": "sorry", "soz": "sorry", "yr": "your", "cld": "could",
    "wld": "would", "shld": "should", "rly": "really", "smth": "something", "prob": "probably", "nvm": "never mind",
    "msg": "message", "acc": "account", "acct": "account", "addy": "address", "pkg": "package", "ppl": "people",
    "tmrw": "tomorrow", "2moro": "tomorrow", "2day": "today", "b4": "before", "w8": "wait", "gr8": "great",
}  # fmt: skip
# A letter in a code or a name ("R-22", "R.J.") is no short form, and a word with stars in it is meant that way.
_WORD = re.compile(r"(?<![\w*])(?:(?<![^\s(])\w(?=[,.!?:;)]*(?:\s|$))|\w[\w']+(?![\w'*]))")
_LETTERS = re.compile(r"[a-z]+(?:'[a-z]+)?")
# What the dictionary, which is American, lacks: swearing, scams, and what British shops speak of.
MISSING_WORDS = frozenset({
    "arse", "arsed", "arses", "arsehole", "arseholes", "bellend", "bollocks", "buggered", "fking", "fkin", "fkn",
    "feckin", "fecking", "frickin", "friggin", "gobshite", "gobshites", "knobhead", "minging", "numpty", "pillock",
    "shite", "shitty", "shitshow", "tosspot", "twat", "twats", "wankers", "anorak", "cagoule", "cheque", "cheques",
    "fulfil", "jewellery", "kerb", "mould", "mouldy", "pyjamas", "sceptical", "skilful", "tyre", "tyres", "whilst",
    "woollen", "klarna", "revolut", "monzo", "merde", "putain", "puta", "scheisse", "hola", "gracias", "scammer",
    "scammers", "chatbot", "chatbots",
})  # fmt: skip
# British spellings, and what stands for them in the dictionary.
_AMERICAN = (("is", "iz"), ("ys", "yz"), ("our", "or"), ("tre", "ter"), ("ll", "l"), ("ence", "ense"), ("ogue", "og"))
# Letters of each half of a word put together from two ("passcode").
_HALF = 4
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
        self._vocabulary = frozenset(vocabulary)
        self._own_by_length = _by_length(self._own)
        self._vocabulary_by_start = _by_start(vocabulary)
        self._word = lru_cache(MEMORY)(self._repaired)

    def correct(self, text: str) -> str:
        """Return `text` with its unknown words repaired; a name in the middle of a sentence stays."""
        if not self._vocabulary:
            return text
        shouted = text.isupper()
        return _WORD.sub(lambda found: self._replacement(found, shouted), text)

    def knows(self, word: str) -> bool:
        """Say whether a lower-case word is one of ours, of the vocabulary or of the dictionary, or one with an ending.

        The dictionary has its words with their endings: "delver" and a "y" would be "delivery" misspelt.
        """
        if word in self._common or word in MISSING_WORDS:
            return True
        if any(self._is_stem(word.removesuffix(end)) for end in ("", *_ENDINGS) if word.endswith(end)):
            return True
        if any(word.replace(british, american) in self._common for british, american in _AMERICAN if british in word):
            return True
        halves = ((word[:at], word[at:]) for at in range(_HALF, len(word) - _HALF + 1))
        return any(first in self._vocabulary and second in self._vocabulary for first, second in halves)

    def _replacement(self, found: re.Match[str], shouted: bool) -> str:
        word = found.group()
        is_name = word[0].isupper() and found.start() > 0 and not shouted
        if is_name and len(word) == 1:
            return word
        better = self._word(word.lower(), is_name)
        if better == word.lower():
            return word
        return better.upper() if shouted else better

    def _repaired(self, word: str, is_name: bool) -> str:
        if word in self._own:
            return word
        if word in SHORT_FORMS:
            return SHORT_FORMS[word]
        if is_name or len(word) < MIN_LENGTH or not (word.isascii() and word.isalpha()) or self.knows(word):
            return word
        near = self._nearest(word)
        return near if near == word else self._repaired(near, False)

    def _is_stem(self, word: str) -> bool:
        return len(word) >= _MIN_STEM and (word in self._vocabulary or word in self._own)

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
