"""Ids of new articles, made from their question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from itertools import chain, count

# A file name that is still read at a glance.
ID_CHARACTERS = 50


def new_id(question: str, taken: Collection[str]) -> str:
    """An id that no article has: the question's first words in a-z, 0-9 and -."""
    plain = unicodedata.normalize("NFKD", question).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain.replace("'", ""))
    wanted = ""
    for word in words:
        if len(wanted) + len(word) + 1 > ID_CHARACTERS:
            break
        wanted = f"{wanted}-{word}" if wanted else word
    wanted = wanted or "article"
    return next(name for name in chain([wanted], (f"{wanted}-{n}" for n in count(2))) if name not in taken)
