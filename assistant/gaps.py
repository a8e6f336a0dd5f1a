"""`offramp kb gaps`: which articles are missing, by what customers asked in vain."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.commands import ask_redis, failed
from assistant.settings import Settings

if TYPE_CHECKING:
    from knowledge_base.gaps import Gap, Question

TABLE_EXAMPLES = 3


def gaps(
    days: Annotated[int, typer.Option(min=1, help="Look back this many days.")] = 30,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
    limit: Annotated[int, typer.Option(min=1, help="Show this many at most.")] = 20,
    input: Annotated[
        Path | None,
        typer.Option(help="Read questions from JSONL {text, conversation} instead of the conversations."),
    ] = None,
) -> None:
    """Show what customers asked and was not answered or did not help, most customers first."""
    from assistant.encoder import EncoderError
    from knowledge_base.articles import ArticleError
    from knowledge_base.snapshot import SnapshotError

    settings = Settings()
    try:
        questions = _questions(settings, days, input)
        found = _found(settings.state_dir, questions)
    except (ArticleError, EncoderError, SnapshotError) as error:
        raise failed(str(error)) from error
    if as_json:
        typer.echo(json.dumps([asdict(gap) for gap in found[:limit]], ensure_ascii=False, indent=2))
    else:
        _show(found, limit, len(questions))


def _questions(settings: Settings, days: int, exported: Path | None) -> list[Question]:
    from assistant.observe.questions import read_unanswered
    from knowledge_base.gaps import parse_questions_jsonl

    if exported:
        return list(parse_questions_jsonl(exported))
    return ask_redis(settings, lambda url: read_unanswered(url, days))


def _found(state_dir: Path, questions: list[Question]) -> list[Gap]:
    from assistant.encoder import Encoder
    from knowledge_base.gaps import find_gaps
    from knowledge_base.snapshot import load_current

    encoder = Encoder(state_dir / "encoder")
    knowledge_base = load_current(state_dir / "kb", encoder)
    with Console(stderr=True).status("Read") as status:
        return find_gaps(
            questions, knowledge_base, encoder, lambda stage, done: status.update(f"{stage.capitalize()} {done:.0%}")
        )


def _show(found: list[Gap], limit: int, questions: int) -> None:
    console = Console(highlight=False)
    if not found:
        console.print("No question went unanswered.")
        return
    table = Table("customers", "asked", "question", "nearest article", "near", show_lines=True)
    for gap in found[:limit]:
        examples = "".join(f"\n  {example}" for example in gap.examples[:TABLE_EXAMPLES])
        table.add_row(
            str(gap.customers),
            str(gap.count),
            escape(gap.question) + f"[dim]{escape(examples)}[/dim]",
            gap.nearest or "–",
            f"{gap.probability:.2f}",
        )
    console.print(table)
    console.print(f"{questions} questions, {len(found)} gaps, {min(limit, len(found))} shown.")
