"""Named rules: each looks at the turns since the last change of owner and says why it fires, or nothing.

Two moments in a turn: `on_message`, before the bot answers, and `on_outcome`, when the knowledge base has
spoken but the customer has not read anything yet, so the same answer is never read twice in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from assistant.contract import Trigger
from assistant.escalation.loops import repeat_of
from assistant.escalation.turns import Turn


@dataclass(frozen=True)
class Thresholds:
    """Where each rule fires. Set by hand on the project's own examples; each can be set by name in `config.yml`.

    `strong_negative`: one message alone. `running_negative`: a running score s <- p + decay * s, which
    bounds false alarms per conversation rather than per turn.
    """

    asked_for_human: float = 0.6
    ask_intent_confidence: float = 0.5
    strong_negative: float = 0.97
    running_negative: float = 1.25
    decay: float = 0.4
    question_overlap: float = 0.8
    min_loop_words: int = 4
    repeats_in_epoch: int = 2
    unanswered_in_a_row: int = 2
    unhelpful_in_epoch: int = 2


# Replies to these intents offer a person, so a "yes" after them means one; see domain.yml.
OFFERS_A_PERSON = ("bot_challenge", "no_order_number")

CHOSE_A_PERSON = "The customer chose to talk to a person."

Rule = Callable[[Sequence[Turn], Thresholds], "Trigger | None"]


def quote(text: str, limit: int = 80) -> str:
    """The customer's words, short enough for one line."""
    flat = " ".join(text.split())
    if len(flat) <= limit:
        return f"“{flat}”"
    start = flat[: limit - 1]
    return f"“{start.rpartition(' ')[0] or start}…”"


def accepted_human(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether the last turn is a yes to the person that the reply before it offered."""
    if len(turns) < 2 or turns[-1].intent != "affirm" or turns[-1].intent_confidence < at.ask_intent_confidence:
        return False
    before = turns[-2]
    return before.intent in OFFERS_A_PERSON or (before.outcome is not None and before.outcome.decision == "none")


def asked_for_human(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    last = turns[-1]
    if last.intent == "bot_challenge" and last.intent_confidence >= at.ask_intent_confidence:
        return None  # "are you a person?" asks what this is, not for somebody else
    by_intent = last.intent == "ask_for_human" and last.intent_confidence >= at.ask_intent_confidence
    if accepted_human(turns, at):
        why = f"The customer said yes to a person: {quote(last.text)}"
        return Trigger(
            "asked_for_human", why, round(last.intent_confidence, 3), at.ask_intent_confidence, (last.message_id,)
        )
    by_score = last.asked_for_human >= at.asked_for_human
    if not by_intent and not by_score:
        return None
    score, threshold = (
        (last.asked_for_human, at.asked_for_human) if by_score else (last.intent_confidence, at.ask_intent_confidence)
    )
    said = f"The customer asked for a person: {quote(last.text)}" if last.text else CHOSE_A_PERSON
    return Trigger("asked_for_human", said, round(score, 3), threshold, (last.message_id,))


def negative_sentiment(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    last = turns[-1]
    if last.negative >= at.strong_negative:
        why = f"One strongly negative message: {quote(last.text)}"
        return Trigger("negative_sentiment", why, round(last.negative, 3), at.strong_negative, (last.message_id,))
    running = 0.0
    for turn in turns:
        running = turn.negative + at.decay * running
    if running < at.running_negative or last.negative < 0.5:
        return None
    ids = tuple(turn.message_id for turn in turns if turn.negative >= 0.5)
    why = f"The mood has been falling over {len(ids)} messages, the last: {quote(last.text)}"
    return Trigger("negative_sentiment", why, round(running, 3), at.running_negative, ids)


def unhelpful(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    refused = [turn for turn in turns if turn.intent in ("did_not_help", "none_of_these")]
    if len(refused) < at.unhelpful_in_epoch or refused[-1] is not turns[-1]:
        return None
    why = f"The customer said {len(refused)} times that the answer did not help."
    ids = tuple(turn.message_id for turn in refused)
    return Trigger("unhelpful", why, len(refused), at.unhelpful_in_epoch, ids)


def sensitive_topic(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    outcome = turns[-1].outcome
    if outcome is None or outcome.decision != "human_only":
        return None
    why = f"“{outcome.article_id}” is a topic that only people handle: {quote(turns[-1].text)}"
    return Trigger("sensitive_topic", why, round(outcome.confidence, 3), 0.0, (turns[-1].message_id,))


def loop(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """The first repeat gets another way to an answer; the second one a person."""
    repeats = [
        (turn, found)
        for end, turn in enumerate(turns, start=1)
        if (found := repeat_of(turns[:end], at.question_overlap, at.min_loop_words)) is not None
    ]
    if len(repeats) < at.repeats_in_epoch or repeats[-1][0] is not turns[-1]:
        return None
    last, (earlier, score) = repeats[-1]
    why = f"The customer came back to the same question {len(repeats)} times, the last: {quote(last.text)}"
    ids = tuple(dict.fromkeys((earlier.message_id, *(turn.message_id for turn, _ in repeats))))
    return Trigger("loop", why, round(score, 3), at.question_overlap, ids)


def no_answer(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    asked = [turn for turn in turns if turn.outcome is not None]
    row = asked[-at.unanswered_in_a_row :]
    if len(row) < at.unanswered_in_a_row or row[-1] is not turns[-1]:
        return None
    if any(turn.outcome is not None and turn.outcome.decision != "none" for turn in row):
        return None
    why = f"The bot had no answer {len(row)} times in a row, the last to {quote(row[-1].text)}"
    return Trigger("no_answer", why, len(row), at.unanswered_in_a_row, tuple(t.message_id for t in row))


ON_MESSAGE: tuple[Rule, ...] = (asked_for_human, negative_sentiment, unhelpful)
ON_OUTCOME: tuple[Rule, ...] = (sensitive_topic, loop, no_answer)


def first_firing(rules: Sequence[Rule], turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """The first rule that fires on the last of `turns` (oldest first), or None."""
    if not turns:
        return None
    return next((trigger for rule in rules if (trigger := rule(turns, at)) is not None), None)
