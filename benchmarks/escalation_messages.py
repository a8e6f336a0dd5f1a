"""Scores of single messages against people's labels: mood, dissatisfaction, the wish for a person, breakdown."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from answering import labelled
from escalation_curves import auroc, best_f1, found_at, recall_at
from escalation_measure import Bench, Figure, Flags, Numbers, Section, percent, share
from tables import table

from assistant.escalation.thresholds import Thresholds

# Raters give 1 to 5; below this a turn is unsatisfactory.
SATISFIED_FROM = 3
# Of ordinary questions, one in 200 may be taken for the wish to talk to a person.
HUMAN_FALSE_RATE = 0.005
MOOD_FALSE_RATE = 0.05


def tweets(bench: Bench) -> Section:
    """Tweets to airlines: negative against neutral and positive."""
    rows = labelled(bench.data / "airline_tweets" / "all.csv")
    truth = np.array([label == "negative" for _, label in rows])
    scores = bench.read([text for text, _ in rows]).negative
    recall = recall_at(MOOD_FALSE_RATE, scores[truth], scores[~truth])
    return Section(
        "Mood of a message",
        [
            Figure("airline tweets, AUROC", auroc(scores, truth), 0.88, "VADER .764; trained on it .924"),
            Figure("airline tweets, recall at ≤ 5 % false alarms", recall, reference="VADER .35; trained on it .67"),
        ],
        f"{len(rows):,} tweets, {truth.sum():,} of them negative; the score `negative` of each.",
    )


def satisfaction(bench: Bench) -> Section:
    """Rated turns: is the customer dissatisfied with what the assistant just did?"""
    lines, figures = [], []
    for name, folder, file in (("USS SGD", "uss_sgd", "sgd.jsonl"), ("USS CCPE", "uss_ccpe", "ccpe.jsonl")):
        dialogues = [_customer_turns(dialogue) for dialogue in _json_lines(bench.data / folder / file)]
        texts = [turn["text"] for turns in dialogues for turn in turns]
        truth = np.array([_dissatisfied(turn["satisfaction"]) for turns in dialogues for turn in turns])
        scores = bench.read(texts).turned_down
        moods = {"the turn alone": scores, "running over the dialogue": _running(scores, dialogues)}
        for how, values in moods.items():
            recall = recall_at(MOOD_FALSE_RATE, values[truth], values[~truth])
            lines.append([name, how, *map(share, (auroc(values, truth), best_f1(values, truth), recall))])
        aimed = name == "USS SGD"
        vader = "VADER .723; trained on it .873" if aimed else "–"
        figures.append(Figure(f"{name}, AUROC", auroc(scores, truth), 0.84 if aimed else None, vader))
        figures.append(Figure(f"{name}, best F1", best_f1(scores, truth), 0.34 if aimed else None))
    text = f"""Customer turns rated by three people or more; dissatisfied: at least half rate it below {SATISFIED_FROM}.
The score is `turned_down`; running: s ← p + {Thresholds().decay} · s.

