"""A running score of weak evidence: none of it brings a person by itself, together it does.

Each customer turn adds what went wrong in it, and what went wrong before fades: `s <- evidence + decay * s`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.contract import Trigger
from assistant.escalation.asking import acknowledges, asks_anything, follows
from assistant.escalation.firing import firing
from assistant.escalation.loops import overlap
from assistant.escalation.quote import quote
from assistant.escalation.sentiment import MessageScores
from assistant.escalation.sketch import likeness
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import Turn, previous_article

# Kinds of evidence, with the rule that a firing is named after if they weigh most and how the agent reads them.
KINDS: Mapping[str, tuple[str, str]] = {
    "unanswered": ("no_answer", "a question without an answer"),
    "unsolved": ("no_answer", "a problem without an answer"),
    "choices": ("no_answer", "an unsure answer"),
    "repeat": ("loop", "the same thing asked again"),
    "turned_down": ("unhelpful", "an answer turned down"),
    "negative": ("negative_sentiment", "bad news from the customer"),
}
# Probability that something went wrong, from which on a message is a problem report.
PROBLEM = 0.7
# Cosine that any two messages of one conversation have.
STRANGERS = 0.3
# Confidence in the intent `out_of_scope`. Less sure, it may be a question that the shop has no article for.
OFF_TOPIC = 0.85
# What a turn must add, to be counted as evidence to show.
SHOWN = 0.1


def evidence(turns: Sequence[Turn], at: Thresholds) -> dict[str, float]:
    """How much of each of `KINDS` the last of `turns` shows, 0 to 1, before weighing."""
    last = turns[-1]
    decision = last.outcome.decision if last.outcome else ""
    if _takes_in(last):
        return dict.fromkeys(KINDS, 0.0)
    full, again = asks_in_full(turns), _said_before(turns, at.min_loop_words)
    said = last.scores if len(turns) > 1 else MessageScores()
    return {
        "unanswered": float(decision == "none" and full),
        "unsolved": float(decision == "none" and _reports_a_problem(last)),
        # A repeat of what got choices before is one sign, not two.
        "choices": (1 - again) * _doubt(last) * float(full),
        "repeat": max(again, _same_article(turns, at.min_loop_words)),
        "turned_down": said.turned_down,
        "negative": said.negative,
    }


def _doubt(turn: Turn) -> float:
    """The probability that choices, or the article shown as the likely one, are not what was asked for."""
    return 1 - turn.outcome.confidence if turn.outcome and turn.outcome.decision == "suggest" else 0.0


def _said_before(turns: Sequence[Turn], min_words: int) -> float:
    """How much the last turn is like an earlier question: 0 for strangers, 1 for the same words."""
    last = turns[-1]
    if last.words < min_words:
        return 0.0
    earlier = [turn for turn in turns[:-1] if turn.outcome is not None and turn.words >= min_words]
    nearest = max((likeness(turn.sketch, last.sketch) for turn in earlier), default=0.0)
    return max(0.0, (nearest - STRANGERS) / (1 - STRANGERS))


def _same_article(turns: Sequence[Turn], min_words: int) -> float:
    """How much the last turn, no follow-up, is about the same articles as an earlier one that was given some."""
    last = turns[-1]
    if last.outcome is None or last.words < min_words or _follows(turns):
        return 0.0
    given = [turn.outcome for turn in turns[:-1] if turn.outcome is not None and turn.outcome.articles]
    return min(1.0, max((overlap(one.posterior, last.outcome.posterior) for one in given), default=0.0))


def asks_in_full(turns: Sequence[Turn]) -> bool:
    """Whether the last turn asks something, and not merely more of an answer that was given before it."""
    last = turns[-1]
    return asks_anything(last.text) and not is_off_topic(last) and not _follows(turns)


def is_off_topic(turn: Turn) -> bool:
    """Whether a message surely has nothing to do with the shop: people there cannot tell the weather either."""
    return turn.intent == "out_of_scope" and turn.intent_confidence >= OFF_TOPIC


def needs_an_answer(turns: Sequence[Turn]) -> bool:
    """Whether the last turn is a question, or a problem report, that is not merely about an answer given before it."""
    last = turns[-1]
    return asks_in_full(turns) or (_reports_a_problem(last) and not _takes_in(last) and not _follows(turns))


def _reports_a_problem(turn: Turn) -> bool:
    return turn.scores.negative >= PROBLEM and not asks_anything(turn.text) and not is_off_topic(turn)


def _takes_in(turn: Turn) -> bool:
    """Whether a turn merely takes in what was said: "Fair enough, nobody wants to fall on a used rope."."""
    return acknowledges(turn.text) and not asks_anything(turn.text)


def _follows(turns: Sequence[Turn]) -> bool:
    return follows(turns[-1].text) and previous_article(turns) is not None


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
