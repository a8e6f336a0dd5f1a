"""Counts the words of the labelled messages and of the bot's examples: customers' slips are repaired towards them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from assistant.spelling import SHORT_FORMS, Speller, closest, count_words

# A word written less often may be anything.
LEAST_COUNT = 2
# A word that no dictionary knows is a slip if a neighbour is this many times as common: some messages are misspelt.
SLIP_RATIO = 3
# Letters; among shorter words neighbours mean little.
MIN_SLIP_LENGTH = 4


def label_words(texts: Iterable[str], vocabulary: Collection[str]) -> Mapping[str, int]:
    """Count the words of `texts`, without their slips and the short forms that a speller writes out."""
    counts = Counter({word: count for word, count in count_words(texts).items() if count >= LEAST_COUNT})
    speller = Speller({}, vocabulary)
    kept = (word for word in counts if word not in SHORT_FORMS and not _is_slip(word, counts, speller))
    return {word: counts[word] for word in sorted(kept)}


def _is_slip(word: str, counts: Mapping[str, int], speller: Speller) -> bool:
    if len(word) < MIN_SLIP_LENGTH or speller.knows(word):
        return False
    common = [other for other, count in counts.items() if other[0] == word[0] and count >= SLIP_RATIO * counts[word]]
    return bool(closest(word, common, 1))
