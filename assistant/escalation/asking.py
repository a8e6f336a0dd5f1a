"""Whether a message asks something, and whether it goes on from what was said: by words alone."""

from __future__ import annotations

import re
from functools import lru_cache

# Words; a longer message says what it is about itself.
MAX_FOLLOW_UP_WORDS = 12
# Words; so short a message is about what was said before, if it is about anything.
FRAGMENT_WORDS = 3

# Texts whose reading is remembered: the rules look at the last messages of a conversation again with each new one.
KEPT_TEXTS = 1024

# How questions and wishes begin.
ASKS = (
    r"(?:how|what|whats|what's|when|where|wheres|where's|why|who|which|can|could|do|does|did|is|are|was|will|would|"
    r"should|may|am|have|has|i(?:'d|d| would) like|i (?:want|need)|tell me|if not)"
)
_LEADING = r"(?:(?:and|also|but|so|ok(?:ay)?|right|great|good|thanks|well|yes|no|hi|hello|then)[\s,]+)*"
_QUESTION = re.compile(rf"^{_LEADING}{ASKS}\b|\?\s*$", re.IGNORECASE)
_PART_END = re.compile(r"(?<=[.,;!?])\s+|\s*\n+\s*")
_CONTINUES = re.compile(
    r"^(?:ok(?:ay)?,? |right,? |thanks,? |great,? |cool,? )?"
    r"(?:and|or|but|so|what about|how about|what if|also|then|even|same|only|not|from|to|for|in|with|without|on)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|it's|that|this|they|them|these|those|(?<!is )(?<!are )there(?! is| are)|then|one|ones|instead|both|"
    r"she|he|her|him)\b",
    re.IGNORECASE,
)
# "Alright, so height, not age": what was said is being taken in, not asked again.
_ACKNOWLEDGES = re.compile(
    r"^(?:alright|all right|fair enough|ok(?:ay)?|right|got it|i see|ah|great|good|thanks|thank you|perfect)\b"
    r"(?!.*\b(?:but|still)\b)",
    re.IGNORECASE | re.DOTALL,
)
# "Got it": understood, which is not yes.
_TAKES_NOTE = re.compile(
    r"^(?:got it|i see|right|ah|thanks|thank you|noted|understood|makes sense|perfect|great|good|cool|nice)\b"
    r"(?!.*\b(?:yes|please|person|human|someone|somebody)\b)",
    re.IGNORECASE | re.DOTALL,
)
_SELF = re.compile(r"\b(?:i|im|i'm|ive|i've|me|my|myself|we|us|our|want|wanna|everyone|nobody)\b", re.IGNORECASE)


def asks(part: str) -> bool:
    """Say whether a sentence is worded as a question or a wish, and not as background."""
    return bool(_QUESTION.search(part))


@lru_cache(maxsize=KEPT_TEXTS)
def asks_anything(text: str) -> bool:
    """Say whether any part of a message is worded as a question or a wish."""
    return any(asks(part) for part in _PART_END.split(text))


def points_back(text: str) -> bool:
    """Say whether a text speaks of something named before it ("Can it be fixed?")."""
    return bool(_POINTS_BACK.search(text))


def may_follow_up(text: str) -> bool:
    """Say whether a message may only be understood after the answer before it ("and for Canada?")."""
    words = text.split()
    if len(words) > MAX_FOLLOW_UP_WORDS:
        return False
    return len(words) <= FRAGMENT_WORDS or bool(_CONTINUES.match(text)) or points_back(text)


@lru_cache(maxsize=KEPT_TEXTS)
def acknowledges(text: str) -> bool:
    """Say whether a message begins by taking in what was said."""
    return bool(_ACKNOWLEDGES.match(text))


@lru_cache(maxsize=KEPT_TEXTS)
def follows(text: str) -> bool:
    """Say whether a message may go on from what was said before it."""
    return may_follow_up(text) or acknowledges(text)


def speaks_of_self(text: str) -> bool:
    """Say whether a message is about its writer, or about those they are with."""
    return bool(_SELF.search(text))


def takes_note(text: str) -> bool:
    """Say whether a message only takes note of what was said, and agrees to nothing."""
    return bool(_TAKES_NOTE.match(text))
