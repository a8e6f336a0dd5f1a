"""What the article editor shows, as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from difflib import ndiff
from typing import Any

from assistant.conversation.events import iso_time
from assistant.desk.articles.drafts import Change, Draft, Entry
from assistant.desk.articles.publisher import BuildState, Stage
from knowledge_base.articles import Article

# Which part of the form a rule is about.
FIELDS = {
    "no-question": "question",
    "no-answer": "answer",
    "few-phrasings": "phrasings",
    "repeated-phrasing": "phrasings",
    "shared-phrasing": "phrasings",
    "no-tags": "tags",
    "long-answer": "answer",
    "several-topics": "answer",
    "wrong-link": "answer",
}


def row(article: Article, published: Article | None, draft: Draft | None) -> dict[str, Any]:
    """A line of the list. `state`: `published`, `changed` since it was published, `draft` if never published."""
    state = "published" if draft is None else "changed" if published else "draft"
    return {
        "id": article.id,
        "question": article.question,
        "tags": list(article.tags),
        "human_only": article.human_only,
        "state": state,
        "saved": _saved(draft),
    }


def archived_row(article_id: str, question: str) -> dict[str, Any]:
    return {"id": article_id, "question": question, "tags": [], "human_only": False, "state": "archived", "saved": None}


def content(article: Article) -> dict[str, Any]:
    """What can be edited of an article."""
    return {
        "question": article.question,
        "phrasings": list(article.phrasings),
        "answer": article.answer,
        "tags": list(article.tags),
        "human_only": article.human_only,
        "url": article.url,
    }


def detail(article_id: str, revision: int, published: Article | None, draft: Draft | None) -> dict[str, Any]:
    """An opened article. `draft` is null when nothing is unpublished, `published` when it is not with customers."""
    return {
        "id": article_id,
        "revision": revision,
        "published": content(published) if published else None,
        "draft": content(draft.article) if draft else None,
        "saved": _saved(draft),
        "conversation_id": draft.conversation_id if draft else None,
    }


def _saved(draft: Draft | None) -> dict[str, Any] | None:
    return {"at": iso_time(draft.saved_at), "by": draft.saved_by.name} if draft else None


def build(state: BuildState, serving: str | None) -> dict[str, Any]:
    """The last publication. `serving` is true once the assistant answers from what was built."""
    shown = {**asdict(state), "stage": state.stage.value, "at": iso_time(state.at) if state.at else None}
    return shown | {"serving": state.stage is Stage.BUILT and state.version == serving}


def history(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Newest first, each with what changed against the one before it."""
    before: list[Entry | None] = [*entries[1:], None]
    return [
        {
            "number": number,
            "change": entry.change.value,
            "at": iso_time(entry.at),
            "by": entry.by.name if entry.by else None,
            "article": content(entry.article),
            "diff": difference(_shown(earlier), _shown(entry)),
        }
        for number, (entry, earlier) in enumerate(zip(entries, before, strict=True))
    ]


def _shown(entry: Entry | None) -> Article | None:
    return None if entry is None or entry.change is Change.ARCHIVED else entry.article


def difference(before: Article | None, after: Article | None) -> list[dict[str, str]]:
    """Lines that are `same`, `added` or `removed`, by part of the article; parts without a change are left out."""
    old, new = _parts(before), _parts(after)
    lines = []
    for part in new:
        if old[part] == new[part]:
            continue
        for line in ndiff(old[part], new[part]):
            kind = {"  ": "same", "+ ": "added", "- ": "removed"}.get(line[:2])
            if kind:
                lines.append({"part": part, "kind": kind, "text": line[2:]})
    return lines


def _parts(article: Article | None) -> Mapping[str, list[str]]:
    return {
        "question": [article.question] if article else [],
        "answer": article.answer.splitlines() if article else [],
        "phrasings": list(article.phrasings) if article else [],
        "tags": list(article.tags) if article else [],
        "human_only": ["People only"] if article and article.human_only else [],
        "url": [article.url] if article and article.url else [],
    }
