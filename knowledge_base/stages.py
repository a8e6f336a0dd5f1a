"""Progress on the terminal: a bar a stage, with the share done and the time taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from knowledge_base.index import Progress as Report


@contextmanager
def stage_bars(console: Console) -> Iterator[Report]:
    """Yield a function that hears stages and shares done (0–1); a bar pulses until its stage has a share."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def report(stage: str, done: float) -> None:
            if stage not in tasks:
                for task in tasks.values():
                    progress.update(task, total=1.0, completed=1.0)
                tasks[stage] = progress.add_task(stage, total=None)
            if done > 0:
                progress.update(tasks[stage], total=1.0, completed=done)

        yield report
