"""The labelled messages of `data/escalation/*.csv`: which of them each head of the message classifier learns from."""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assistant.encoder import Encoder
from assistant.escalation.cues import CUE_NAMES, mentions_people, plain
from assistant.escalation.ngrams import DIMENSION, ngrams
from assistant.escalation.sentiment import NO_TOPIC, TOPICS
from assistant.message_encoder import MessageEncoder
from assistant.replay.nlu_examples import read_examples
from assistant.setup.encoded_texts import EncodedTexts
from assistant.setup.labelled_words import label_words

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOOD_FILES = ("messages.csv", "posts.csv")
HUMAN_FILE = "asked_for_human.csv"
HUMAN_INTENT = "ask_for_human"
RATED_FILE = "rated_turns.csv"
TURNED_DOWN_FILE = "turned_down.csv"
ABUSE_FILE = "abuse.csv"
SENSITIVE_FILE = "sensitive.csv"
# Beside the files: the bot's own examples.
WISHES = "nlu"
PROBLEM_LABELS = ("problem", "frustrated", "angry")
FRUSTRATED_LABELS = ("frustrated", "angry")
MOOD_LABELS = ("positive", "neutral", *PROBLEM_LABELS)
YES_NO = ("yes", "no")
# The labels of each file.
FILES: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(MOOD_FILES, MOOD_LABELS),
    HUMAN_FILE: YES_NO,
    RATED_FILE: YES_NO,
    TURNED_DOWN_FILE: YES_NO,
    ABUSE_FILE: ("abuse", NO_TOPIC),
    SENSITIVE_FILE: (NO_TOPIC, *TOPICS),
}
# Upset messages without any of these words are about no topic for people: swearing alone is none.
TOPIC_WORDS = re.compile(
    r"\b(?:su(?:e|ing)\b|solicitor|lawyer|legal|court|laws?\b|ombudsman|trading standards"
    r"|police|fraud|scam|hack|stole|steal|theft|thief"
    r"|injur|hurt|burn|cut|blood|bleed|hospital|doctor|ambulance|unsafe|danger|fire|die[ds]?\b|dead|death|funeral"
    r"|suicid|kill|end it|go on|give up|no point|alone|any ?more|cry|hopeless|data|leak|breach|privacy|personal"
    r"|gdpr|address|account|card|bank|password|charged)",
    re.IGNORECASE,
)
# Inverse regularisation of the linear heads, by five-fold cross-validation on the project's own data (AUROC flat
# within a factor of 3).
MOOD_C = 1.0
REQUEST_C = 3.0
TOPIC_C = 5.0

# Weight of a row of `turned_down.csv` beside one of `rated_turns.csv`: these are turns as they come, those are near
# opposites, which hardly ever come.
NEAR_OPPOSITE = 0.2

Rows = list[tuple[str, str]]
Wanted = Callable[[str], bool]


class TrainingDataError(ValueError):
    """A labelled file cannot be used; the message names file and line."""


