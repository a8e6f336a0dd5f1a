"""`offramp kb …`: build the index, search it, measure it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table

from assistant.encoder import EncoderError
from knowledge_base.articles import ArticleError
from knowledge_base.importers.formats import Format
from knowledge_base.snapshot import SnapshotError

if TYPE_CHECKING:
    from knowledge_base.explain import Explanation
    from knowledge_base.search import SearchResult

kb = typer.Typer(no_args_is_help=True, help="The FAQ knowledge base: build, search, evaluate.")

ArticlesDir = Annotated[
    Path, typer.Option("--articles", envvar="OFFRAMP_ARTICLES_DIR", help="Directory of articles, Markdown files.")
]
StateDir = Annotated[
    Path, typer.Option("--state", envvar="OFFRAMP_STATE_DIR", help="Directory of encoder and snapshots.")
]
Model = Annotated[
    str | None,
    typer.Option("--model", envvar="OFFRAMP_ENCODER", help="A sentence-transformers model; default: the packaged one."),
]
DEFAULT_ARTICLES = Path("knowledge_base/articles")
DEFAULT_STATE = Path(".offramp")
# Of a text shown with a search.
NEAREST_CHARACTERS = 44
# Of the confidence: what less is learned from customers is not mentioned.
LEAST_LEARNED = 0.005


def _notes() -> Console:
    return Console(stderr=True)


@contextmanager
def _explained() -> Iterator[None]:
    from knowledge_base.export import ExportError

    try:
        yield
    except (ArticleError, EncoderError, ExportError, SnapshotError, OSError) as error:
        _notes().print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error


@contextmanager
def _progress() -> Iterator[Progress]:
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), console=_notes(), transient=True) as progress:
        yield progress


@kb.command()
def build(articles: ArticlesDir = DEFAULT_ARTICLES, state: StateDir = DEFAULT_STATE, model: Model = None) -> None:
    """Build a snapshot of the articles and let it serve."""
    from knowledge_base.build import build_snapshot
    from knowledge_base.export import ensure_encoder
    from knowledge_base.snapshot import read_metadata
    from knowledge_base.stages import stage_bars

    with _explained(), stage_bars(_notes()) as report:
        report("export the encoder", 0.0)
        encoder = ensure_encoder(state, model)
        version = build_snapshot(articles, encoder, state / "kb", report)
        built = read_metadata(state / "kb" / version)
    found = f"{built.articles:,} articles, {built.rows:,} texts, {built.nearest}"
    _notes().print(f"{version} serves: {found}.", highlight=False, soft_wrap=True)


@kb.command()
def search(text: str, state: StateDir = DEFAULT_STATE) -> None:
    """Show what the assistant would do with a question, and why."""
    from assistant.encoder import Encoder
    from knowledge_base.snapshot import load_current

    with _explained():
        known = load_current(state / "kb", Encoder(state / "encoder"))
        found = known.search(text)
        if not found.hits:
            _notes().print("Nothing to search for: no letter, no digit.")
            return
        why = known.explain(text, found)
    summary = f"{found.decision}: confidence {found.confidence:.2f} ({_factors(found, why)})"
    Console().print(summary, highlight=False, soft_wrap=True)
    Console().print(_reasons(found, why))


def _factors(found: SearchResult, why: Explanation) -> str:
    factors = f"some article answers: {why.answerable:.2f}, then it is the first: {why.first:.2f}"
    if abs(why.answerable * why.first - found.confidence) < LEAST_LEARNED:
        return factors
    return f"{factors}, the rest is learned from customers"


def _reasons(found: SearchResult, why: Explanation) -> Table:
    table = Table("article and its nearest text", "score", "prob.", "level", "words", "matches", box=SIMPLE_HEAD)
    for hit, reason in zip(found.hits, why.reasons, strict=True):
        matches = "–" if reason.matches is None else f"{reason.matches:.2f}"
        seen = (f"{hit.score:.2f}", f"{hit.probability:.2f}", f"{reason.level:.2f}", f"{reason.words:.2f}", matches)
        nearest = reason.nearest
        if len(nearest) > NEAREST_CHARACTERS:
            nearest = nearest[: NEAREST_CHARACTERS - 2].rstrip() + " …"
        table.add_row(f"{hit.article_id}\n  [dim]{escape(nearest)}[/dim]", *seen)
    return table


@kb.command()
def evaluate(
    articles: Annotated[Path, typer.Option(help="JSONL: id, question, phrasings, answer.")],
    queries: Annotated[Path, typer.Option(help="JSONL: id, text, relevant article ids (none: out of scope).")],
    predictions: Annotated[Path | None, typer.Option(help="Write a ranking for each query here.")] = None,
    state: StateDir = DEFAULT_STATE,
    model: Model = None,
) -> None:
    """Print JSON metrics of the articles on the queries."""
    from knowledge_base import evaluate as evaluation
    from knowledge_base.articles import parse_articles_jsonl
    from knowledge_base.export import ensure_encoder

    with _explained(), _progress() as progress:
        task = progress.add_task("read")
        known = parse_articles_jsonl(articles)
        asked = evaluation.parse_queries_jsonl(queries, {article.id for article in known})

        def report(stage: str, done: float) -> None:
            progress.update(task, description=f"{stage} {done:.0%}")

        metrics, predicted = evaluation.evaluate(known, asked, ensure_encoder(state, model), report)
        if predictions is not None:
            evaluation.write_predictions(predictions, predicted)
    typer.echo(json.dumps(evaluation.as_json(metrics), indent=2))


@kb.command()
def tune(
    articles: ArticlesDir = DEFAULT_ARTICLES,
    state: StateDir = DEFAULT_STATE,
    model: Model = None,
    minutes: Annotated[float, typer.Option(min=0.1, help="Train this long at most; the comparison comes on top.")] = 5,
) -> None:
    """Tune the encoder on the articles' phrasings; keep it only if it wins on held-out ones."""
    from rich.progress import BarColumn, TimeElapsedColumn

    from knowledge_base.articles import load_articles
    from knowledge_base.tune import TuneError
    from knowledge_base.tune import tune as tune_encoder

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with _explained(), Progress(*columns, console=_notes(), transient=True) as progress:
        task = progress.add_task("tune", total=1.0)

        def report(stage: str, done: float) -> None:
            progress.update(task, description=stage, completed=done)

        try:
            verdict = tune_encoder(load_articles(articles), state, model, seconds=minutes * 60, progress=report)
        except TuneError as error:
            _notes().print(str(error), style="red", markup=False, highlight=False, soft_wrap=True)
            raise typer.Exit(1) from error
    _notes().print(str(verdict), highlight=False, soft_wrap=True)


