"""How many questions one message holds: by words alone."""

from __future__ import annotations

import re

from assistant.escalation.asking import ASKS, points_back

# Questions answered from one message; a person with more is better served one at a time.
MAX_QUESTIONS = 3
# Sentences looked at: a longer story is read as a whole.
MAX_SENTENCES = 6
# Words; a shorter part is a greeting, a thanks or a fragment.
MIN_WORDS = 3
_SENTENCE_END = re.compile(r"(?<=[.?!])\s+(?=\S)|\s*\n+\s*|\s*;\s+")
_JOINT = re.compile(
    rf"[\s,]+(?:and(?: also)?|also|plus|&|as well as)\s+(?={ASKS}\b)|\s*,\s*(?=(?:and|also|plus|if not)\b)",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?:and|also|plus|but|so|ok|okay|oh|then|secondly|another thing|if not)\b[\s,:]*)+", re.IGNORECASE
)
# "Is that right?", "Is this so?": asks nothing but whether the sentence before it is so.
_TAG = re.compile(
    r"^(?:is|isn't|are|aren't|was|does|doesn't) (?:that|this|it)"
    r"(?: (?:so|right|true|correct|the case|ok|okay|allowed|possible))?\s*\?*$",
    re.IGNORECASE,
)
# Words; a longer question says itself what it is about.
MAX_DEPENDENT_WORDS = 6


def is_tag_question(part: str) -> bool:
    """Say whether a question only asks whether what was said before it is so."""
    return bool(_TAG.match(part))


def stands_alone(part: str) -> bool:
    """Say whether a question can be understood without what was said before it."""
    return len(part.split()) > MAX_DEPENDENT_WORDS or not points_back(part)


def questions_in(text: str) -> tuple[str, ...]:
    """Return the questions of a normalised message in order: none if it is one sentence or one question."""
    sentences = [part for part in _SENTENCE_END.split(text) if part.strip()]
    if len(sentences) > MAX_SENTENCES:
        return ()
    parts = [_LEADING.sub("", piece).strip(" ,") for sentence in sentences for piece in _JOINT.split(sentence)]
    long_enough = tuple(part for part in parts if len(part.split()) >= MIN_WORDS)
    return long_enough if len(long_enough) > 1 else ()
