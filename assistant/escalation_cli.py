"""`offramp escalation …`: fit the thresholds of the rules, and explain what one message scores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from assistant.commands import ask_redis, failed, known_redis_url
from assistant.settings import Settings

if TYPE_CHECKING:
    from assistant.observe.verdicts import Verdict

escalation = typer.Typer(no_args_is_help=True, help="The rules that bring in a person: fit, explain.")
_notes = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except (RuntimeError, ValueError, OSError) as error:
        raise failed(str(error)) from error


@escalation.command()
def fit(
    days: Annotated[int, typer.Option(min=1, help="Use agents' verdicts of this many days.")] = 90,
    report: Annotated[Path | None, typer.Option(help="Write the report here; default: in the state directory.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only write the report.")] = False,
) -> None:
    """Refit the thresholds on data/escalation and on agents' verdicts. They hold from the next start on."""
    from assistant.setup.escalation_report import fit_and_report

    settings = Settings()
    verdicts = _verdicts(settings, days)
    bar = Progress(TextColumn("{task.description}"), BarColumn(), console=_notes, transient=True)
    with _explained(), bar:
        task = bar.add_task("fit", total=1.0)
        target = report or settings.state_dir / "escalation" / "report.md"
        fit_and_report(
            settings.state_dir,
            verdicts,
            target,
            keep=not dry_run,
            progress=lambda stage, done: bar.update(task, description=stage, completed=done),
        )
    _notes.print(f"Report: {target}")
    if not dry_run:
        _notes.print("The new thresholds hold from the next `offramp up` on.")


def _verdicts(settings: Settings, days: int) -> list[Verdict]:
    from assistant.observe.verdicts import read_verdicts

    if known_redis_url(settings) is None:
        _notes.print("Nothing is running and REDIS_URL is not set: no verdicts of agents are used.")
        return []
    return ask_redis(settings, lambda url: read_verdicts(url, days))


@escalation.command()
def explain(text: Annotated[str, typer.Argument(help="A customer's message.")]) -> None:
    """Show what a message scores, the words that count as cues, and whether it fires alone."""
    from assistant.setup.escalation_explain import explain_message

    with _explained():
        explained = explain_message(text, Settings().state_dir)
    table = Table("score", "probability")
    for name, probability in explained.scores.items():
        table.add_row(name, f"{probability:.2f}")
    console = Console(highlight=False)
    console.print(table)
    for cue in explained.cues:
        console.print(f"  {cue}", markup=False)
    console.print(explained.fires or "Alone, this message brings in nobody.", markup=False)
