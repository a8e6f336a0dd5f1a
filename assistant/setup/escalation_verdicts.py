"""What agents say about hand-offs moves the thresholds: needless ones raise them, late ones lower them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.escalation.thresholds import MAX_ASKED_FOR_HUMAN
from assistant.observe.verdicts import Verdict

# Verdicts on one rule; fewer say more about the agents' moods than about the rule.
ENOUGH = 20
# Share of the hand-offs of a rule that may be needless, or late, before its threshold moves.
TOLERATED = 0.25
# Share of a threshold that one fit moves at most: the next verdicts show whether that was right.
MOST = 0.15
# Thresholds that are probabilities; one above `HIGHEST` would hardly ever be reached.
PROBABILITIES = ("asked_for_human", "furious", "sensitive", "self_harm", "abusive")
HIGHEST = 0.97


def adjusted(thresholds: Mapping[str, float], verdicts: Sequence[Verdict]) -> dict[str, float]:
    """Return `thresholds` with those moved about which there are enough verdicts."""
    moved = dict(thresholds)
    for name in thresholds:
        about = [verdict for verdict in verdicts if verdict.measure == name]
        if len(about) >= ENOUGH:
            moved[name] = _moved(name, thresholds[name], about)
    return moved


def _moved(name: str, threshold: float, verdicts: Sequence[Verdict]) -> float:
    if _share(verdicts, "late") > TOLERATED:
        return round(threshold * (1 - MOST), 3)
    raised = [
        score
        for score in sorted({verdict.score for verdict in verdicts if verdict.score > threshold})
        if _share([verdict for verdict in verdicts if verdict.score >= score], "needless") <= TOLERATED
    ]
    if _share(verdicts, "needless") <= TOLERATED:
        return threshold
    wanted = raised[0] if raised else float("inf")
    highest = threshold * (1 + MOST)
    if name in PROBABILITIES:
        highest = min(highest, MAX_ASKED_FOR_HUMAN if name == "asked_for_human" else HIGHEST)
    return round(max(threshold, min(wanted, highest)), 3)


def _share(verdicts: Sequence[Verdict], said: str) -> float:
    return sum(verdict.verdict == said for verdict in verdicts) / len(verdicts) if verdicts else 0.0
