"""What a measurement of escalation works with, and what it hands to the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from answering import ROOT

from assistant.contract import Trigger
from assistant.encoder import Encoder
from assistant.escalation.sentiment import MessageClassifier
from assistant.message_encoder import MessageEncoder

Numbers = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
# The triggers of each customer turn of one dialogue, in order.
Simulate = Callable[[Sequence[str]], list[list[Trigger]]]


@dataclass(frozen=True)
class Scores:
    """One probability a message in each array."""

    negative: Numbers
    frustrated: Numbers
    turned_down: Numbers
    asked_for_human: Numbers


@dataclass(frozen=True)
class Bench:
    """`data`: directory of the public sets. `simulator` may take long at its first call, as it builds an index.

    `firings`: where fired messages are written for reading, if anywhere.
    """

    data: Path
    messages: MessageEncoder
    classifier: MessageClassifier
    simulator: Callable[[], Simulate]
    firings: Path | None = None
    root: Path = ROOT

    @property
    def encoder(self) -> Encoder:
        return self.messages.encoder

    def read(self, texts: Sequence[str]) -> Scores:
        """Score each message by itself."""
        read = [self.messages.read(text) for text in texts]
        found = [self.classifier.score(*pair) for pair in zip(read, self.messages.features(read), strict=True)]
        return Scores(
            np.array([scores.negative for scores in found]),
            np.array([scores.frustrated for scores in found]),
            np.array([scores.turned_down for scores in found]),
            np.array([scores.asked_for_human for scores in found]),
        )


@dataclass(frozen=True)
class Figure:
    """A line of the summary. `target` is the least that is wanted, or the most if `at_most`."""

    name: str
    measured: float
    target: float | None = None
    reference: str = "–"
    at_most: bool = False

    @property
    def met(self) -> bool | None:
        """Whether the target is met as printed, to three decimals; None without one."""
        if self.target is None:
            return None
        measured = round(self.measured, 3)
        return measured <= self.target if self.at_most else measured >= self.target


@dataclass(frozen=True)
class Section:
    """What one measurement adds to the page: lines of the summary, and a text in Markdown."""

    title: str
    figures: Sequence[Figure]
    text: str


def percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def share(value: float) -> str:
    """A share or an area, to three decimals."""
    return f"{value:.3f}".replace("0.", ".", 1) if 0 <= value < 1 else f"{value:.3f}"
