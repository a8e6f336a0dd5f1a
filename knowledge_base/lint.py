"""What an editor should repair in the articles before customers notice."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from assistant.encoder import Encoder
from knowledge_base.article_rules import ArticleFile, Finding, Level, article_findings, shared_phrasings
from knowledge_base.articles import ArticleError, load_articles, parse_article
from knowledge_base.rivals import Progress, Rivalry, find_rivals

__all__ = ["Finding", "Level", "lint"]

# Texts shown of each side of two articles that fight.
EXAMPLES = 2


def lint(
    directory: Path, encoder: Encoder | None = None, progress: Progress = lambda stage, done: None
) -> list[Finding]:
    """Return all findings, sorted by file and line. Without an encoder, articles that fight are not looked for.

    Broken articles are findings too. Raises `OSError`, and `ArticleError` if `directory` holds no article.
    """
    findings = _broken(directory)
    files = list(_good_files(directory))
    for file in files:
        findings += article_findings(file)
    findings += shared_phrasings(files)
    if encoder is not None:
        by_id = {file.article.id: file for file in files}
        rivals = find_rivals([file.article for file in by_id.values()], encoder, progress)
        findings += [_rivalry_finding(rivalry, by_id) for rivalry in rivals]
    return sorted(findings, key=lambda found: (str(found.path), found.line or 0, found.rule, found.message))


def _broken(directory: Path) -> list[Finding]:
    try:
        load_articles(directory)
    except ArticleError as error:
        if any(problem.path == directory for problem in error.problems):
            raise
        return [Finding(found.path, found.line, Level.ERROR, "broken", found.reason) for found in error.problems]
    return []


def _good_files(directory: Path) -> Iterator[ArticleFile]:
    for path in sorted(directory.rglob("*.md")):
        try:
            text = path.read_text(encoding="utf-8-sig")
            yield ArticleFile(path, text, parse_article(text))
        except ValueError:
            # Told by `_broken`.
            continue


def _rivalry_finding(rivalry: Rivalry, by_id: Mapping[str, ArticleFile]) -> Finding:
    first, second = by_id[rivalry.first.id], by_id[rivalry.second.id]
    lost = len(rivalry.lost_by_first) + len(rivalry.lost_by_second)
    examples = [f"“{text}” (here)" for text in rivalry.lost_by_first[:EXAMPLES]]
    examples += [f"“{text}” (there)" for text in rivalry.lost_by_second[:EXAMPLES]]
    message = f"fights with {second.path} over {lost} texts: {', '.join(examples)}"
    return first.finding(Level.WARNING, "rivals", message)