def read_labelled(path: Path, labels: Sequence[str]) -> Rows:
    """(text, label) rows of a CSV with the header `text,label`; texts are made plain."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            if reader.fieldnames != ["text", "label"]:
                raise TrainingDataError(f"{path}:1: the header must be `text,label`")
            rows = [(reader.line_num, row["text"], row["label"]) for row in reader]
    except OSError as error:
        raise TrainingDataError(f"{path}: {error.strerror}") from error
    for line, text, label in rows:
        if not text or label not in labels:
            raise TrainingDataError(f"{path}:{line}: needs a text and one of the labels {', '.join(labels)}")
    return [(plain(text), label) for _, text, label in rows]


@dataclass(frozen=True)
class TrainingSet:
    """Rows and what the linear heads read of them, made once for all heads that learn from them: `x` (rows, dimension +
    cues + n-grams). `weights` say how much each row counts.
    """

    rows: Rows
    x: csr_matrix
    weights: npt.NDArray[np.float64]

    @classmethod
    def of(cls, rows: Rows, encoded: EncodedTexts) -> TrainingSet:
        from scipy.sparse import csr_matrix, hstack

        texts = [text for text, _ in rows]
        features = encoded.features[encoded.rows(texts)]
        vectors = [ngrams(text) for text in texts]
        starts = np.cumsum([0, *(len(cells) for cells, _ in vectors)])
        cells = np.concatenate([cells for cells, _ in vectors])
        values = np.concatenate([values for _, values in vectors])
        runs = csr_matrix((values, cells, starts), shape=(len(texts), DIMENSION))
        dense = np.delete(features, np.s_[encoded.dimension : -len(CUE_NAMES)], axis=1)
        return cls(rows, hstack([csr_matrix(dense), runs]).tocsr(), np.ones(len(rows)))

    def part(self, wanted: Callable[[str, str], bool]) -> TrainingSet:
        return self.rows_at([number for number, (text, label) in enumerate(self.rows) if wanted(text, label)])

    def rows_at(self, numbers: Sequence[int]) -> TrainingSet:
        return TrainingSet([self.rows[number] for number in numbers], self.x[numbers], self.weights[numbers])

    def folds(self, folds: int) -> npt.NDArray[np.int64]:
        """The fold of each row, 0 … `folds` - 1."""
        return np.array([zlib.crc32(text.encode()) % folds for text, _ in self.rows])

    def labelled(self, label: str) -> TrainingSet:
        """The same texts, all under one label."""
        return replace(self, rows=[(text, label) for text, _ in self.rows])

    def with_others(self, others: TrainingSet, weight: float = 1.0) -> TrainingSet:
        """The rows of both, those of `others` counting `weight` as much."""
        from scipy.sparse import vstack

        weights = np.concatenate([self.weights, others.weights * weight])
        return TrainingSet([*self.rows, *others.rows], vstack([self.x, others.x]).tocsr(), weights)


@dataclass(frozen=True)
class Signal:
    """What one yes-or-no head learns: which labels mean yes, and its inverse regularisation."""

    data: TrainingSet
    positive: Wanted
    inverse_regularisation: float

    def truth(self) -> npt.NDArray[np.bool_]:
        return np.array([self.positive(label) for _, label in self.data.rows])


@dataclass(frozen=True)
class LabelledData:
    """All labelled messages, with what each head learns from beside its own file, and their texts, encoded; `messages`
    read them, and reads others like them.
    """

    messages: MessageEncoder
    encoded: EncodedTexts
    mood: TrainingSet
    human: TrainingSet
    turned_down: TrainingSet
    abuse: TrainingSet
    sensitive: TrainingSet

    @classmethod
    def read(cls, directory: Path, encoder: Encoder) -> LabelledData:
        """Raises `TrainingDataError` if a labelled file is broken."""
        rows = {name: read_labelled(directory / name, labels) for name, labels in FILES.items()}
        rows[WISHES] = _wishes(directory.parent / "nlu")
        words = label_words((text for part in rows.values() for text, _ in part), encoder.vocabulary)
        messages = MessageEncoder(encoder, words)
        rows = {name: [(messages.read(text), label) for text, label in part] for name, part in rows.items()}
        encoded = EncodedTexts.of((text for part in rows.values() for text, _ in part), messages)
        read = {name: TrainingSet.of(part, encoded) for name, part in rows.items()}
        mood = read[MOOD_FILES[0]].with_others(read[MOOD_FILES[1]])
        # Calm messages without a word for people: more of what customers write when they want no one.
        calm = mood.part(lambda _, label: label not in FRUSTRATED_LABELS)
        rated, turned_down = read[RATED_FILE], read[TURNED_DOWN_FILE]
        human = read[HUMAN_FILE].with_others(read[WISHES])
        for others in (calm, rated, turned_down):
            human = human.with_others(others.part(_without_people).labelled("no"))
        return cls(
            messages,
            encoded,
            mood,
            human,
            rated.with_others(turned_down, NEAR_OPPOSITE),
            read[ABUSE_FILE].with_others(calm.labelled(NO_TOPIC)),
            read[SENSITIVE_FILE].with_others(mood.part(_merely_upset).labelled(NO_TOPIC)),
        )

    @property
    def signals(self) -> tuple[Signal, ...]:
        """In the order of `SIGNALS`."""
        return (
            Signal(self.mood, PROBLEM_LABELS.__contains__, MOOD_C),
            Signal(self.mood, FRUSTRATED_LABELS.__contains__, MOOD_C),
            Signal(self.mood, "angry".__eq__, MOOD_C),
            Signal(self.turned_down, "yes".__eq__, MOOD_C),
            Signal(self.human, "yes".__eq__, REQUEST_C),
            Signal(self.abuse, "abuse".__eq__, REQUEST_C),
        )

    @property
    def topics(self) -> npt.NDArray[np.int64]:
        """The topic of each row of `sensitive`: 0 for none, else one more than its place in `TOPICS`."""
        names = (NO_TOPIC, *TOPICS)
        return np.array([names.index(label) for _, label in self.sensitive.rows])

    def without(self, fold: int, folds: int) -> LabelledData:
        """All but the texts of one fold: a text is in the same fold wherever it is labelled."""

        def kept(data: TrainingSet) -> TrainingSet:
            return data.rows_at(np.flatnonzero(data.folds(folds) != fold).tolist())

        sets = (self.mood, self.human, self.turned_down, self.abuse, self.sensitive)
        return LabelledData(self.messages, self.encoded, *map(kept, sets))


def _without_people(text: str, _: str) -> bool:
    return not mentions_people(text)


def _merely_upset(text: str, label: str) -> bool:
    return label in FRUSTRATED_LABELS and not TOPIC_WORDS.search(text)


def _wishes(nlu: Path) -> Rows:
    """The bot's own examples: who asks for a person, and much that nobody does who asks for one."""
    rows = [(plain(text), "yes" if intent == HUMAN_INTENT else "no") for text, intent in read_examples(nlu)]
    return [(text, label) for text, label in rows if text]
