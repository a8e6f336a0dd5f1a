"""Extractive summary without a language model: the customer messages that carry the key phrases."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

SENTENCES = 3
MIN_WORDS = 3
# What is older or longer than this is in the transcript.
LAST_MESSAGES = 50
LONGEST_CHARACTERS = 1000
_WORD = re.compile(r"[a-z0-9£€$][\w'-]*", re.IGNORECASE)
_COMMON = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "but",
        "by",
        "can",
        "could",
        "did",
        "do",
        "does",
        "for",
        "from",
        "had",
        "has",
        "have",
        "hello",
        "hey",
        "hi",
        "how",
        "i",
        "i'm",
        "if",
        "in",
        "is",
        "it",
        "it's",
        "its",
        "just",
        "me",
        "my",
        "no",
        "not",
        "of",
        "ok",
        "on",
        "or",
        "please",
        "so",
        "thanks",
        "that",
        "the",
        "their",
        "them",
        "then",
        "there",
        "they",
        "this",
        "to",
        "was",
        "we",
        "were",
        "what",
        "when",
        "where",
        "which",
        "who",
        "why",
        "will",
        "with",
        "would",
        "yes",
        "you",
        "your",
    ]
)


def key_messages(messages: Sequence[str]) -> list[str]:
    """Up to `SENTENCES` of the messages, in their order: those with most of what this conversation is about.

    A word counts by how often it occurs in the conversation (log), once a message; messages are picked one at
    a time, and words already covered count no more, so that a repeated question is told once.
    """
    messages = [message[:LONGEST_CHARACTERS] for message in messages[-LAST_MESSAGES:]]
    words = [[w for w in _terms(message) if w not in _COMMON] for message in messages]
    frequency = Counter(word for message in words for word in set(message))
    candidates = {i for i, w in enumerate(words) if len(messages[i].split()) >= MIN_WORDS and w}
    if not candidates:
        return [m for m in messages if m.strip()][-1:]
    chosen: list[int] = []
    covered: set[str] = set()
    while candidates and len(chosen) < SENTENCES:
        best = max(candidates, key=lambda i: (_gain(set(words[i]) - covered, frequency), i))
        candidates.discard(best)
        if chosen and not set(words[best]) - covered:
            continue
        chosen.append(best)
        covered |= set(words[best])
    return [messages[i] for i in sorted(chosen)]


def _terms(message: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(message)]


def _gain(words: set[str], frequency: Counter[str]) -> float:
    return sum(1 + math.log(frequency[word]) for word in words)
