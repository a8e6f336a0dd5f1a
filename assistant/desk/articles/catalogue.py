"""The article files that are published, as one directory holds them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from threading import Lock

from knowledge_base.article_rules import ArticleFile
from knowledge_base.articles import parse_article

# Of a file written anew, as an editor would leave it.
FILE_MODE = 0o644


class Catalogue:
    """Reads what is there at every call; a file that did not change is parsed once. Safe to call from threads."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._parsed: dict[Path, tuple[tuple[int, int], ArticleFile | str]] = {}
        self._reading = Lock()

    def files(self) -> dict[str, ArticleFile]:
        """Article id → its file, in the order of the paths. Files that cannot be used are left out."""
        found: dict[str, ArticleFile] = {}
        for file in self._read():
            if isinstance(file, ArticleFile):
                found.setdefault(file.article.id, file)
        return found

    def problem(self) -> str | None:
        """What keeps anything from being published; None if nothing does."""
        if not self.directory.is_dir():
            return f"The articles directory {self.directory} does not exist."
        if not os.access(self.directory, os.W_OK | os.X_OK):
            return f"The articles directory {self.directory} is read-only for the desk."
        broken = [reason for reason in self._read() if isinstance(reason, str)]
        if broken:
            return f"{len(broken)} article files cannot be read: {broken[0]}. Repair them first."
        return None

    def place_for(self, article_id: str) -> Path:
        """Where the article stands, or where a new one goes."""
        file = self.files().get(article_id)
        return file.path if file else self.directory / f"{article_id}.md"

    def _read(self) -> Iterator[ArticleFile | str]:
        """Each file, or what is wrong with it."""
        with self._reading:
            known, self._parsed = self._parsed, {}
            for path in sorted(self.directory.rglob("*.md")):
                try:
                    status = path.stat()
                    stamp = (status.st_mtime_ns, status.st_size)
                    before = known.get(path)
                    self._parsed[path] = before if before and before[0] == stamp else (stamp, _parse(path))
                except FileNotFoundError:
                    continue  # removed meanwhile
            return iter([file for _, file in self._parsed.values()])


def as_it_was(files: Mapping[str, ArticleFile], path: Path, text: str | None) -> dict[str, ArticleFile]:
    """The files when the one at `path` held `text`; None: when it was absent."""
    kept = [file for file in files.values() if file.path != path]
    if text is not None:
        kept.append(ArticleFile(path, text, parse_article(text)))
    return {file.article.id: file for file in sorted(kept, key=lambda file: file.path)}


def _parse(path: Path) -> ArticleFile | str:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return ArticleFile(path, text, parse_article(text))
    except (ValueError, OSError) as error:
        return f"{path}: {error}"


def write(path: Path, text: str) -> None:
    """Write a file that appears complete or not at all. Raises `OSError`."""
    handle, name = tempfile.mkstemp(prefix=".", suffix=".new", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(path.stat().st_mode & 0o777 if path.exists() else FILE_MODE)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def put(path: Path, text: str | None) -> None:
    """Make the file hold `text`; None: make it absent. Raises `OSError`."""
    if text is None:
        path.unlink(missing_ok=True)
    else:
        write(path, text)
