"""Mood rules: one furious message, a falling mood, abuse; and where the evidence only suffices for an offer."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.contract import Trigger
from assistant.escalation.asking import asks_anything
from assistant.escalation.firing import firing
from assistant.escalation.quote import quote
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.trouble import cooling_down, running_trouble
from assistant.escalation.turns import Turn

# Probability that a message is about something that went wrong, from which on its frustration counts.
NEGATIVE = 0.5
# Words; so short an attack says nothing of a matter that a person could help with, and meets the boundary first.
INSULT_WORDS = 6
# Decisions whose reply has a button for a person anyway.
HAS_THE_OFFER = ("none", "repeat", "follow_up")
# Of the running frustration that brings a person: from here on one is offered.
OFFER_SHARE = 0.8
# Frustration from which on a message counts as evidence to show.
EVIDENCE = 0.3


def furious(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    last = turns[-1]
    if last.scores.angry < at.furious or merely_insults(turns, at):
        return None
    why = f"One furious message: {quote(last.text)}"
    return firing("negative_sentiment", why, "furious", last.scores.angry, [last], at)


def running_frustration(turns: Sequence[Turn], at: Thresholds) -> float:
    """The running score after the last of `turns` (oldest first): about the number of unhappy messages, fading."""
    running = 0.0
    for turn in turns:
        running = _unhappy(turn) + at.decay * running
    return running


def _unhappy(turn: Turn) -> float:
    """Frustration of a message that is about something that went wrong."""
    return turn.scores.frustrated if turn.scores.negative >= NEGATIVE else 0.0


def falling_mood(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    running = running_frustration(turns, at)
    if running < at.running_frustration or _unhappy(turns[-1]) < EVIDENCE or cooling_down(turns, at):
        return None
    unhappy = [turn for turn in turns if _unhappy(turn) >= EVIDENCE]
    why = f"The mood has been falling over {len(unhappy)} messages, the last: {quote(turns[-1].text)}"
    return firing("negative_sentiment", why, "running_frustration", running, unhappy, at)


def abuse(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """A person the second time; the first time gets `needs_boundary`."""
    attacks = [turn for turn in turns if turn.scores.abusive >= at.abusive]
    if len(attacks) < 2 or attacks[-1] is not turns[-1]:
        return None
    why = f"Abusive {len(attacks)} times, also after being asked not to be: {quote(turns[-1].text)}"
    return firing("abuse", why, "abusive", turns[-1].scores.abusive, attacks, at)


def needs_boundary(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether the last turn is the first abusive one."""
    attacks = [turn for turn in turns if turn.scores.abusive >= at.abusive]
    return len(attacks) == 1 and attacks[0] is turns[-1]


def merely_insults(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether the last turn is the first abusive one, and neither asks nor says anything else."""
    last = turns[-1]
    return last.words <= INSULT_WORDS and not asks_anything(last.text) and needs_boundary(turns, at)


def offers_person(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether to offer a person beside the answer: middling evidence, and not offered yet."""
    last = turns[-1]
    already = last.outcome is not None and last.outcome.decision in HAS_THE_OFFER
    if already or any(turn.offered for turn in turns) or cooling_down(turns, at):
        return False
    wish = at.offer_human <= last.scores.asked_for_human < at.asked_for_human
    if wish or sum(running_trouble(turns, at).values()) >= at.offer_trouble:
        return True
    return running_frustration(turns, at) >= OFFER_SHARE * at.running_frustration
