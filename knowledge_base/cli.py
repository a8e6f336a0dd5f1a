"""`offramp kb …`: build the index, search it, measure it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table

from assistant.encoder import EncoderError
from knowledge_base.articles import ArticleError
from knowledge_base.snapshot import SnapshotError

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

    with _explained(), _progress() as progress:
        task = progress.add_task("export the encoder")
        encoder = ensure_encoder(state, model)

        def report(stage: str, done: float) -> None:
            progress.update(task, description=f"{stage} {done:.0%}")

        version = build_snapshot(articles, encoder, state / "kb", report)
    _notes().print(f"{version} serves.", highlight=False)


@kb.command()
def search(text: str, state: StateDir = DEFAULT_STATE) -> None:
    """Show what the assistant would do with a question, and why."""
    from assistant.encoder import Encoder
    from knowledge_base.snapshot import load_current

    with _explained():
        found = load_current(state / "kb", Encoder(state / "encoder")).search(text)
    table = Table("article", "score", "probability", title=f"{found.decision} (confidence {found.confidence:.2f})")
    for hit in found.hits:
        table.add_row(hit.article_id, f"{hit.score:.2f}", f"{hit.probability:.2f}")
    Console().print(table)


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
