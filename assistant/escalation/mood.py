"""Mood rules: one furious message, a falling trend, abuse; and where the evidence only suffices for an offer."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.contract import Trigger
from assistant.escalation.quote import quote
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import Turn

# The last message must itself be about something that went wrong.
MIN_NEGATIVE = 0.5
# Frustration from which on a message counts as evidence to show.
EVIDENCE = 0.5


def running_frustration(turns: Sequence[Turn], at: Thresholds) -> float:
    """The running score after the last of `turns` (oldest first): about the number of unhappy messages, fading."""
    running = 0.0
    for turn in turns:
        scores = turn.scores
        bad = scores.frustrated + at.turned_down_weight * scores.turned_down * (1 - scores.frustrated)
        running = bad + at.decay * running
    return running


def cooling_down(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether a person just gave the conversation back: what upset the customer before is settled or still fresh."""
    return turns[-1].epoch > 0 and len(turns) <= at.cooldown_turns


def negative_sentiment(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    last = turns[-1]
    if last.scores.angry >= at.furious:
        why = f"One furious message: {quote(last.text)}"
        return Trigger("negative_sentiment", why, round(last.scores.angry, 3), at.furious, (last.message_id,))
    running = running_frustration(turns, at)
    if running < at.running_frustration or last.scores.negative < MIN_NEGATIVE or cooling_down(turns, at):
        return None
    unhappy = [turn for turn in turns if turn.scores.frustrated >= EVIDENCE or turn is last]
    ids = tuple(turn.message_id for turn in unhappy)
    why = f"The mood has been falling over {len(ids)} messages, the last: {quote(last.text)}"
    return Trigger("negative_sentiment", why, round(running, 3), at.running_frustration, ids)


def abuse(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """A person the second time; the first time gets `needs_boundary`."""
    attacks = [turn for turn in turns if turn.scores.abusive >= at.abusive]
    if len(attacks) < 2 or attacks[-1] is not turns[-1]:
        return None
    why = f"Abusive {len(attacks)} times, also after being asked not to be: {quote(turns[-1].text)}"
    ids = tuple(turn.message_id for turn in attacks)
    return Trigger("abuse", why, round(turns[-1].scores.abusive, 3), at.abusive, ids)


def needs_boundary(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether the last turn is the first abusive one."""
    attacks = [turn for turn in turns if turn.scores.abusive >= at.abusive]
    return len(attacks) == 1 and attacks[0] is turns[-1]


def offers_person(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether to offer a person beside the answer: middling evidence, and not offered yet."""
    last = turns[-1]
    if any(turn.offered for turn in turns) or cooling_down(turns, at):
        return False
    wish = at.offer_human <= last.scores.asked_for_human < at.asked_for_human
    unhappy = last.scores.negative >= MIN_NEGATIVE and running_frustration(turns, at) >= at.offer_frustration
    return wish or unhappy
