"""What an editor should know before publishing, and what customers will see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from assistant.desk.articles.personal import personal_data
from knowledge_base.article_rules import FEW_PHRASINGS, ArticleFile, Level, article_findings, shared_with
from knowledge_base.articles import Article
from knowledge_base.rendering import to_html


@dataclass(frozen=True)
class Problem:
    """An error keeps the article from being published; a warning may be meant."""

    level: Level
    rule: str
    message: str


@dataclass(frozen=True)
class Checked:
    """`html` is the answer as customers see it, safe to show."""

    html: str
    findings: tuple[Problem, ...]


def check(article: Article, others: Sequence[ArticleFile], names: Sequence[str], changed_outside: bool) -> Checked:
    """Say what is wrong, errors first. `others` are the published articles beside it, `names` the customer's."""
    found = [*_missing(article), *_personal(article, others, names), *_rules(article, others)]
    if changed_outside:
        told = "The file was changed outside the desk since this draft was begun; publishing replaces that change"
        found.append(Problem(Level.WARNING, "changed-outside", told))
    found.sort(key=lambda problem: problem.level is not Level.ERROR)
    return Checked(to_html(article.answer), tuple(found))


def _missing(article: Article) -> list[Problem]:
    missing = []
    if not article.question:
        missing.append(Problem(Level.ERROR, "no-question", "The question is missing"))
    if not article.answer:
        missing.append(Problem(Level.ERROR, "no-answer", "The answer is missing"))
    return missing


def _personal(article: Article, others: Sequence[ArticleFile], names: Sequence[str]) -> list[Problem]:
    text = "\n".join((article.question, *article.phrasings, article.answer))
    found = personal_data(text, names, lambda shown: any(shown in other.text for other in others))
    return [Problem(Level.WARNING, "personal-data", f"“{shown}” looks like {kind}") for kind, shown in found]


def _rules(article: Article, others: Sequence[ArticleFile]) -> list[Problem]:
    # By id: an editor knows articles by that, not by where their files lie.
    file = ArticleFile(Path(article.id), "", article)
    named = [replace(other, path=Path(other.article.id)) for other in others]
    findings = [*article_findings(file), *shared_with(file, named)]
    few = f"Other ways to ask this: {len(article.phrasings)}. With {FEW_PHRASINGS} the assistant recognises it better"
    told = {"few-phrasings": few, "no-tags": "No tags: with them, articles are found more easily here"}
    return [Problem(f.level, f.rule, told.get(f.rule) or _sentence(f.message)) for f in findings]


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
