"""What an import writes: one file an article, the same at every import, never over what was edited by hand."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from itertools import chain, count
from pathlib import Path
from typing import Any

import yaml
from pydantic import TypeAdapter, ValidationError

from knowledge_base.articles import Article, ArticleError, Problem, parse_article
from knowledge_base.importers.items import Imported

# Beside the articles, to be kept with them: which source each came from, and what the import wrote.
MANIFEST = ".imported.json"


class Action(StrEnum):
    """What happens to one article's file."""

    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    KEPT = "kept as edited by hand"


@dataclass(frozen=True)
class Written:
    """What the last import wrote for a source's article: the id, and the SHA-256 of the file's text."""

    id: str
    sha256: str


@dataclass(frozen=True)
class Step:
    """One article's file. `text` is what the source says now; a `KEPT` file differs from it and stays."""

    key: str
    id: str
    path: Path
    text: str
    action: Action


Manifest = dict[str, Written]


@dataclass
class Target:
    """The directory imported to: its manifest, and the articles already there by id."""

    directory: Path
    manifest: Manifest
    existing: dict[str, Path]
    _claimed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._claimed = {written.id for written in self.manifest.values()}

    def path_of(self, key: str) -> Path | None:
        """Return the file of a source's article if an earlier import wrote it and it is still there."""
        written = self.manifest.get(key)
        return self.existing.get(written.id) if written else None

    def plan(self, item: Imported, force: bool) -> Step:
        """Decide what to do with an article. Raises `ValueError` if it would not load."""
        written = self.manifest.get(item.key)
        article_id = written.id if written else self._new_id(item)
        self._claimed.add(article_id)
        text = render(replace(item.article, id=article_id))
        path = self.existing.get(article_id, self.directory / f"{article_id}.md")
        return Step(item.key, article_id, path, text, _action(path, text, written, force))

    def _new_id(self, item: Imported) -> str:
        wanted = item.article.id
        if wanted in self.existing and wanted not in self._claimed and (item.own_id or self._is_there(item)):
            return wanted
        names = chain([wanted], (f"{wanted}-{number}" for number in count(2)))
        return next(name for name in names if name not in self._claimed and name not in self.existing)

    def _is_there(self, item: Imported) -> bool:
        return _digest_of(self.existing[item.article.id]) == digest(render(item.article))


def open_target(directory: Path) -> Target:
    """Read what is already in `directory`, which need not exist. Raises `ArticleError` for a broken manifest."""
    existing: dict[str, Path] = {}
    for path in sorted(directory.rglob("*.md")):
        existing.setdefault(_id_of(path), path)
    return Target(directory, _read_manifest(directory / MANIFEST), existing)


def render(article: Article) -> str:
    """Return the file's text. Raises `ValueError` if it would not be read back as the same article."""
    defaults: dict[str, Any] = {"phrasings": (), "tags": (), "human_only": False, "locale": "en", "url": None}
    front = {name: value for name, value in asdict(article).items() if name != "answer"}
    front = {name: value for name, value in front.items() if name not in defaults or value != defaults[name]}
    front = {name: list(value) if isinstance(value, tuple) else value for name, value in front.items()}
    dumped = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=10_000)
    text = f"---\n{dumped}---\n{article.answer}\n"
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ValueError("holds half of a surrogate pair, which is not text") from error
    if parse_article(text) != replace(article, answer=article.answer.strip()):
        raise ValueError("would not be read back as it is")
    return text


def apply(target: Target, steps: Sequence[Step], progress: Callable[[int], None] = lambda done: None) -> None:
    """Write new and updated files, then the manifest. Each file appears complete or not at all."""
    target.directory.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(steps, start=1):
        if step.action in {Action.NEW, Action.UPDATED}:
            _write(step.path, step.text)
        if step.action is not Action.KEPT:
            target.manifest[step.key] = Written(step.id, digest(step.text))
        progress(number)
    _write(target.directory / MANIFEST, _manifest_text(target.manifest))


def digest(text: str) -> str:
    """Return the SHA-256 of a file's text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _action(path: Path, text: str, written: Written | None, force: bool) -> Action:
    if not path.exists():
        return Action.NEW
    found = _digest_of(path)
    if found == digest(text):
        return Action.UNCHANGED
    if force or (written and found == written.sha256):
        return Action.UPDATED
    # Edited here, but nothing new at the source: nothing is withheld.
    return Action.UNCHANGED if written and written.sha256 == digest(text) else Action.KEPT


def _digest_of(path: Path) -> str:
    # Line ends changed by a checkout are no edit.
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()


def _id_of(path: Path) -> str:
    try:
        return parse_article(path.read_text(encoding="utf-8-sig")).id
    except ValueError:
        return path.stem


def _read_manifest(path: Path) -> Manifest:
    try:
        return TypeAdapter(Manifest).validate_json(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValidationError as error:
        reason = "not a list of what was imported: restore it, or delete it to import as if for the first time"
        raise ArticleError([Problem(path, None, reason)]) from error


def _manifest_text(manifest: Manifest) -> str:
    rows: Iterable[str] = (
        f"{json.dumps(key, ensure_ascii=False)}: {json.dumps(asdict(manifest[key]))}" for key in sorted(manifest)
    )
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(text, encoding="utf-8", newline="\n")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
