"""Whole dialogues through classifier, knowledge base and rules: ours, which say when a person is due, and real ones."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from escalation_measure import Bench, Figure, Section, Simulate, share
from misspelt import with_slips
from tables import table

from assistant.contract import Trigger
from assistant.replay.scripted import Scripted, read_scripted

DOMAINS = ("airline", "fastfood", "finance", "insurance", "media", "software")
CONVERSATIONS = 300
SEED = 6
# Fired messages to read by eye.
SHOWN = 30
# A wish for a person that nobody uttered: "yes" to an offer that the demo shop's bot would have made.
OFFER_ACCEPTED = "yes to an offer"
# Weak signs together, whatever rule they are named after.
TROUBLE = "trouble"
# These rest on answers, and only the demo shop's are there; the others on what the customer wrote.
ANSWER_RULES = ("loop", "no_answer", TROUBLE, OFFER_ACCEPTED)
NOT_JUDGED = "Not judged yet."

# The triggers of each turn of a conversation by rule.
Named = Sequence[Mapping[str, Trigger]]


@dataclass(frozen=True)
class Fired:
    """The first firing: `turn` counts customer turns from 1."""

    turn: int
    rule: str


def first_firing(dialogue: Scripted, simulate: Simulate) -> Fired | None:
    return next(
        (Fired(turn, found[0].rule) for turn, found in enumerate(simulate(dialogue.turns), start=1) if found), None
    )


def verdict(dialogue: Scripted, fired: Fired | None) -> str:
    """`in time`, `late` or `never` where a person is due, else `false` or `quiet`."""
    if dialogue.by_turn is None:
        return "quiet" if fired is None else "false"
    if fired is None:
        return "never"
    return "in time" if fired.turn <= dialogue.by_turn else "late"


def scripted(bench: Bench) -> Section:
    """Our own dialogues: does the person come in time, and only then?"""
    dialogues = read_scripted(bench.root / "data" / "escalation" / "dialogues.jsonl")
    simulate = bench.simulator()
    judged = _judged(dialogues, simulate)
    in_time, needless = _shares(judged)
    misspelt = [replace(one, turns=tuple(with_slips(text) for text in one.turns)) for one in dialogues]
    slips_in_time, slips_needless = _shares(_judged(misspelt, simulate))
    figures = [
        Figure("scripted dialogues, handed off in time", in_time, 0.95),
        Figure("scripted dialogues, handed off without need", needless, 0.03, at_most=True),
        Figure("the same with slips of the fingers, in time", slips_in_time),
        Figure("the same with slips of the fingers, without need", slips_needless),
    ]
    due = sum(dialogue.by_turn is not None for dialogue in dialogues)
    text = f"""{len(dialogues)} dialogues of our own (`data/escalation/dialogues.jsonl`): {due} say by which turn a
person is due, {len(dialogues) - due} need none. The demo shop's knowledge base answers. Slips: one word in five of four
letters or more has letters swapped, dropped, doubled or taken from the next key (`benchmarks/misspelt.py`).

{_by_kind(judged)}

{_misses(judged)}"""
    return Section("Scripted dialogues", figures, text)


Judged = Sequence[tuple[Scripted, Fired | None, str]]


def _judged(dialogues: Sequence[Scripted], simulate: Simulate) -> Judged:
    fired = [first_firing(dialogue, simulate) for dialogue in dialogues]
    return [(dialogue, first, verdict(dialogue, first)) for dialogue, first in zip(dialogues, fired, strict=True)]


def _shares(judged: Judged) -> tuple[float, float]:
    """Of the dialogues with a person due those handed off in time, of the others those handed off at all."""
    due = [found for dialogue, _, found in judged if dialogue.by_turn is not None]
    idle = [found for dialogue, _, found in judged if dialogue.by_turn is None]
    return due.count("in time") / len(due), idle.count("false") / len(idle)


def _by_kind(judged: Judged) -> str:
    kinds: dict[tuple[bool, str], Counter[str]] = defaultdict(Counter)
    for dialogue, _, found in judged:
        kinds[dialogue.by_turn is None, dialogue.kind][found] += 1
    due = [
        [kind, str(found.total()), *(str(found[name]) for name in ("in time", "late", "never"))]
        for (idle, kind), found in sorted(kinds.items())
        if not idle
    ]
    quiet = [[kind, str(found.total()), str(found["false"])] for (idle, kind), found in sorted(kinds.items()) if idle]
    return "\n\n".join(
        [
            table(["a person is due", "dialogues", "in time", "late", "never"], due),
            table(["no person is due", "dialogues", "handed off"], quiet),
        ]
    )


def _misses(judged: Judged) -> str:
    lines = [
        [
            dialogue.id,
            dialogue.kind,
            found,
            "–" if dialogue.by_turn is None else str(dialogue.by_turn),
            "–" if fired is None else f"turn {fired.turn}, {fired.rule}",
        ]
        for dialogue, fired, found in judged
        if found in ("late", "never", "false")
    ]
    return table(["missed", "kind", "how", "due by turn", "first firing"], lines) if lines else "No misses."


def multidogo(bench: Bench) -> Section:
    """Real customers of six trades: how often would the rules bring in a person?"""
    simulate = bench.simulator()
    domains: dict[str, list[Named]] = {}
    firings = []
    for domain in DOMAINS:
        conversations = _drawn(bench.data / "multidogo" / f"{domain}.csv")
        texts = [text for turns in conversations for text in turns]
        bench.messages.features([bench.messages.read(text) for text in texts])
        bench.encoder.encode(texts)
        found = [(turns, _named(turns, simulate)) for turns in conversations]
        domains[domain] = [named for _, named in found]
        firings += [(domain, *fired) for turns, named in found for fired in _shown(turns, named)]
    if bench.firings is not None:
        _write_firings(bench.firings, firings)
    text = f"""{CONVERSATIONS} conversations a domain (seed {SEED}), the customer's turns in order. The other side is
