"""What a bot's reply was, seen from outside: an answer, the same answer again, or none."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from assistant.encoder import Encoder, Vectors
from assistant.escalation.turns import Outcome
from assistant.replay.dialogues import BOT, Dialogue

# Cosine from which on two questions, two replies are taken for the same. Set by hand: paraphrases of one question
# are seldom as near, and different ones hardly ever.
SAME_QUESTION = 0.85
SAME_REPLY = 0.97
# Words of any bot that has no answer, and the cosine from which on a reply is one of them. Set by hand.
NO_ANSWERS = (
    "I don't have an answer to that.",
    "Sorry, I didn't understand that.",
    "I'm not sure what you mean. Could you rephrase that?",
    "I can't help with that.",
)
NO_ANSWER_COSINE = 0.7


def outcomes(dialogue: Dialogue, texts: Sequence[str], encoder: Encoder) -> list[Outcome | None]:
    """The outcome of each customer turn (`texts`, in order); None where the bot said nothing."""
    replies = _replies(dialogue)
    said = [reply for reply in replies if reply is not None]
    vectors = encoder.encode([*texts, *said, *NO_ANSWERS])
    questions, rest = vectors[: len(texts)], vectors[len(texts) :]
    answers, failures = rest[: len(said)], rest[len(said) :]
    found: list[Outcome | None] = []
    number = 0
    for position, reply in enumerate(replies):
        if reply is None:
            found.append(None)
            continue
        topic = f"question-{_first_like(questions, position, SAME_QUESTION)}"
        if float((failures @ answers[number]).max()) >= NO_ANSWER_COSINE:
            found.append(Outcome(str(position), "none", None, 0.0, {topic: 1.0}))
        else:
            article = f"reply-{_first_like(answers, number, SAME_REPLY)}"
            found.append(Outcome(str(position), "answer", article, 1.0, {topic: 1.0}))
        number += 1
    return found


def _replies(dialogue: Dialogue) -> list[str | None]:
    """What the bot said after each customer turn, joined; None if the customer spoke again first."""
    replies: list[str | None] = []
    for turn in dialogue.turns:
        if turn.role != BOT:
            replies.append(None)
        elif replies:
            replies[-1] = turn.text if replies[-1] is None else f"{replies[-1]}\n{turn.text}"
    return replies


def _first_like(vectors: Vectors, position: int, cosine: float) -> int:
    """The first row that is as near to row `position`, or that row itself."""
    return int(np.argmax(vectors[: position + 1] @ vectors[position] >= cosine)) if len(vectors) else position
