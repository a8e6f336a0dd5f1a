from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.encoder import Encoder
from knowledge_base.cli import kb
from knowledge_base.metrics import Outcome, measure

ARTICLES = [
    {
        "id": "Returns",
        "question": "How do I return an item?",
        "phrasings": ["send boots back"],
        "answer": "Like so.",
    },
    {"id": "hours", "question": "When are the stores open?", "phrasings": [], "answer": "Nine to six."},
]
QUERIES = [
    {"id": "q1", "text": "i want to return a jacket", "relevant": ["Returns"]},
    {"id": "q2", "text": "when do your stores open on sunday", "relevant": ["hours"]},
    {"id": "q3", "text": "what is the tallest mountain on mars", "relevant": []},
]


def lines(path: Path, rows: Sequence[Mapping[str, object]]) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_that_evaluate_prints_metrics_and_writes_predictions(
    tmp_path: Path, repository: Path, encoder: Encoder
) -> None:
    out = tmp_path / "out.jsonl"
    asked = [
        "--articles",
        lines(tmp_path / "a.jsonl", ARTICLES),
        "--queries",
        lines(tmp_path / "q.jsonl", QUERIES),
    ]
    state = ["--state", str(repository / ".offramp")]
    ran = CliRunner().invoke(kb, ["evaluate", *asked, "--predictions", str(out), *state])
    assert ran.exit_code == 0, ran.output
    metrics = json.loads(ran.stdout)
    assert (metrics["queries"], metrics["in_scope"], metrics["accuracy"], metrics["map"]) == (3, 2, 1.0, 1.0)
    predictions = [json.loads(line) for line in out.read_text().splitlines()]
    assert [set(row) for row in predictions] == [{"id", "ranking", "decision", "confidence"}] * 3
    assert predictions[0]["ranking"] == ["Returns", "hours"]
    assert predictions[2]["decision"] == "none"


def test_that_bad_lines_end_in_one_error_with_file_and_line(tmp_path: Path) -> None:
    queries = tmp_path / "q.jsonl"
    queries.write_text('{"id": "q1", "text": "x", "relevant": ["nowhere"]}\n{"id": 7}\noops\n')
    asked = ["--articles", lines(tmp_path / "a.jsonl", ARTICLES), "--queries", str(queries)]
    ran = CliRunner().invoke(kb, ["evaluate", *asked, "--state", str(tmp_path)])
    assert ran.exit_code == 1
    assert [f"{queries}:{number}:" in ran.stderr for number in (1, 2, 3)] == [True] * 3
    assert "nowhere" in ran.stderr


def test_that_metrics_count_as_defined() -> None:
    outcomes = [
        Outcome.of(["a", "b", "c"], frozenset({"a"}), 0.9),
        Outcome.of(["b", "a", "c"], frozenset({"a", "c"}), 0.5),
        Outcome.of(["c", "b", "a"], frozenset(), 0.85),
        Outcome.of(["c", "b", "a"], frozenset(), 0.1),
    ]
    metrics = measure(outcomes)
    assert metrics.accuracy == 0.5
    assert metrics.mrr == 0.75
    assert metrics.map == pytest.approx((1 + (1 / 2 + 2 / 3) / 2) / 2)
    assert metrics.coverage_at_95 == 0.5
    assert metrics.answered_precision == 0.5
    assert metrics.out_of_scope_recall == 0.5
    assert metrics.auroc == 0.75
    assert metrics.in_scope_accuracy == 0.5
