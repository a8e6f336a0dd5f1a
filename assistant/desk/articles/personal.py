"""Finds what may belong to one customer and not into an article that all of them read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# Nine digits at least, as phone numbers have, with what is written between them.
_PHONE = re.compile(r"(?<![\w/.-])(?:\+|00)?\(?\d(?:[ ()./-]{0,2}\d){8,14}(?![\w-])")
# Five digits at least after capitals, "order", "no." or "#": shorter ones are prices, years and sizes.
_CALLED = r"\b(?:(?:order|ref(?:erence)?|no|number)\b[\s:#.]*)+\d{5,}\b"
_ORDER = re.compile(rf"\b(?-i:[A-Z]{{2,4}})-?\d{{5,}}\b|{_CALLED}|#\d{{5,}}\b", re.I)
# "Hello Anna," speaks to one person; "Hello there," and "Hi all," do not begin with a capital.
_GREETING = re.compile(r"^\W*((?:Hi|Hello|Hey|Dear|Good (?:morning|afternoon|evening)),? [A-Z][a-z]{2,})\b", re.M)
_KINDS = (
    ("an e-mail address", _EMAIL),
    ("a phone number", _PHONE),
    ("an order number", _ORDER),
    ("a greeting to one customer", _GREETING),
)
# A first name of fewer letters is also a common word too often ("Al", "Jo").
NAME_LETTERS = 3


def personal_data(
    text: str, names: Sequence[str] = (), public: Callable[[str], bool] = lambda found: False
) -> Iterator[tuple[str, str]]:
    """Yield what the text holds ("a phone number") and where, each once.

    `names`: of the customer. `public` says whether something is the shop's own, known from what it published.
    """
    for kind, pattern in _KINDS:
        for found in dict.fromkeys(pattern.findall(text)):
            text = text.replace(found, " ")
            if not public(found):
                yield kind, found
    for word in dict.fromkeys(word for name in names for word in name.split()):
        if len(word) >= NAME_LETTERS and re.search(rf"\b{re.escape(word)}\b", text, re.I):
            yield "the customer's name", word
