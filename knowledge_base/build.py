"""Build a snapshot from the articles in a directory."""

from __future__ import annotations

from pathlib import Path

from assistant.encoder import Encoder
from knowledge_base.articles import load_articles
from knowledge_base.index import Progress, build_index
from knowledge_base.snapshot import save


def build_snapshot(
    articles_dir: Path, encoder: Encoder, root: Path, progress: Progress = lambda stage, done: None
) -> str:
    """Build, save and make current a snapshot of `articles_dir` below `root`; return its version.

    Until the last step the previous snapshot keeps serving. Raises `ArticleError` naming all broken articles.
    """
    articles = load_articles(articles_dir)
    return save(root, build_index(articles, encoder, progress), articles, encoder)
