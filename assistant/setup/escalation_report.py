"""`offramp escalation fit`: thresholds for this installation, and a report of what they do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from assistant.encoder import Encoder
from assistant.escalation.thresholds import FITTED_FILE, PRESET, RuleSettings
from assistant.observe.verdicts import Verdict
from assistant.replay.run import load_simulator
from assistant.replay.scripted import Tally, read_scripted, tally
from assistant.setup.environments import ROOT
from assistant.setup.escalation_fit import (
    CONVERSATION_BOUNDS,
    MESSAGE_BOUNDS,
    OutOfFold,
    fit_presets,
    score_out_of_fold,
)
from assistant.setup.escalation_verdicts import adjusted
from assistant.setup.trouble_fit import tell

DATA = ROOT / "data" / "escalation"
FIT_DIALOGUES = DATA / "dialogues_fit.jsonl"
Progress = Callable[[str, float], None]
Presets = Mapping[str, Mapping[str, float]]


def fit_and_report(state_dir: Path, verdicts: Sequence[Verdict], report: Path, keep: bool, progress: Progress) -> None:
    """Fit, write the report, and with `keep` the thresholds. Raises `TrainingDataError` and what replay raises."""
    scored = score_out_of_fold(DATA, Encoder(state_dir / "encoder"), progress)
    progress("dialogues", 0.8)
    simulator = load_simulator(state_dir)
    dialogues = read_scripted(FIT_DIALOGUES)
    fitted = fit_presets(scored, lambda at: tell(dialogues, simulator, at))
    presets = {name: adjusted(values, verdicts) for name, values in fitted.items()}
    settings = RuleSettings(fitted=presets)
    tallies = {
        name: tally(dialogues, simulator, replace(settings, everybody={PRESET: name}).thresholds()) for name in presets
    }
    report.parent.mkdir(parents=True, exist_ok=True)
    report.write_text(_report(scored, presets, tallies, verdicts), encoding="utf-8")
    if keep:
        body = {"fitted": datetime.now(UTC).isoformat(timespec="seconds"), "presets": presets}
        path = state_dir / FITTED_FILE
        temporary = path.with_suffix(".tmp")
        temporary.write_text(json.dumps(body, indent=2) + "\n", encoding="utf-8")
        temporary.replace(path)


def _report(scored: OutOfFold, presets: Presets, tallies: Mapping[str, Tally], verdicts: Sequence[Verdict]) -> str:
    names = list(presets)
    thresholds = [[f"`{key}`", *(f"{presets[name][key]:.3f}" for name in names)] for key in presets[names[0]]]
    found = [[title, *cells] for title, cells in _found(scored, presets).items()]
    dialogues = [
        ["a person in time", *(f"{tallies[name].in_time:.3f}" for name in names)],
        ["in time or offered", *(f"{tallies[name].in_time_or_offered:.3f}" for name in names)],
        ["a person without need", *(f"{tallies[name].needless:.3f}" for name in names)],
    ]
    said = Counter(str(verdict.verdict) for verdict in verdicts)
    return f"""# Fitted thresholds

Written by `offramp escalation fit` on {datetime.now(UTC):%Y-%m-%d}, from `data/escalation/` and {len(verdicts)}
verdicts of agents ({said["right"]} right, {said["needless"]} needless, {said["late"]} late).

{_table(["threshold", *names], thresholds)}

Bounds: {_shares(MESSAGE_BOUNDS)} of the messages that should not fire a rule do, scored by heads that have not seen
them; {_shares(CONVERSATION_BOUNDS)} of the dialogues that need nobody reach the running score
(`{", ".join(names)}`). The weights are those at which a running score of 1 is as likely right as needless.

## What they find
Share of the labelled messages, scored by heads that have not seen them.

{_table(["messages", *names], found)}

## The dialogues written for fitting
`{FIT_DIALOGUES.name}`; the demo shop's knowledge base answers.

{_table(["dialogues", *names], dialogues)}
"""


def _found(scored: OutOfFold, presets: Presets) -> dict[str, list[str]]:
    angry = [s.angry for s, label in zip(scored.mood, scored.mood_labels, strict=True) if label == "angry"]
    wishes = scored.human[scored.wants_human]
    abuse = scored.abusive[scored.is_abuse]
    sensitive = scored.topics[scored.topic_labels > 0, 1:].max(axis=1)

    def shares(scores: Sequence[float], key: str) -> list[str]:
        return [f"{sum(s >= values[key] for s in scores) / len(scores):.3f}" for values in presets.values()]

    return {
        "that ask for a person": shares(wishes.tolist(), "asked_for_human"),
        "the same, offered or brought one": shares(wishes.tolist(), "offer_human"),
        "furious": shares(angry, "furious"),
        "abusive": shares(abuse.tolist(), "abusive"),
        "on a sensitive topic": shares(sensitive.tolist(), "sensitive"),
    }


def _shares(bounds: Mapping[str, float]) -> str:
    return " / ".join(f"{bound:.1%}" for bound in bounds.values())


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
