"""What is read of a customer's message before anybody judges it: the text with its spelling repaired, and what the
encoder makes of that. The bot, the build, replays and benchmarks all read messages with this. Runs under both Pythons.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from assistant.encoder import Encoder, Vectors
from assistant.escalation.cues import plain
from assistant.spelling import Speller

# In the state directory: how often the labelled messages use each of their words; the build writes it.
WORDS_FILE = "escalation/words.json"


def load_words(state_dir: Path) -> dict[str, int]:
    """Raises `ValueError`, which says what to do, if the words are missing or broken."""
    path = state_dir / WORDS_FILE
    try:
        words = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(words, dict) or not all(type(count) is int and count > 0 for count in words.values()):
            raise ValueError("not a count for each word")
    except (OSError, ValueError) as error:
        raise ValueError(f"{path} does not count words ({error}). Run `offramp build`.") from error
    return words


class MessageEncoder:
    """`words` counts the words that messages are repaired towards."""

    def __init__(self, encoder: Encoder, words: Mapping[str, int]) -> None:
        self.encoder, self.words = encoder, words
        self._speller = Speller(words, encoder.vocabulary)

    @classmethod
    def load(cls, state_dir: Path, encoder: Encoder) -> MessageEncoder:
        """Raises `ValueError` if the words are missing or broken."""
        return cls(encoder, load_words(state_dir))

    def save(self, state_dir: Path) -> None:
        """Write the words, atomically."""
        path = state_dir / WORDS_FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(dict(self.words)), encoding="utf-8")
        temporary.replace(path)

    def read(self, text: str) -> str:
        """Return `text` without account names and links, and without slips of the fingers."""
        return self._speller.correct(plain(text))

    def features(self, texts: Sequence[str]) -> Vectors:
        """Return `Encoder.features` of texts that were `read`, an array of shape (texts, width)."""
        return self.encoder.features([text or "?" for text in texts])
