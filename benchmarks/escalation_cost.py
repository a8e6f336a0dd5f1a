"""What the scores and the rules cost, beside encoding the message."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from escalation_measure import Bench, Section, percent
from tables import table

from assistant.encoder import Encoder, Vectors
from assistant.escalation.mood import offers_person
from assistant.escalation.rules import ON_MESSAGE, ON_OUTCOME
from assistant.escalation.sketch import sketch
from assistant.escalation.thresholds import Thresholds
from assistant.escalation.turns import RECENT_TURNS, Outcome, Turn
from assistant.message_encoder import MessageEncoder
from knowledge_base.search import POSTERIOR_ARTICLES

TEXTS = 200
HISTORY_TURNS = RECENT_TURNS
# Milliseconds that noticing trouble may add to a turn.
MOST_MILLISECONDS = 3


def cost(bench: Bench, encoder: Encoder) -> Section:
    """Medians over messages one by one; `encoder` must not remember texts."""
    texts = _questions(bench)
    read = [bench.messages.read(text) for text in texts]
    features = bench.messages.features(read)
    vectors = features[:, : encoder.dimension]
    turns, at = history(texts[:HISTORY_TURNS], vectors), Thresholds()
    pairs = list(zip(read, features, strict=True))
    fresh = MessageEncoder(encoder, bench.messages.words)
    spent = {
        "encode the message": _median(partial(encoder.encode, [text]) for text in texts),
        "repair the spelling": _median(partial(fresh.read, text) for text in texts),
        "message classifier (cues and heads)": _median(partial(bench.classifier.score, *pair) for pair in pairs),
        "sketch of the vector": _median(partial(sketch, vector) for vector in vectors),
        f"all rules, {HISTORY_TURNS} turns of history": _median([partial(_all_rules, turns, at)] * len(texts)),
    }
    encode = spent["encode the message"]
    added = (sum(spent.values()) - encode) / 1000
    lines = [[name, f"{value:,.0f}", percent(value / encode)] for name, value in spent.items()]
    text = f"""Medians over {len(texts)} of the demo shop's questions, one by one, on one thread, in one run.
Noticing trouble adds {added:.1f} ms to a turn beyond the encoding that the search needs anyway (at most
{MOST_MILLISECONDS} wanted).

{table(["step", "µs", "of encoding"], lines)}"""
    return Section("Cost of a message", [], text)


def history(texts: Iterable[str], vectors: Iterable[Vectors]) -> list[Turn]:
    """Answered turns about different things, so that no rule may stop early."""
    shares = [1 / POSTERIOR_ARTICLES] * POSTERIOR_ARTICLES
    return [
        Turn(
            str(number),
            text,
            outcome=Outcome(str(number), "answer", f"{number}-0", 0.9, posterior),
            sketch=sketch(vector),
        )
        for number, (text, vector) in enumerate(zip(texts, vectors, strict=False))
        for posterior in [{f"{number}-{rank}": share for rank, share in enumerate(shares)}]
    ]


def _questions(bench: Bench) -> list[str]:
    path = bench.root / "knowledge_base" / "evaluation" / "questions.jsonl"
    return [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines()[:TEXTS]]


def _all_rules(turns: Sequence[Turn], at: Thresholds) -> None:
    for rule in (*ON_MESSAGE, *ON_OUTCOME):
        rule(turns, at)
    offers_person(turns, at)


def _median(steps: Iterable[Callable[[], object]]) -> float:
    """Microseconds of a step."""
    spent = []
    for step in steps:
        started = time.perf_counter_ns()
        step()
        spent.append((time.perf_counter_ns() - started) / 1000)
    return statistics.median(spent)
