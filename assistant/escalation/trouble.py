"""A running score of weak evidence: none of it brings a person by itself, together it does.

Each customer turn adds what went wrong in it, and what went wrong before fades: `s <- evidence + decay * s`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.contract import Trigger
from assistant.escalation.asking import asks_anything, follows
from assistant.escalation.firing import firing
from assistant.escalation.quote import quote
from assistant.escalation.sketch import likeness
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import Turn

# Kinds of evidence, with the rule that a firing is named after if they weigh most and how the agent reads them.
KINDS: Mapping[str, tuple[str, str]] = {
    "unanswered": ("no_answer", "a question without an answer"),
    "passing": ("no_answer", "a question in passing without an answer"),
    "choices": ("no_answer", "choices instead of an answer"),
    "repeat": ("loop", "the same thing asked again"),
    "turned_down": ("unhelpful", "an answer turned down"),
    "negative": ("negative_sentiment", "bad news from the customer"),
}
# Probabilities that something went wrong, from which on a message may be, or surely is, a problem report.
PROBLEM = 0.5
CLEAR_PROBLEM = 0.7
# Cosine that any two messages of one conversation have.
STRANGERS = 0.3
# What a turn must add, to be counted as evidence to show.
SHOWN = 0.1


def evidence(turns: Sequence[Turn], at: Thresholds) -> dict[str, float]:
    """How much of each of `KINDS` the last of `turns` shows, 0 to 1, before weighing."""
    last, first = turns[-1], len(turns) == 1
    scores = last.scores
    decision = last.outcome.decision if last.outcome else ""
    full = stands_alone(last)
    again = _said_before(turns, at.min_loop_words)
    asked = full or asks_anything(last.text) or scores.negative >= PROBLEM
    choices = last.outcome is not None and decision == "suggest" and not last.outcome.articles
    return {
        "unanswered": float(decision == "none" and full),
        "passing": float(decision == "none" and asked and not full),
        # A repeat of what got choices before is one sign, not two.
        "choices": (1 - again) * float(choices and full),
        "repeat": again,
        "turned_down": 0.0 if first else scores.turned_down * scores.negative,
        "negative": 0.0 if first else scores.negative,
    }


def _said_before(turns: Sequence[Turn], min_words: int) -> float:
    """How much the last turn is like an earlier question: 0 for strangers, 1 for the same words."""
    last = turns[-1]
    if last.words < min_words:
        return 0.0
    earlier = [turn for turn in turns[:-1] if turn.outcome is not None and turn.words >= min_words]
    nearest = max((likeness(turn.sketch, last.sketch) for turn in earlier), default=0.0)
    return max(0.0, (nearest - STRANGERS) / (1 - STRANGERS))


def stands_alone(turn: Turn) -> bool:
    """Whether a turn is a question, or a problem report, that can be understood without what was said before it."""
    return (asks_anything(turn.text) or turn.scores.negative >= CLEAR_PROBLEM) and not follows(turn.text)


def running_trouble(turns: Sequence[Turn], at: Thresholds) -> dict[str, float]:
    """The running score after the last of `turns` (oldest first), by kind; their sum is the score."""
    return _running(_weighed(turns, at), at)


def _weighed(turns: Sequence[Turn], at: Thresholds) -> list[dict[str, float]]:
    """The evidence of each turn, in shares of what brings a person."""
    shown = (evidence(turns[:end], at) for end in range(1, len(turns) + 1))
    return [{kind: at.weight(kind) * amount for kind, amount in one.items()} for one in shown]


def _running(added: Sequence[Mapping[str, float]], at: Thresholds) -> dict[str, float]:
    running = dict.fromkeys(KINDS, 0.0)
    for one in added:
        running = {kind: one[kind] + at.decay * running[kind] for kind in KINDS}
    return running


def trouble(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    added = _weighed(turns, at)
    running = _running(added, at)
    score = sum(running.values())
    shown = [turn for turn, one in zip(turns, added, strict=True) if sum(one.values()) >= SHOWN]
    if score < at.trouble or not shown or shown[-1] is not turns[-1] or cooling_down(turns, at):
        return None
    by_rule: dict[str, float] = {}
    for kind, (rule, _) in KINDS.items():
        by_rule[rule] = by_rule.get(rule, 0.0) + running[kind]
    rule = max(by_rule, key=by_rule.__getitem__)
    heaviest = sorted((kind for kind in KINDS if running[kind] >= SHOWN), key=lambda kind: -running[kind])[:2]
    signs = " and ".join(KINDS[kind][1] for kind in heaviest)
    why = f"Several signs together, above all {signs}; the last: {quote(turns[-1].text)}"
    return firing(rule, why, "trouble", score, shown, at)


def cooling_down(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether a person just gave the conversation back: what upset the customer before is settled or still fresh."""
    return turns[-1].epoch > 0 and len(turns) <= at.cooldown_turns
