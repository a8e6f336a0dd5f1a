"""Build a snapshot from the articles in a directory."""

from __future__ import annotations

from pathlib import Path

from assistant.encoder import Encoder
from knowledge_base.articles import load_articles
from knowledge_base.index import Index, Progress, build_index
from knowledge_base.learn import learned_before
from knowledge_base.nearest import chosen
from knowledge_base.snapshot import save


def build_snapshot(
    articles_dir: Path, encoder: Encoder, root: Path, progress: Progress = lambda stage, done: None
) -> str:
    """Build, save and make current a snapshot of `articles_dir` below `root`; return its version.

    What customers made known before, kept below `root`, counts. Until the last step the previous snapshot keeps
    serving. Raises `ArticleError` naming all broken articles, `SnapshotError` if what is kept cannot be read.
    """
    articles = load_articles(articles_dir)
    index = with_chosen_search(build_index(articles, encoder, progress), progress)
    calibration = learned_before(root, index.calibration, encoder, index.scorer.kind)
    return save(root, index.with_calibration(calibration), articles, encoder)


def with_chosen_search(index: Index, progress: Progress = lambda stage, done: None) -> Index:
    """Return the index with exact search where that is fast on this machine, with an HNSW graph elsewhere."""
    nearest = chosen(index.scorer.nearest, progress=lambda done: progress("graph", done))
    return index.with_scorer(index.scorer.searched_by(nearest))
