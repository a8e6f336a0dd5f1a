"""The long form of the fault tests: kills each process in the middle of turns, races claims against the bot.

    .venv/bin/python benchmarks/faults.py --rounds 20 --races 200

Starts its own product. Takes some ten minutes on two cores. Writes docs/results/faults.md.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results" / "faults.md"
TESTS = ("tests/faults/test_races.py", "tests/faults/test_kills.py")


def run(rounds: int, races: int) -> list[tuple[str, float, str]]:
    """(what was tried, seconds, outcome) for each test."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory) / "report.xml"
        environment = {**os.environ, "OFFRAMP_FAULT_ROUNDS": str(rounds), "OFFRAMP_RACES": str(races)}
        command = [sys.executable, "-m", "pytest", *TESTS, f"--junitxml={report}", "--timeout=1800"]
        subprocess.run(command, cwd=ROOT, env=environment, check=False)
        cases = ElementTree.parse(report).getroot().iter("testcase")
        return [(sentence(c.get("name", "")), float(c.get("time", "0")), outcome(c)) for c in cases]


def sentence(name: str) -> str:
    return name.removeprefix("test_that_").replace("_", " ")


def outcome(case: ElementTree.Element) -> str:
    return "failed" if case.find("failure") is not None or case.find("error") is not None else "held"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=20, help="kills of each process")
    parser.add_argument("--races", type=int, default=200, help="claims against a thinking bot")
    options = parser.parse_args()
    rows = run(options.rounds, options.races)
    text = "\n".join(
        [
            "# Faults",
            "",
            f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores by",
            f"`.venv/bin/python benchmarks/faults.py --rounds {options.rounds} --races {options.races}`.",
            "",
            f"Each process was killed (SIGKILL) {options.rounds} times at a random moment while four customers sent",
            "five messages each as an app does, with retries under the same id. After each kill every accepted message",
            "had to have its answer or a human, and the log to hold it once; at the end the auditor read all logs.",
            f"A claim was raced against a thinking bot {options.races} times.",
            "",
            "| what was checked | outcome | seconds |",
            "|---|---|---|",
            *(f"| {name} | {held} | {seconds:.0f} |" for name, seconds, held in rows),
            "",
        ]
    )
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(text)
    print(text)
    if any(held != "held" for _, _, held in rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
