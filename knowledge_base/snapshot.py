"""Versioned snapshots of the index on disk: complete or absent, checked by checksum, swapped atomically.

`<root>/<version>/` holds one snapshot, `<root>/current` names the one that serves. No pickle anywhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.encoder import Encoder
from knowledge_base.articles import Article, load_articles
from knowledge_base.calibration import Calibration
from knowledge_base.export import file_sha256
from knowledge_base.index import Index
from knowledge_base.nearest import Choice, Graph
from knowledge_base.recalibration import Recalibration
from knowledge_base.search import KnowledgeBase
from knowledge_base.snapshot_files import read_articles, read_index, write_files

# Raise it when a change of the code makes old snapshots wrong: they are then rebuilt.
FORMAT = 5
KEPT_SNAPSHOTS = 3
POINTER = "current"
METADATA = "metadata.json"


class SnapshotError(RuntimeError):
    """The snapshot, or the feedback beside it, cannot be used; the message says which file, why, and what to do."""


@dataclass(frozen=True)
class Metadata:
    """`metadata.json`: what was built from what; `files` maps every other file to its SHA-256."""

    format: int
    version: str
    created: str
    model: str
    encoder: str
    articles: int
    rows: int
    fingerprint: str
    calibration: Calibration
    nearest: Choice
    files: dict[str, str]


def fingerprint(articles: Sequence[Article], encoder: Encoder) -> str:
    """Return a digest of everything a snapshot depends on: articles, encoder and format."""
    content = json.dumps([FORMAT, encoder.fingerprint, [asdict(article) for article in articles]], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()


def save(root: Path, index: Index, articles: Sequence[Article], encoder: Encoder) -> str:
    """Write a snapshot, make it current, remove all but the last three, and return its version."""
    root.mkdir(parents=True, exist_ok=True)
    digest = fingerprint(articles, encoder)

    def write(directory: Path, version: str) -> None:
        write_files(directory, index, articles)
        _write_metadata(directory, _metadata(directory, version, digest, index, encoder))

    version = _write_snapshot(root, digest, write)
    _serve(root, version)
    return version


def save_recalibrated(root: Path, version: str, calibration: Calibration) -> str:
    """Make a copy of the snapshot `version` with another calibration current, and return its version.

    Raises `SnapshotError` if another one is current by now.
    """
    metadata = read_metadata(root / version)

    def write(directory: Path, new_version: str) -> None:
        for name in metadata.files:
            shutil.copyfile(root / version / name, directory / name)
        _check_files(directory, metadata)
        _write_metadata(directory, replace(metadata, version=new_version, created=_now(), calibration=calibration))

    new_version = _write_snapshot(root, metadata.fingerprint, write)
    if current_version(root) != version:
        shutil.rmtree(root / new_version, ignore_errors=True)
        raise SnapshotError(f"Another index was built in {root} meanwhile. Run the command again.")
    _serve(root, new_version)
    return new_version


def current_version(root: Path) -> str:
    """Return the version that serves. Raises `SnapshotError` if there is none."""
    try:
        return (root / POINTER).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SnapshotError(f"No index in {root}. Run `offramp kb build`.") from error


def load_current(root: Path, encoder: Encoder) -> KnowledgeBase:
    """Load the snapshot that serves, after checking every file. Raises `SnapshotError`."""
    version = current_version(root)
    directory = root / version
    metadata = read_metadata(directory)
    if metadata.encoder != encoder.fingerprint:
        raise SnapshotError(
            f"The index {directory} was built with the model {metadata.model}, not with this export of "
            f"{encoder.name}. Run `offramp kb build`."
        )
    _check_files(directory, metadata)
    try:
        articles = read_articles(directory)
        index = read_index(directory, articles, metadata.nearest, metadata.calibration)
        return KnowledgeBase(index, articles, encoder, version)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _unusable(directory, error) from error


def read_metadata(directory: Path) -> Metadata:
    """Read a snapshot's metadata. Raises `SnapshotError`."""
    try:
        row = json.loads((directory / METADATA).read_text(encoding="utf-8"))
        if row["format"] != FORMAT:
            raise ValueError(f"format {row['format']}, this version reads {FORMAT}")
        calibration, nearest = row.pop("calibration"), dict(row.pop("nearest"))
        graph = nearest.pop("graph")
        return Metadata(
            calibration=_calibration(calibration),
            nearest=Choice(graph=Graph(**graph) if graph else None, **nearest),
            **row,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(directory, error) from error


def _calibration(row: Mapping[str, Any]) -> Calibration:
    return Calibration(tuple(row["scope"]), tuple(row["winner"]), Recalibration(**row.get("learned", {})))


def is_stale(root: Path, articles_dir: Path, encoder: Encoder) -> bool:
    """Say whether the current snapshot is absent or of other articles, another encoder or another format.

    Raises `ArticleError` if an article is broken.
    """
    articles = load_articles(articles_dir)
    try:
        return read_metadata(root / current_version(root)).fingerprint != fingerprint(articles, encoder)
    except SnapshotError:
        return True


def _unusable(directory: Path, error: Exception) -> SnapshotError:
    return SnapshotError(f"The index {directory} cannot be used ({error}). Run `offramp kb build`.")


def _metadata(directory: Path, version: str, digest: str, index: Index, encoder: Encoder) -> Metadata:
    return Metadata(
        format=FORMAT,
        version=version,
        created=_now(),
        model=encoder.name,
        encoder=encoder.fingerprint,
        articles=len(index.article_ids),
        rows=len(index.scorer.owners),
        fingerprint=digest,
        calibration=index.calibration,
        nearest=index.scorer.nearest.choice,
        files={path.name: file_sha256(path) for path in sorted(directory.iterdir())},
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _write_metadata(directory: Path, metadata: Metadata) -> None:
    (directory / METADATA).write_text(json.dumps(asdict(metadata), indent=2) + "\n", encoding="utf-8")


def _write_snapshot(root: Path, digest: str, write: Callable[[Path, str], None]) -> str:
    """Let `write` fill the directory of a new version, which is complete or absent afterwards; return the version."""
    version = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{digest[:8]}"
    temporary = Path(tempfile.mkdtemp(prefix=".new-", dir=root))
    try:
        write(temporary, version)
        temporary.chmod(0o755)
        temporary.rename(root / version)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return version


def _serve(root: Path, version: str) -> None:
    _point_to(root, version)
    _remove_old(root, version)


def _point_to(root: Path, version: str) -> None:
    temporary = root / f".{POINTER}-{os.getpid()}"
    temporary.write_text(version + "\n", encoding="utf-8")
    temporary.replace(root / POINTER)


def _remove_old(root: Path, version: str) -> None:
    versions = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
    for path in versions[:-KEPT_SNAPSHOTS]:
        if path.name != version:
            shutil.rmtree(path, ignore_errors=True)


def _check_files(directory: Path, metadata: Metadata) -> None:
    for name, expected in metadata.files.items():
        path = directory / name
        if not path.is_file():
            raise SnapshotError(f"{path} is missing. Run `offramp kb build`.")
        if file_sha256(path) != expected:
            raise SnapshotError(f"{path} is truncated or changed: wrong checksum. Run `offramp kb build`.")