not in the set, so the demo shop's knowledge base answers customers of other trades: {", ".join(ANSWER_RULES)} say
little here. Share of the conversations in which a rule fires at least once; "{OFFER_ACCEPTED}" is `asked_for_human` on
a word that alone would not ask for anybody.

{_rates(domains)}

### Judged by eye
{SHOWN} random firings of the rules that rest on what the customer wrote, the first of their conversation.

{_judgement(bench.root)}"""
    return Section("Real conversations (MultiDoGO)", [], text)


def _drawn(path: Path) -> list[list[str]]:
    """The customer turns, in order, of conversations drawn at random."""
    conversations: dict[str, list[tuple[float, str]]] = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            conversations[row["conversation_id"]].append((float(row["turn"]), row["text"]))
    names = np.random.default_rng(SEED).choice(sorted(conversations), CONVERSATIONS, replace=False)
    return [[text for _, text in sorted(conversations[name])] for name in names.tolist()]


def _named(turns: Sequence[str], simulate: Simulate) -> Named:
    """The triggers of each turn by rule; trouble, and a yes to an offer of a person, under names of their own."""
    return [
        {_name(text, trigger, simulate): trigger for trigger in triggers}
        for text, triggers in zip(turns, simulate(turns), strict=True)
    ]


def _name(text: str, trigger: Trigger, simulate: Simulate) -> str:
    if trigger.measure == TROUBLE:
        return TROUBLE
    accepted = trigger.rule == "asked_for_human" and not _asks_alone(text, simulate)
    return OFFER_ACCEPTED if accepted else trigger.rule


def _asks_alone(text: str, simulate: Simulate) -> bool:
    return any(trigger.rule == "asked_for_human" for trigger in simulate([text])[0])


def _rates(domains: Mapping[str, Sequence[Named]]) -> str:
    """A line a domain: turns, and the share of the conversations in which each rule fires, the message rules first."""
    fired = {
        domain: [{rule for found in turns for rule in found} for turns in conversations]
        for domain, conversations in domains.items()
    }
    names = {rule for conversations in fired.values() for rules in conversations for rule in rules}
    columns = [*sorted(names.difference(ANSWER_RULES)), *ANSWER_RULES]
    lines = [
        [
            domain,
            str(sum(map(len, domains[domain]))),
            share(sum(map(bool, conversations)) / len(conversations)),
            *(share(sum(rule in rules for rules in conversations) / len(conversations)) for rule in columns),
        ]
        for domain, conversations in fired.items()
    ]
    return table(["domain", "turns", "any rule", *columns], lines)


def _shown(turns: Sequence[str], named: Named) -> list[tuple[str, str, str]]:
    """Text, rule and reason of the first firing of a rule that rests on what was written, if there is one."""
    fired = (
        (text, rule, trigger.explanation)
        for text, triggers in zip(turns, named, strict=True)
        for rule, trigger in triggers.items()
        if rule not in ANSWER_RULES
    )
    first = next(fired, None)
    return [] if first is None else [first]


def _write_firings(path: Path, firings: Sequence[tuple[str, ...]]) -> None:
    chosen = np.random.default_rng(SEED).permutation(len(firings))[:SHOWN]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("domain", "text", "rule", "why"))
        writer.writerows(firings[number] for number in chosen)


def _judgement(root: Path) -> str:
    """What somebody wrote after reading the firings; it outlives each run."""
    path = root / "docs" / "results" / "multidogo-judged.md"
    return path.read_text(encoding="utf-8").strip() if path.is_file() else NOT_JUDGED
