"""Misspells texts as hurried fingers do: the message classifier also learns from such copies."""

from __future__ import annotations

import random
import zlib

# Share of the words with a slip, at least one a text.
SLIPS = 0.2
# Letters; shorter words are hardly ever misspelt so that one still knows them.
MIN_LETTERS = 4
# The key to the right of each on an English keyboard.
KEYS = dict(zip("qwertyuioasdfghjklzxcvbnm", "wertyuiopsdfghjkl;xcvbnm,", strict=True))


def misspelt(text: str) -> str:
    """A copy of `text` with slips, always the same one."""
    draw = random.Random(zlib.crc32(text.encode()))  # noqa: S311  an example, not a secret
    words = text.split()
    for number in draw.sample(range(len(words)), min(len(words), max(1, round(len(words) * SLIPS)))):
        words[number] = _slip(words[number], draw)
    return " ".join(words)


def _slip(word: str, draw: random.Random) -> str:
    """Two letters swapped, one left out, doubled or hit beside; the first and the last one stay."""
    if len(word) < MIN_LETTERS or not word.isalpha():
        return word
    at = draw.randrange(1, len(word) - 1)
    before, letter, after = word[:at], word[at], word[at + 1 :]
    return draw.choice(
        (
            before + after[0] + letter + after[1:],
            before + after,
            before + letter + letter + after,
            before + KEYS.get(letter, letter) + after,
        )
    )
