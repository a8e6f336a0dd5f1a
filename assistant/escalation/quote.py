"""The customer's words in one line of explanation."""

from __future__ import annotations


def quote(text: str, limit: int = 80) -> str:
    """The customer's words, short enough for one line."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return f"“{flat}”"
    start = flat[: limit - 1]
    return f"“{start.rpartition(' ')[0] or start}…”"
