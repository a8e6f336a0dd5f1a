from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.encoder import Encoder
from knowledge_base.articles import ArticleError, load_articles
from knowledge_base.build import build_snapshot
from knowledge_base.index import build_index
from knowledge_base.search import KnowledgeBase
from knowledge_base.snapshot import SnapshotError, current_version, is_stale, load_current

ARTICLE = """---
id: {id}
question: {question}
phrasings: [{phrasing}]
---
{question} Like **this**.
"""


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    directory = tmp_path / "articles"
    directory.mkdir()
    for name, question, phrasing in (
        ("return-an-item", "How do I return an item?", "send my boots back"),
        ("gift-card", "How do I use a gift card?", "redeem a voucher"),
        ("opening-hours", "When are your stores open?", "opening times on sunday"),
    ):
        text = ARTICLE.format(id=name, question=question, phrasing=phrasing)
        (directory / f"{name}.md").write_text(text, encoding="utf-8")
    return directory


def test_that_a_snapshot_answers_as_it_was_built(articles: Path, tmp_path: Path, encoder: Encoder) -> None:
    root = tmp_path / "kb"
    version = build_snapshot(articles, encoder, root)
    loaded = load_current(root, encoder)
    assert loaded.version == version == current_version(root)
    assert loaded.search("can i send these shoes back").hits[0].article_id == "return-an-item"
    known = load_articles(articles)
    built = KnowledgeBase(build_index(known, encoder), known, encoder, version)
    for asked in ("can i send these shoes back", "are you open", "redeem it like this"):
        assert loaded.evidence(asked) == pytest.approx(built.evidence(asked), abs=1e-6)
    assert loaded.article("gift-card").answer == "How do I use a gift card? Like **this**."
    assert not is_stale(root, articles, encoder)


def test_that_an_edit_makes_it_stale_and_a_broken_edit_keeps_the_last_good_one(
    articles: Path, tmp_path: Path, encoder: Encoder
) -> None:
    root = tmp_path / "kb"
    assert is_stale(root, articles, encoder)
    version = build_snapshot(articles, encoder, root)
    edited = articles / "gift-card.md"
    edited.write_text(edited.read_text() + "\nMore.\n")
    assert is_stale(root, articles, encoder)
    edited.write_text("no front matter")
    with pytest.raises(ArticleError, match=r"gift-card\.md"):
        build_snapshot(articles, encoder, root)
    assert load_current(root, encoder).version == version


def test_that_the_last_three_snapshots_are_kept(articles: Path, tmp_path: Path, encoder: Encoder) -> None:
    root = tmp_path / "kb"
    versions = [build_snapshot(articles, encoder, root) for _ in range(4)]
    assert sorted(path.name for path in root.iterdir()) == sorted([*versions[1:], "current"])


@pytest.mark.parametrize("name", ["vectors.faiss", "heads.npz", "articles.json", "lexicon.json", "late.npz"])
@pytest.mark.parametrize("damage", ["truncated", "changed", "missing"])
def test_that_a_damaged_file_is_named(articles: Path, tmp_path: Path, encoder: Encoder, name: str, damage: str) -> None:
    root = tmp_path / "kb"
    path = root / build_snapshot(articles, encoder, root) / name
    content = path.read_bytes()
    path.unlink()
    if damage == "truncated":
        path.write_bytes(content[: len(content) // 2])
    elif damage == "changed":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(SnapshotError, match=f"{name} is .*missing|{name} is .*checksum"):
        load_current(root, encoder)


def test_that_broken_metadata_is_an_error_that_says_what_to_do(
    articles: Path, tmp_path: Path, encoder: Encoder
) -> None:
    root = tmp_path / "kb"
    metadata = root / build_snapshot(articles, encoder, root) / "metadata.json"
    metadata.write_text(metadata.read_text()[:100])
    with pytest.raises(SnapshotError, match="offramp kb build"):
        load_current(root, encoder)
    assert is_stale(root, articles, encoder)


def test_that_a_snapshot_of_another_model_is_refused(articles: Path, tmp_path: Path, encoder: Encoder) -> None:
    root = tmp_path / "kb"
    build_snapshot(articles, encoder, root)
    other = shutil.copytree(Path(__file__).resolve().parents[2] / ".offramp" / "encoder", tmp_path / "other")
    description = other / "encoder.json"
    description.write_text(description.read_text().replace(encoder.fingerprint, "0" * 64))
    with pytest.raises(SnapshotError, match="all-MiniLM-L6-v2"):
        load_current(root, Encoder(other))


def test_that_no_snapshot_is_an_error_that_says_what_to_do(tmp_path: Path, encoder: Encoder) -> None:
    with pytest.raises(SnapshotError, match="offramp kb build"):
        load_current(tmp_path, encoder)