{table(["set", "score", "AUROC", "best F1", "recall at ≤ 5 % false"], lines)}"""
    return Section("Dissatisfied turns", figures, text)


def _json_lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _customer_turns(dialogue: dict[str, Any]) -> list[dict[str, Any]]:
    return [turn for turn in dialogue["turns"] if turn["role"] == "user"]


def _dissatisfied(ratings: Sequence[int]) -> bool:
    return 2 * sum(rating < SATISFIED_FROM for rating in ratings) >= len(ratings)


def _running(scores: Numbers, dialogues: Sequence[Sequence[object]]) -> Numbers:
    decay, running, number = Thresholds().decay, [], 0
    for turns in dialogues:
        total = 0.0
        for _ in turns:
            total = scores[number] + decay * total
            running.append(total)
            number += 1
    return np.array(running)


def wish_for_a_person(bench: Bench) -> Section:
    """Requests for a person against ordinary questions of other trades."""
    asked = {
        "Bitext contact_human_agent": (_texts(bench.data / "bitext_8k" / "all.csv", "contact_human_agent"), 0.97),
        "Sara human_handoff": (_texts(bench.data / "rasa_demo_bots" / "sara_intents.csv", "human_handoff"), 0.90),
    }
    ordinary = [
        text
        for path in ("banking77/test.csv", "clinc150/test.csv", "clinc150/oos_test.csv")
        for text, _ in labelled(bench.data / path)
    ]
    negatives = bench.read(ordinary).asked_for_human
    threshold = Thresholds().asked_for_human
    figures, lines = [], []
    for name, (texts, target) in asked.items():
        positives = bench.read(texts).asked_for_human
        recall = recall_at(HUMAN_FALSE_RATE, positives, negatives)
        figures.append(Figure(f"{name}, recall at ≤ 0.5 % false alarms", recall, target))
        lines.append([name, str(len(texts)), share(recall), share(found_at(threshold, positives))])
    text = f"""False alarms: share of the {len(ordinary):,} test questions of BANKING77 and CLINC150 (out of scope too).
As shipped (`asked_for_human` ≥ {threshold}) {percent(found_at(threshold, negatives))} of them fire. The bot's intents,
which also lead to a person, are left out here.

{table(["requests", "texts", "recall at ≤ 0.5 % false", "recall as shipped"], lines)}"""
    return Section("Asks for a person", figures, text)


def _texts(path: Path, label: str) -> list[str]:
    with path.open(encoding="utf-8", newline="") as stream:
        return [row["text"] for row in csv.DictReader(stream) if row["label"] == label]


def breakdown(bench: Bench) -> Section:
    """Chat with two bots: does any plain signal follow the raters' judgement of a bot turn? Nothing is trained."""
    judged = [
        (before, bot, after)
        for path in sorted((bench.data / "dbdc3").glob("*.jsonl"))
        for dialogue in _json_lines(path)
        for before, bot, after in zip(dialogue["turns"], dialogue["turns"][1:], dialogue["turns"][2:], strict=False)
        if "X" in bot and before["role"] == after["role"] == "user"
    ]
    broken = np.array([bot["X"] > max(bot["O"], bot["T"]) for _, bot, _ in judged])
    doubtful = np.array([bot["T"] + bot["X"] > bot["O"] for _, bot, _ in judged])
    signals = _breakdown_signals(bench, *([turn["text"] for turn in turns] for turns in zip(*judged, strict=True)))
    lines = [[name, share(auroc(values, broken)), share(auroc(values, doubtful))] for name, values in signals.items()]
    text = f"""Open-domain chat, not support. {len(judged):,} bot turns between two customer turns, each judged by
some 30 people: {broken.sum():,} are a breakdown to most (X first), {doubtful.sum():,} at least a possible one (T and X
against O). AUROC of signals that are there anyway; nothing is trained on the set.

{table(["signal", "X", "T + X"], lines)}"""
    figure = Figure("DBDC3 breakdown (X), AUROC of the next turn's frustration", _first_area(signals, broken))
    return Section("Breakdown of a bot turn", [figure], text)


def _breakdown_signals(
    bench: Bench, before: Sequence[str], bot: Sequence[str], after: Sequence[str]
) -> dict[str, Numbers]:
    asked, said, answered = (bench.encoder.encode(texts).astype(np.float64) for texts in (before, bot, after))
    return {
        "frustration of the customer's next turn": bench.read(after).frustrated,
        "bot turn unlike the customer's turn before (1 − cosine)": 1 - (asked * said).sum(axis=1),
        "customer's next turn unlike the bot turn (1 − cosine)": 1 - (said * answered).sum(axis=1),
        "customer says the same again (cosine)": (asked * answered).sum(axis=1),
    }


def _first_area(signals: dict[str, Numbers], truth: Flags) -> float:
    return auroc(next(iter(signals.values())), truth)
