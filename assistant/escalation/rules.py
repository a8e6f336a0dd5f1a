"""Named rules: each looks at the turns since the last change of owner and says why it fires, or nothing.

Two moments in a turn: `on_message`, before the bot answers, and `on_outcome`, when the knowledge base has
spoken but the customer has not read anything yet, so the same answer is never read twice in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from assistant.contract import Trigger
from assistant.escalation.loops import back_and_forth, continues, repeat_of
from assistant.escalation.mood import MIN_NEGATIVE, abuse, negative_sentiment
from assistant.escalation.quote import quote
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import Turn

# Replies to these intents offer a person, so a "yes" after them means one; see domain.yml.
OFFERS_A_PERSON = ("bot_challenge", "no_order_number")

# Probability that a message turns down what the bot said.
TURNED_DOWN = 0.6
# Doubt left by choices, and by a likely article beside others, where no answer leaves 1; what choices leave of it while
# all is calm; and no answer to what is said in passing ("And is it heavy?", "Right, the warm one, then").
SUGGESTED_DOUBT = 0.75
CLOSEST_DOUBT = 0.5
CALM_DOUBT = 0.5
PASSING_DOUBT = 0.25
# Intents that the knowledge base answers; see data/rules.yml.
ANSWERED_INTENTS = ("ask_question", "complaint", "out_of_scope", "nlu_fallback")
# The one topic that waits for nothing.
SELF_HARM = "self_harm"
# How a topic is named to the agent.
TOPIC_NAMES = {
    "fraud": "fraud",
    "account_takeover": "an account taken over",
    "legal": "a legal matter",
    "injury": "an injury or an unsafe product",
    "self_harm": "somebody's life",
    "data_breach": "leaked personal data",
    "bereavement": "a death",
}

CHOSE_A_PERSON = "The customer chose to talk to a person."

Rule = Callable[[Sequence[Turn], Thresholds], "Trigger | None"]


def accepted_human(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether the last turn is a yes to the person that the reply before it offered."""
    if len(turns) < 2 or turns[-1].intent != "affirm" or turns[-1].intent_confidence < at.ask_intent_confidence:
        return False
    before = turns[-2]
    without_answer = before.outcome is not None and before.outcome.decision == "none"
    return before.offered or without_answer or before.intent in OFFERS_A_PERSON


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
    by_score = last.scores.asked_for_human >= at.asked_for_human
    if not by_intent and not by_score:
        return None
    score, threshold = (
        (last.scores.asked_for_human, at.asked_for_human)
        if by_score
        else (last.intent_confidence, at.ask_intent_confidence)
    )
    said = f"The customer asked for a person: {quote(last.text)}" if last.text else CHOSE_A_PERSON
    return Trigger("asked_for_human", said, round(score, 3), threshold, (last.message_id,))


def unhelpful(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    refused = [turn for turn in turns if turn.intent in ("did_not_help", "none_of_these")]
    if len(refused) >= at.unhelpful_in_epoch and refused[-1] is turns[-1]:
        why = f"The customer said {len(refused)} times that the answer did not help."
        return Trigger(
            "unhelpful", why, len(refused), at.unhelpful_in_epoch, tuple(turn.message_id for turn in refused)
        )
    row = turns[-at.turned_down_in_a_row :]
    if len(row) < at.turned_down_in_a_row or not all(_turned_down(turn) for turn in row):
        return None
    why = f"The customer turned down what the bot said {len(row)} times in a row, the last: {quote(turns[-1].text)}"
    return Trigger("unhelpful", why, len(row), at.turned_down_in_a_row, tuple(turn.message_id for turn in row))


def _turned_down(turn: Turn) -> bool:
    return turn.scores.turned_down >= TURNED_DOWN and turn.scores.negative >= MIN_NEGATIVE


def sensitive_message(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """Fires on the words alone; where the knowledge base is asked, it may have an article that says it better."""
    last = turns[-1]
    topic, score = last.scores.topic, last.scores.sensitive
    threshold = at.self_harm if topic == SELF_HARM else at.sensitive
    wait = topic != SELF_HARM and last.outcome is None and last.intent in ANSWERED_INTENTS
    if score < threshold or wait:
        return None
    why = f"It is about {TOPIC_NAMES[topic]}, which people handle: {quote(last.text)}"
    return Trigger("sensitive_topic", why, round(score, 3), threshold, (last.message_id,), topic)


def sensitive_article(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
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
    if back_and_forth(turns):
        why = f"The bot goes back and forth between two answers, the last to {quote(last.text)}"
    ids = tuple(dict.fromkeys((earlier.message_id, *(turn.message_id for turn, _ in repeats))))
    return Trigger("loop", why, round(score, 3), at.question_overlap, ids)


def no_answer(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    row = unresolved(turns)
    score = sum(_doubt(turn) for turn in row)
    if score < at.unresolved or turns[-1].outcome is None:
        return None
    why = f"The bot had no sure answer {len(row)} times in a row, the last to {quote(row[-1].text)}"
    return Trigger("no_answer", why, round(score, 2), at.unresolved, tuple(turn.message_id for turn in row))


def unresolved(turns: Sequence[Turn]) -> list[Turn]:
    """The questions since the last one that got an answer, oldest first."""
    asked = [turn for turn in turns if turn.outcome is not None]
    return list(reversed(list(takewhile(lambda turn: _doubt(turn) > 0, reversed(asked)))))


def _doubt(turn: Turn) -> float:
    """1 for no answer, less for choices and for what is said in passing while all is calm."""
    outcome = turn.outcome
    if outcome is None or outcome.decision not in ("none", "suggest"):
        return 0.0
    calm = turn.scores.negative < MIN_NEGATIVE
    if outcome.decision == "none":
        return PASSING_DOUBT if calm and continues(turn.text) else 1.0
    doubt = SUGGESTED_DOUBT if outcome.article_id is None else CLOSEST_DOUBT
    return doubt * CALM_DOUBT if calm else doubt


ON_MESSAGE: tuple[Rule, ...] = (sensitive_message, asked_for_human, negative_sentiment, abuse, unhelpful)
ON_OUTCOME: tuple[Rule, ...] = (sensitive_article, sensitive_message, loop, no_answer)


def first_firing(rules: Sequence[Rule], turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """The first rule that fires on the last of `turns` (oldest first), or None."""
    if not turns:
        return None
    return next((trigger for rule in rules if (trigger := rule(turns, at)) is not None), None)
