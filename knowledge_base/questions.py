"""How many questions one message holds, and whether it needs the answer before it to be understood: by words alone."""

from __future__ import annotations

import re

# Questions answered from one message; a person with more is better served one at a time.
MAX_QUESTIONS = 3
# Sentences looked at: a longer story is read as a whole.
MAX_SENTENCES = 6
# Words; a shorter part is a greeting, a thanks or a fragment.
MIN_WORDS = 3
# Words; a longer message says what it is about itself.
MAX_FOLLOW_UP_WORDS = 12
# Words; so short a message is about what was said before, if it is about anything.
FRAGMENT_WORDS = 3

_ASKS = (
    r"(?:how|what|whats|what's|when|where|wheres|where's|why|who|which|can|could|do|does|did|is|are|was|will|would|"
    r"should|may|am|have|has|i(?:'d| would)? (?:want|need|like)|tell me|if not)"
)
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=\S)|\s*\n+\s*|\s*;\s+")
_JOINT = re.compile(
    rf"[\s,]+(?:and(?: also)?|also|plus|&|as well as)\s+(?={_ASKS}\b)|\s*,\s*(?=(?:and|also|plus|if not)\b)",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:and|also|plus|but|so|ok|okay|oh|then|secondly|another thing|if not)\b[\s,:]*)+", re.IGNORECASE
)
_QUESTION = re.compile(rf"^{_ASKS}\b|\?\s*$", re.IGNORECASE)
_CONTINUES = re.compile(
    r"^(?:ok(?:ay)?,? |right,? |thanks,? |great,? |cool,? )?"
    r"(?:and|or|but|what about|how about|what if|also|then|even|same|only|not|from|to|for|in|with|without|on)\b",
    re.IGNORECASE,
)
_POINTS_BACK = re.compile(
    r"\b(?:it|its|it's|that|this|they|them|these|those|there|then|one|ones|instead|both)\b", re.IGNORECASE
)


def questions_in(text: str) -> tuple[str, ...]:
    """Return the questions of a normalised message in order: none if it is one sentence or one question."""
    sentences = [part for part in _SENTENCE_END.split(text) if part.strip()]
    if len(sentences) > MAX_SENTENCES:
        return ()
    parts = [_LEADING.sub("", piece).strip(" ,") for sentence in sentences for piece in _JOINT.split(sentence)]
    long_enough = tuple(part for part in parts if len(part.split()) >= MIN_WORDS)
    return long_enough if len(long_enough) > 1 else ()


def asks(part: str) -> bool:
    """Say whether a part is worded as a question or a wish, and not as background."""
    return bool(_QUESTION.search(part))


def may_follow_up(text: str) -> bool:
    """Say whether a normalised message may only be understood after the answer before it ("and for Canada?")."""
    words = text.split()
    if len(words) > MAX_FOLLOW_UP_WORDS:
        return False
    return len(words) <= FRAGMENT_WORDS or bool(_CONTINUES.match(text)) or points_back(text)


def points_back(text: str) -> bool:
    """Say whether a text speaks of something named before it ("Can it be fixed?")."""
    return bool(_POINTS_BACK.search(text))
