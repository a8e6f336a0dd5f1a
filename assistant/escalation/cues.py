"""Surface cues of a message: words and marks that carry over to trades that no training message came from.

The patterns come from messages written for this project (`data/escalation/`), from no public set.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float64]

CUE_PATTERNS: tuple[tuple[str, str], ...] = (
    ("again", r"\b(again|already|still|yet|keeps?|third|second time|every time|for (hours|days|weeks|months))\b"),
    ("negation", r"\b(no|not|never|nothing|nobody|none|nope|cannot|\w+n'?t)\b"),
    ("human", r"\b(human|agents?|person|people|someone|somebody|representatives?|rep|operators?|manager|supervisor"
              r"|staff|advisors?|advisers?|real|live)\b"),
    ("request", r"\b(speak|talk|chat|connect|transfer|put me|pass me|get me|give me|call me|want|need)\b"),
    ("complaint", r"\b(ridiculous|useless|joke|worst|awful|terrible|horrible|pathetic|unacceptable|disgrace\w*"
                  r"|disgust\w*|rubbish|crap|garbage|waste|appalling|disappoint\w*|fed up|sick of|tired of"
                  r"|incompetent)\b"),
    ("insult", r"\b(stupid|idiots?|moron\w*|dumb|hell|damn|wtf|fuck\w*|f\*+\w*|sh[i*]t\w*|bullsh\w*|liars?|scam\w*)\b"),
    ("misunderstood", r"\b(i (already )?(said|told|asked)|(that'?s|this is|thats) not|not what i|listen|understand)\b"),
    ("thanks", r"\b(thanks?|thank you|cheers|great|perfect|lovely|helpful|appreciate)\b"),
    ("instead", r"\b(instead|other|others|another|else|different|rather|change|change it)\b"),
    ("refusal", r"^(no|nope|nah|not)\b"),
    ("question", r"^(why|how|what|when|where|which|who|can|could|do|does|is|are)\b"),
    ("hypothetical", r"\b(if (someone|somebody|anyone|anybody|i|you|a|my|the)|what if|what happens (if|when)|in case"
                     r"|do you|how do you|could (someone|somebody|anyone|a))\b"),
    ("impatience", r"\b(why|how many times|how much longer|how long do i|come on|seriously|really|hello\?+)"),
)  # fmt: skip
CUE_NAMES = (*(name for name, _ in CUE_PATTERNS), "capitals", "marks", "length")
_CUES = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in CUE_PATTERNS)
_MARKS = re.compile(r"[!?]{2,}|!|\.{3,}")
# Letters; fewer in capitals may be an abbreviation.
SHOUTING_LETTERS = 8
_HANDLE_OR_LINK = re.compile(r"https?://\S+|@\w+|#")
_SPACE = re.compile(r"\s+")


def plain(text: str) -> str:
    """Return `text` without account names, links and hash signs: they say who, not how somebody feels."""
    return _SPACE.sub(" ", _HANDLE_OR_LINK.sub(" ", text).replace("\u2019", "'")).strip()


def cues(text: str) -> Vector:
    """Surface cues of one plain message: an array of `len(CUE_NAMES)` numbers between 0 and 1."""
    letters = [c for c in text if c.isalpha()]
    capitals = sum(c.isupper() for c in letters) / len(letters) if len(letters) >= SHOUTING_LETTERS else 0.0
    found = [float(bool(pattern.search(text))) for _, pattern in _CUES]
    marks = min(len(_MARKS.findall(text)), 3) / 3
    return np.array([*found, capitals if capitals > 0.5 else 0.0, marks, min(len(text.split()), 40) / 40])


def cue_spans(text: str) -> list[tuple[str, int, int]]:
    """Where each cue stands: (name, start, end) in characters of the plain message."""
    found = [(name, m.start(), m.end()) for name, pattern in _CUES for m in pattern.finditer(text)]
    return found + [("marks", m.start(), m.end()) for m in _MARKS.finditer(text)]


def mentions_people(text: str) -> bool:
    """Whether a word for a person or the staff occurs."""
    return any(name == "human" for name, _, _ in cue_spans(text))
