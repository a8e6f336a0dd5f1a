"""Gaps: what customers asked and the knowledge base did not answer, grouped by meaning and ranked by customers."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

from assistant.encoder import Encoder, Vectors
from knowledge_base.articles import ArticleError, Problem, numbered_lines
from knowledge_base.likeness import Likeness
from knowledge_base.search import KnowledgeBase
from knowledge_base.text import normalise

# Distinct texts clustered at once: time and memory grow with the square. The rest joins these clusters or waits.
MAX_LINKED = 3_000
MAX_EXAMPLES = 5
# Texts between two reports of progress.
ENCODE_STEP = 256

Labels = npt.NDArray[np.int64]
Progress = Callable[[str, float], None]


class Reason(StrEnum):
    """Why a question counts as unanswered."""

    NO_ANSWER = "no_answer"
    UNHELPFUL = "unhelpful"
    REPEATED = "repeated"
    NOT_CHOSEN = "not_chosen"


@dataclass(frozen=True)
class Question:
    """What a customer asked in vain. `customer` is whoever must count once: a customer or a conversation."""

    text: str
    customer: str
    reason: Reason | None = None


@dataclass(frozen=True)
class Gap:
    """Questions of one meaning.

    `question` is the most typical, `examples` are up to five others; `count` questions came from `customers`
    distinct customers. `nearest` is the article that comes closest, `probability` (0–1) that it is the right one.
    """

    question: str
    examples: tuple[str, ...]
    count: int
    customers: int
    reasons: Mapping[str, int]
    nearest: str | None
    probability: float


def find_gaps(
    questions: Sequence[Question],
    knowledge_base: KnowledgeBase,
    encoder: Encoder,
    progress: Progress = lambda stage, done: None,
) -> list[Gap]:
    """Return the gaps, most customers first. A text without any letter or digit is no question.

    `progress` hears stages and shares done (0–1).
    """
    asked = _by_text(questions)
    if not asked:
        return []
    likeness = Likeness.fit(list(knowledge_base.articles.values()), encoder)
    vectors = likeness.vectors(_encode(list(asked), encoder, progress))
    progress("cluster", 0.0)
    labels = cluster(vectors, likeness.threshold)
    groups = [np.flatnonzero(labels == label) for label in range(labels.max() + 1)]
    texts = list(asked.values())
    gaps = [_gap([texts[i] for i in members], vectors[members], knowledge_base) for members in groups]
    return sorted(gaps, key=lambda gap: (-gap.customers, -gap.count, gap.question))


def cluster(vectors: Vectors, threshold: float) -> Labels:
    """Return a cluster number, 0 …, for each unit vector: average linkage, cut where the mean cosine of two
    clusters falls below `threshold`. Earlier vectors come first where there are too many for one pass."""
    labels = np.full(len(vectors), -1, dtype=np.int64)
    while (rest := np.flatnonzero(labels < 0)).size:
        block, later = rest[:MAX_LINKED], rest[MAX_LINKED:]
        known = labels.max() + 1
        found = _linked(vectors[block], threshold)
        labels[block] = known + found
        # The mean cosine to a cluster is the product with the mean of its vectors.
        means = np.stack([vectors[block[found == label]].mean(axis=0) for label in range(found.max() + 1)])
        cosines = vectors[later] @ means.T
        near = cosines.max(axis=1, initial=-1.0) >= threshold
        labels[later[near]] = known + cosines[near].argmax(axis=1)
    return labels


def _linked(vectors: Vectors, threshold: float) -> Labels:
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import pdist

    if len(vectors) == 1:
        return np.zeros(1, dtype=np.int64)
    distances = np.clip(pdist(vectors, "cosine"), 0.0, 2.0)
    tree = linkage(distances, "average")
    numbers: Labels = fcluster(tree, 1.0 - threshold, "distance").astype(np.int64) - 1
    return numbers


def _by_text(questions: Iterable[Question]) -> dict[str, list[Question]]:
    """The questions by what they say, the most asked first: they are the ones that must be clustered well."""
    asked: dict[str, list[Question]] = {}
    for question in questions:
        text = normalise(question.text)
        if any(character.isalnum() for character in text):
            asked.setdefault(text.casefold(), []).append(question)
    return dict(sorted(asked.items(), key=lambda item: -_customers(item[1])))


def _encode(texts: Sequence[str], encoder: Encoder, progress: Progress) -> Vectors:
    parts = []
    for start in range(0, len(texts), ENCODE_STEP):
        progress("encode", start / len(texts))
        parts.append(encoder.encode(texts[start : start + ENCODE_STEP]))
    return np.concatenate(parts)


def _gap(members: Sequence[Sequence[Question]], vectors: Vectors, knowledge_base: KnowledgeBase) -> Gap:
    weights = np.array([_customers(same) for same in members], dtype=np.float32)
    typical = np.argsort(-(vectors @ (weights @ vectors)), kind="stable")
    texts = [members[i][0].text for i in typical]
    questions = [question for same in members for question in same]
    found = knowledge_base.search(texts[0])
    best = found.hits[0] if found.hits else None
    return Gap(
        question=texts[0],
        examples=tuple(texts[1 : MAX_EXAMPLES + 1]),
        count=len(questions),
        customers=_customers(questions),
        reasons=dict(Counter(q.reason.value for q in questions if q.reason).most_common()),
        nearest=best.article_id if best else None,
        probability=best.probability if best else 0.0,
    )


def _customers(questions: Iterable[Question]) -> int:
    return len({question.customer for question in questions})


def parse_questions_jsonl(path: Path) -> tuple[Question, ...]:
    """Read exported questions: one JSON object a line with `text` and, if known, `conversation`.

    A line without `conversation` is a customer of its own. Raises `ArticleError` with every bad line.
    """
    questions: list[Question] = []
    problems: list[Problem] = []
    for number, line in numbered_lines(path):
        try:
            questions.append(_question_from_json(line, number))
        except ValueError as error:
            problems.append(Problem(path, number, str(error)))
    if problems:
        raise ArticleError(problems)
    return tuple(questions)


def _question_from_json(line: str, number: int) -> Question:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON ({error.msg})") from error
    if not isinstance(row, dict):
        raise ValueError("not a JSON object")
    text, conversation = row.get("text"), row.get("conversation")
    if not isinstance(text, str):
        raise ValueError("text is missing" if text is None else f"text must be text, not {text!r}")
    if conversation is not None and not isinstance(conversation, str):
        raise ValueError(f"conversation must be text, not {conversation!r}")
    return Question(text, f"conversation {conversation}" if conversation else f"line {number}")