@kb.command("import")
def import_(
    source: Annotated[Path, typer.Argument(help="A file, or a directory of files.")],
    to: Annotated[Path, typer.Option("--to", help="Directory to write to, one Markdown file an article.")],
    source_format: Annotated[Format, typer.Option("--format", help="What SOURCE is.")] = Format.AUTO,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing, say what would be written.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also overwrite files that were edited by hand.")] = False,
) -> None:
    """Write articles from a CSV, JSONL, Markdown or HTML source, or a Zendesk or Intercom export.

    Good ones are written, bad ones told; then it ends with 1.
    """
    from knowledge_base.importers.run import import_articles

    bar = Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=_notes(), transient=True
    )
    with _explained(), bar:
        task = bar.add_task("read", total=None)
        report = import_articles(
            source,
            to,
            source_format,
            force=force,
            dry_run=dry_run,
            progress=lambda stage, done, total: bar.update(task, description=stage, completed=done, total=total),
        )
    for line in report.lines():
        typer.echo(line, err=True)
    if report.problems:
        raise typer.Exit(1)


@kb.command()
def lint(
    articles: ArticlesDir = DEFAULT_ARTICLES,
    state: StateDir = DEFAULT_STATE,
    model: Model = None,
    as_json: Annotated[bool, typer.Option("--json", help="Machine-readable.")] = False,
) -> None:
    """Say what to repair in the articles, one line each. Ends with 1 if there are errors, not for warnings."""
    from knowledge_base import lint as linting
    from knowledge_base.export import ensure_encoder

    with _explained(), _progress() as progress:
        task = progress.add_task("export the encoder")

        def report(stage: str, done: float) -> None:
            progress.update(task, description=f"{stage} {done:.0%}")

        findings = linting.lint(articles, ensure_encoder(state, model), report)
    if as_json:
        typer.echo(json.dumps([finding.as_json() for finding in findings], indent=2, ensure_ascii=False))
    else:
        for finding in findings:
            typer.echo(str(finding))
    errors = sum(finding.level is linting.Level.ERROR for finding in findings)
    _notes().print(f"{errors} errors, {len(findings) - errors} warnings.", highlight=False)
    if errors:
        raise typer.Exit(1)
