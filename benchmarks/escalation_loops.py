"""Whether the overlap of two article posteriors tells a repeated question from another one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from answering import intents, labelled
from escalation_curves import auroc, found_at, recall_at
from escalation_measure import Bench, Figure, Numbers, Section, share
from tables import table

from assistant.escalation.loops import overlap
from assistant.escalation.thresholds import Thresholds
from knowledge_base.evaluate import CHUNK
from knowledge_base.index import build_index
from knowledge_base.search import results
from knowledge_base.text import normalise

PAIRS = 3_000
SEED = 77
KINDS = ("same article", "random other article", "neighbouring article")

Pairs = npt.NDArray[np.int64]


def loops(bench: Bench) -> Section:
    """Pairs of BANKING77 test questions: of the same article, of any other, of the nearest other."""
    train = labelled(bench.data / "banking77" / "train.csv")
    test = labelled(bench.data / "banking77" / "test.csv")
    texts, labels = [normalise(text) for text, _ in test], [label for _, label in test]
    pairs = draw_pairs(labels, _neighbours(bench, train))
    posteriors = _posteriors(bench, train, texts)
    vectors = bench.encoder.encode(texts)
    overlaps = {kind: np.array([overlap(posteriors[a], posteriors[b]) for a, b in found]) for kind, found in pairs}
    cosines = {kind: (vectors[found[:, 0]] * vectors[found[:, 1]]).sum(axis=1) for kind, found in pairs}
    return _section(overlaps, cosines)


def draw_pairs(labels: Sequence[str], neighbour: Mapping[str, str]) -> list[tuple[str, Pairs]]:
    """`PAIRS` pairs of question numbers of each kind, both questions of a pair different ones."""
    rng = np.random.default_rng(SEED)
    names = np.array(labels)
    own = {label: np.flatnonzero(names == label) for label in neighbour}
    others = {label: np.flatnonzero(names != label) for label in neighbour}

    def drawn(partners: Mapping[str, npt.NDArray[np.int64]]) -> Pairs:
        first = rng.integers(len(names), size=PAIRS)
        return np.array([(a, rng.choice(partners[labels[a]][partners[labels[a]] != a])) for a in first])

    near = {label: own[nearest] for label, nearest in neighbour.items()}
    return [(kind, drawn(partners)) for kind, partners in zip(KINDS, (own, others, near), strict=True)]


def _neighbours(bench: Bench, train: Sequence[tuple[str, str]]) -> dict[str, str]:
    """The other article whose training phrasings have the nearest centroid, for each article."""
    vectors = bench.encoder.encode([normalise(text) for text, _ in train])
    names = np.array([label for _, label in train])
    labels = sorted(set(names.tolist()))
    centroids = np.stack([vectors[names == label].mean(axis=0) for label in labels])
    centroids /= np.linalg.norm(centroids, axis=1, keepdims=True)
    cosines = centroids @ centroids.T
    np.fill_diagonal(cosines, -1.0)
    return {label: labels[nearest] for label, nearest in zip(labels, cosines.argmax(axis=1), strict=True)}


def _posteriors(bench: Bench, train: Sequence[tuple[str, str]], texts: Sequence[str]) -> list[Mapping[str, float]]:
    index = build_index(intents(train, None, 0), bench.encoder)
    starts = range(0, len(texts), CHUNK)
    chunks = (texts[start : start + CHUNK] for start in starts)
    return [found.posterior for chunk in chunks for found in results(index, index.encode(bench.encoder, chunk), chunk)]


def _section(overlaps: Mapping[str, Numbers], cosines: Mapping[str, Numbers]) -> Section:
    same, *others = KINDS
    areas = {
        name: [_area(scores[same], scores[other]) for other in others]
        for name, scores in (("overlap", overlaps), ("cosine", cosines))
    }
    figures = [
        Figure(f"loop pairs against {other}, AUROC", area, target, f"cosine, same run {share(cosine)}")
        for other, area, cosine, target in zip(others, areas["overlap"], areas["cosine"], (0.99, 0.92), strict=True)
    ]
    lines = [
        [name, *map(share, areas[name]), *(share(recall_at(0.05, scores[same], scores[other])) for other in others)]
        for name, scores in (("overlap", overlaps), ("cosine", cosines))
    ]
    at = Thresholds().question_overlap
    fired = ", ".join(f"{kind} {share(found_at(at, overlaps[kind]))}" for kind in KINDS)
    text = f"""{PAIRS:,} pairs of test questions of each kind (seed {SEED}), index built on all training phrasings.
Neighbouring: the article with the nearest centroid. Share of the pairs that reach the shipped overlap of {at}: {fired}.
A loop needs a second repeat, so one such pair alone brings in nobody.

{table(["score", "AUROC random", "AUROC neighbouring", "found at 5 % false, random", "neighbouring"], lines)}"""
    return Section("Loops", figures, text)


def _area(same: Numbers, other: Numbers) -> float:
    return auroc(np.concatenate([same, other]), np.arange(len(same) + len(other)) < len(same))
