"""The files of a snapshot: articles, vectors, heads and what goes with them. No pickle anywhere.

What reads them may raise whatever a broken file makes numpy, FAISS or JSON raise; `knowledge_base.snapshot` checks
checksums before.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import faiss
import numpy as np

from knowledge_base.articles import Article
from knowledge_base.calibration import Calibration
from knowledge_base.heads import Head
from knowledge_base.index import Index, rows_of, words_in
from knowledge_base.late_interaction import LateInteraction, Projection
from knowledge_base.lexical import Lexicon
from knowledge_base.nearest import Choice, NearestRows
from knowledge_base.scoring import Heads, Scorer

VECTORS = "vectors.faiss"
ARTICLES = "articles.json"
ARRAYS = "heads.npz"
LEXICON = "lexicon.json"
LATE = "late.npz"


def write_files(directory: Path, index: Index, articles: Sequence[Article]) -> None:
    """Write index and articles into an empty directory."""
    scorer = index.scorer
    faiss.write_index(scorer.nearest.index, str(directory / VECTORS))
    arrays = {"owners": scorer.owners}
    if scorer.heads is not None:
        arrays |= _head_arrays("dense", scorer.heads.dense)
        if scorer.heads.lexical is not None:
            arrays |= _head_arrays("lexical", scorer.heads.lexical)
    np.savez(directory / ARRAYS, allow_pickle=False, **arrays)
    if scorer.late is not None:
        np.savez(directory / LATE, allow_pickle=False, **_late_arrays(scorer.late))
    rows = [asdict(article) for article in articles]
    (directory / ARTICLES).write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    if index.lexicon is not None:
        lexicon = {"terms": list(index.lexicon.vocabulary), "idf": index.lexicon.idf.tolist()}
        (directory / LEXICON).write_text(json.dumps(lexicon, ensure_ascii=False), encoding="utf-8")


def _late_arrays(late: LateInteraction) -> dict[str, np.ndarray]:
    return {
        "mean": late.projection.mean,
        "directions": late.projection.directions,
        "owners": late.owners,
        "ids": late.ids,
        "vectors": late.vectors.astype(np.float16),
        "idf": late.idf,
    }


def _head_arrays(name: str, head: Head) -> dict[str, np.ndarray]:
    return {f"{name}_weights": head.weights, f"{name}_intercept": head.intercept}


def read_articles(directory: Path) -> tuple[Article, ...]:
    """Return the articles as they were when the snapshot was built."""
    rows = json.loads((directory / ARTICLES).read_text(encoding="utf-8"))
    return tuple(Article(**row | {name: tuple(row[name]) for name in ("phrasings", "tags")}) for row in rows)


def read_index(directory: Path, articles: Sequence[Article], choice: Choice, calibration: Calibration) -> Index:
    """Return the index of `articles`, with what the snapshot's metadata say of it."""
    nearest = NearestRows(faiss.read_index(str(directory / VECTORS)), choice)
    with np.load(directory / ARRAYS, allow_pickle=False) as arrays:
        heads = _read_heads(dict(arrays))
        owners = arrays["owners"]
    lexicon = _read_lexicon(directory / LEXICON) if heads and heads.lexical else None
    late = _read_late(directory / LATE, len(articles)) if (directory / LATE).is_file() else None
    scorer = Scorer(nearest.vectors(), owners, len(articles), heads, late, nearest)
    wording = words_in(rows_of(articles), articles).whole(owners)
    return Index([article.id for article in articles], scorer, lexicon, wording, calibration)


def _read_late(path: Path, articles: int) -> LateInteraction:
    with np.load(path, allow_pickle=False) as arrays:
        projection = Projection(arrays["mean"], arrays["directions"])
        vectors = arrays["vectors"].astype(np.float32)
        return LateInteraction(projection, articles, arrays["owners"], arrays["ids"], vectors, arrays["idf"])


def _read_heads(arrays: dict[str, np.ndarray]) -> Heads | None:
    def head(name: str) -> Head | None:
        weights = arrays.get(f"{name}_weights")
        return None if weights is None else Head(weights, arrays[f"{name}_intercept"])

    dense = head("dense")
    return None if dense is None else Heads(dense, head("lexical"))


def _read_lexicon(path: Path) -> Lexicon:
    row = json.loads(path.read_text(encoding="utf-8"))
    return Lexicon({term: column for column, term in enumerate(row["terms"])}, np.array(row["idf"], dtype=np.float32))
