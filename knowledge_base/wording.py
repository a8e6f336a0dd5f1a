"""How much of what a text says an article says too: the share of its words, by how much each word tells.

Embeddings are good at what a text is about and weak at what it asks of it: "Can I rent a tent?" lies near every
article on tents. That no article on tents has "rent" is evidence that none answers it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge_base.heads import Floats, Rows

_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = str.maketrans("", "", "'\u2019")
# Characters of a word that count, so that "return" and "returned" are one. A stemmer and a list of words that say
# nothing, for one language only, did no better on the demo shop and on the validation part of CLINC150.
STEM = 5
# Characters of a word from which on a last "s" does not count ("tents").
PLURAL = 4

WordSet = frozenset[str]
Places = npt.NDArray[np.int32]


def words_of(text: str) -> WordSet:
    """Return the beginnings of the words of a text."""
    words = _WORD.findall(text.lower().translate(_APOSTROPHES))
    return frozenset((word.removesuffix("s") if len(word) >= PLURAL else word)[:STEM] for word in words)


class Wording:
    """The words that each article has in its questions, phrasings and answer. Safe to use from several threads."""

    def __init__(self, articles: Sequence[set[str]]) -> None:
        self._articles = len(articles)
        owners: dict[str, list[int]] = {}
        for number, words in enumerate(articles):
            for word in words:
                owners.setdefault(word, []).append(number)
        self._places: dict[str, Places] = {word: np.array(found, dtype=np.int32) for word, found in owners.items()}

    def shares(self, asked: Sequence[WordSet]) -> Floats:
        """Return (texts, articles): which share of each text's words the article has, 0–1.

        A word counts by how few articles have it, as in BM25, and most if none has. Nothing to say counts as said.
        """
        shares = np.zeros((len(asked), self._articles), dtype=np.float32)
        for row, words in zip(shares, asked, strict=True):
            total = 0.0
            # In one order: sums depend on it, and a set has another in each process.
            for word in sorted(words):
                places = self._places.get(word)
                tells = float(np.log((self._articles + 1) / ((0 if places is None else len(places)) + 0.5)))
                total += tells
                if places is not None:
                    row[places] += tells
            row[:] = row / total if total > 0 else 1.0
        return shares


@dataclass(frozen=True)
class Words:
    """The words of each row, and of each article's answer."""

    rows: Sequence[WordSet]
    answers: Sequence[WordSet]

    @classmethod
    def of(cls, texts: Sequence[str], answers: Sequence[str]) -> Words:
        """Read the words of the rows' texts and of the articles' answers."""
        return cls([words_of(text) for text in texts], [words_of(answer) for answer in answers])

    def wording(self, kept: Rows, owners: Rows, articles: Rows) -> Wording:
        """Return what the rows `kept` and the answers of `articles` say; `owners` (kept,) are places in `articles`."""
        words = [set(self.answers[article]) for article in articles]
        for row, owner in zip(kept, owners, strict=True):
            words[owner].update(self.rows[row])
        return Wording(words)

    def whole(self, owners: Rows) -> Wording:
        """Return what all rows, with their articles' numbers, and all answers say."""
        return self.wording(np.arange(len(self.rows)), owners, np.arange(len(self.answers)))
