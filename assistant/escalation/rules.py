"""Named rules: each looks at the turns since the last change of owner and says why it fires, or nothing.

Two moments in a turn: `on_message`, before the bot answers, and `on_outcome`, when the knowledge base has
spoken but the customer has not read anything yet, so the same answer is never read twice in a row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import takewhile

from assistant.contract import Trigger
from assistant.escalation.asking import asks_anything, speaks_of_self, takes_note
from assistant.escalation.firing import firing
from assistant.escalation.loops import back_and_forth, insistent_repeat_of
from assistant.escalation.mood import abuse, falling_mood, furious
from assistant.escalation.quote import quote
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.trouble import is_off_topic, needs_an_answer, trouble
from assistant.escalation.turns import Turn

# Replies to these intents offer a person, so a "yes" after them means one; see domain.yml.
OFFERS_A_PERSON = ("bot_challenge", "no_order_number")

# Probabilities that a message turns down what the bot said, and that it says that something went wrong.
TURNED_DOWN = 0.6
NEGATIVE = 0.5
# Intents that the knowledge base answers; see data/rules.yml.
ANSWERED_INTENTS = ("ask_question", "complaint", "out_of_scope", "nlu_fallback")
# Probability of a topic that outweighs an article which answers the question: "how do I turn on two-step sign-in, my
# friend was hacked". On the dialogues for fitting it costs nobody a person.
BESIDE_AN_ARTICLE = 0.9
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

ASKED = "asked_for_human"
# The intent classifier may take any name or short word for the wish: the message classifier must see a little of it.
SECONDED = 0.2
# Decisions whose reply offers articles to choose from.
OFFERS_CHOICES = ("suggest", "repeat")
CHOSE_A_PERSON = "The customer chose to talk to a person."

Rule = Callable[[Sequence[Turn], Thresholds], "Trigger | None"]


def accepted_human(turns: Sequence[Turn], at: Thresholds) -> bool:
    """Whether the last turn is a yes to the person that the reply before it offered."""
    if len(turns) < 2 or turns[-1].intent != "affirm" or turns[-1].intent_confidence < at.ask_intent_confidence:
        return False
    if takes_note(turns[-1].text):
        return False
    before = turns[-2]
    without_answer = before.outcome is not None and before.outcome.decision == "none"
    return before.offered or without_answer or before.intent in OFFERS_A_PERSON


def asked_for_human(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    last = turns[-1]
    if last.intent == "bot_challenge" and last.intent_confidence >= at.ask_intent_confidence:
        return None  # "are you a person?" asks what this is, not for somebody else
    if accepted_human(turns, at):
        why = f"The customer said yes to a person: {quote(last.text)}"
        return firing(ASKED, why, "ask_intent_confidence", last.intent_confidence, [last], at)
    if not last.text and last.intent == "ask_for_human" and last.intent_confidence >= at.ask_intent_confidence:
        return firing(ASKED, CHOSE_A_PERSON, "ask_intent_confidence", last.intent_confidence, [last], at)
    why = f"The customer asked for a person: {quote(last.text)}"
    score = last.scores.asked_for_human
    if score >= at.asked_for_human:
        return firing(ASKED, why, "asked_for_human", score, [last], at)
    if last.intent != "ask_for_human" or last.intent_confidence < at.ask_intent_confidence or score < SECONDED:
        return None
    return firing(ASKED, why, "ask_intent_confidence", last.intent_confidence, [last], at)


def unhelpful(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    refused = [turn for number, turn in enumerate(turns) if _refuses(turn, turns[:number])]
    if len(refused) >= at.unhelpful_in_epoch and refused[-1] is turns[-1]:
        why = f"The customer said {len(refused)} times that the answer did not help."
        return firing("unhelpful", why, "unhelpful_in_epoch", len(refused), refused, at)
    row = turns[-at.turned_down_in_a_row :]
    if len(row) < at.turned_down_in_a_row or not all(_turned_down(turn) for turn in row):
        return None
    why = f"The customer turned down what the bot said {len(row)} times in a row, the last: {quote(turns[-1].text)}"
    return firing("unhelpful", why, "turned_down_in_a_row", len(row), row, at)


def _refuses(turn: Turn, before: Sequence[Turn]) -> bool:
    """ "None" refuses choices where there are some; else it may as well answer "Anything else?". A "no" must come right
    after them.
    """
    if turn.intent == "deny":
        return bool(before) and before[-1].outcome is not None and before[-1].outcome.decision in OFFERS_CHOICES
    if turn.intent != "none_of_these" or not turn.text:
        return turn.intent in ("did_not_help", "none_of_these")
    last = next((one.outcome for one in reversed(before) if one.outcome is not None), None)
    return last is not None and last.decision in OFFERS_CHOICES


def _turned_down(turn: Turn) -> bool:
    return turn.scores.turned_down >= TURNED_DOWN and turn.scores.negative >= NEGATIVE


def sensitive_message(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """Fires on the words alone; where the knowledge base is asked, it may have an article that says it better."""
    last = turns[-1]
    topic, score = last.scores.topic, last.scores.sensitive
    if topic == SELF_HARM:
        measure, least = SELF_HARM, at.self_harm
        if last.scores.abusive >= at.abusive and not speaks_of_self(last.text):
            return None  # "go to hell" is meant for the bot
    else:
        measure, least = "sensitive", at.sensitive
        if last.outcome is None and last.intent in ANSWERED_INTENTS:
            return None  # asked again when the knowledge base has spoken
        if last.outcome is not None and last.outcome.gave_article:
            least = max(least, BESIDE_AN_ARTICLE)
    if score < least:
        return None
    why = f"It is about {TOPIC_NAMES[topic]}, which people handle: {quote(last.text)}"
    return firing("sensitive_topic", why, measure, score, [last], at, topic)


def sensitive_article(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    outcome = turns[-1].outcome
    if outcome is None or outcome.decision != "human_only":
        return None
    why = f"This is a topic that only people handle: {quote(turns[-1].text)}"
    return Trigger("sensitive_topic", why, round(outcome.confidence, 3), 0.0, (turns[-1].message_id,))


def loop(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """The first repeat gets another way to an answer; the second one a person."""
    repeats = [
        (turn, found)
        for end, turn in enumerate(turns, start=1)
        if (found := insistent_repeat_of(turns[:end], at.question_overlap, at.min_loop_words)) is not None
    ]
    if len(repeats) < at.repeats_in_epoch or repeats[-1][0] is not turns[-1]:
        return None
    last, (earlier, score) = repeats[-1]
    why = f"The customer came back to the same question {len(repeats)} times, the last: {quote(last.text)}"
    if back_and_forth(turns):
        why = f"The bot goes back and forth between two answers, the last to {quote(last.text)}"
    return firing("loop", why, "question_overlap", score, [earlier, *(turn for turn, _ in repeats)], at)


def no_answer(turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """No answer at all comes to a person sooner than choices do; more of an answered question may wait."""
    row = unanswered(turns)
    without = list(takewhile(lambda turn: _decision(turn) == "none", reversed(row)))[::-1]
    in_need = [turn for turn in without if needs_an_answer(turns[: turns.index(turn) + 1])]
    for shown, measure, what in (
        (in_need, "unanswered_in_a_row", "had no answer to"),
        (
            [turn for turn in row if asks_anything(turn.text) and not is_off_topic(turn)],
            "unsure_in_a_row",
            "was not sure of its answer to",
        ),
    ):
        if len(shown) >= getattr(at, measure) and shown[-1] is turns[-1]:
            why = f"The bot {what} {len(shown)} questions in a row, the last: {quote(shown[-1].text)}"
            return firing("no_answer", why, measure, len(shown), shown, at)
    return None


def unanswered(turns: Sequence[Turn]) -> list[Turn]:
    """What was asked since the last message that got an article, oldest first."""
    asked = [turn for turn in turns if turn.outcome is not None]
    row = takewhile(lambda turn: _decision(turn) in ("none", "suggest"), reversed(asked))
    return list(row)[::-1]


def _decision(turn: Turn) -> str:
    """Of the knowledge base; choices beside a likely article count as that article."""
    if turn.outcome is None or turn.outcome.articles:
        return "answer"
    return turn.outcome.decision


ON_MESSAGE: tuple[Rule, ...] = (sensitive_message, asked_for_human, abuse, furious, falling_mood, unhelpful, trouble)
ON_OUTCOME: tuple[Rule, ...] = (sensitive_article, sensitive_message, loop, no_answer, trouble)


def first_firing(rules: Sequence[Rule], turns: Sequence[Turn], at: Thresholds) -> Trigger | None:
    """The first rule that fires on the last of `turns` (oldest first), or None."""
    if not turns:
        return None
    return next((trigger for rule in rules if (trigger := rule(turns, at)) is not None), None)
