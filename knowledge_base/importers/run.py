"""One import: read every file of the source, keep what is good, tell all that is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from knowledge_base.articles import ArticleError, Problem
from knowledge_base.importers.formats import Format, find_files, read_file
from knowledge_base.importers.items import Imported, Outcome, Unpublished
from knowledge_base.importers.plan import Action, Step, Target, apply, open_target

Progress = Callable[[str, int, int], None]


@dataclass
class Report:
    """What an import did, or with `dry_run` would do."""

    dry_run: bool
    files: int = 0
    steps: list[Step] = field(default_factory=list)
    unpublished: list[Unpublished] = field(default_factory=list)
    still_here: list[tuple[Unpublished, Path]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    repeats: int = 0

    def lines(self) -> Iterator[str]:
        """Yield what a person must know, one line each, the summary last."""
        for step in self.steps:
            if self.dry_run and step.action in {Action.NEW, Action.UPDATED}:
                yield f"{step.path}: {step.action}"
            if step.action is Action.KEPT:
                yield f"{step.path}: edited by hand, kept although the source differs; --force overwrites it"
        for item, path in self.still_here:
            yield f"{path}: {item.title!r} is now {item.reason} at the source, but stays here until you delete it"
        for problem in self.problems:
            yield str(problem)
        yield self.summary()

    def summary(self) -> str:
        """Return one line of counts."""
        actions = Counter(step.action for step in self.steps)
        counts = [f"{actions[action]} {action}" for action in Action]
        counts += [f"{len(self.unpublished)} not public at the source"] if self.unpublished else []
        counts += [f"{self.repeats} repeated"] if self.repeats else []
        counts += [f"{len(self.problems)} bad"]
        begin = "Would import" if self.dry_run else "Imported"
        return f"{begin} from {self.files} file{'s' * (self.files != 1)}: {', '.join(counts)}."


def import_articles(
    source: Path,
    directory: Path,
    chosen: Format = Format.AUTO,
    *,
    force: bool = False,
    dry_run: bool = False,
    progress: Progress = lambda stage, done, total: None,
) -> Report:
    """Write the articles of `source` to `directory`, unless `dry_run`; bad ones are in the report.

    `progress` hears a stage, and how many are done of how many. Raises `ArticleError` if nothing can be read at all.
    """
    _check_apart(source, directory)
    files = find_files(source, chosen)
    target = open_target(directory)
    collected = _Collected(Report(dry_run, files=len(files)), target, force)
    for number, file in enumerate(files, start=1):
        for outcome in read_file(file, chosen):
            collected.add(outcome)
            progress(f"read {len(collected.report.steps)} articles", number - 1, len(files))
    report = collected.report
    if not dry_run and report.steps:
        apply(target, report.steps, lambda done: progress("write", done, len(report.steps)))
    return report


def _check_apart(source: Path, directory: Path) -> None:
    inner, outer = directory.resolve(), source.resolve()
    if inner == outer or outer in inner.parents:
        reason = f"lies in the source {source}: the next import would read what this one wrote"
        raise ArticleError([Problem(directory, None, reason)])


@dataclass
class _Collected:
    report: Report
    target: Target
    force: bool
    seen: dict[str, Imported] = field(default_factory=dict)

    def add(self, outcome: Outcome) -> None:
        if isinstance(outcome, Problem):
            self.report.problems.append(outcome)
        elif isinstance(outcome, Unpublished):
            self._leave_out(outcome)
        else:
            self._plan(outcome)

    def _leave_out(self, item: Unpublished) -> None:
        self.report.unpublished.append(item)
        path = self.target.path_of(item.key)
        if path is not None:
            self.report.still_here.append((item, path))

    def _plan(self, item: Imported) -> None:
        earlier = self.seen.setdefault(item.key, item)
        if earlier is item:
            try:
                self.report.steps.append(self.target.plan(item, self.force))
            except ValueError as error:
                self.report.problems.append(Problem(item.path, item.line, f"{item.article.question}: {error}"))
        elif replace(earlier.article, id="") == replace(item.article, id=""):
            self.report.repeats += 1
        else:
            place = earlier.path if earlier.line is None else f"{earlier.path}:{earlier.line}"
            reason = f"{item.key.partition(':')[2]!r} is already in {place}, with another text"
            self.report.problems.append(Problem(item.path, item.line, reason))
