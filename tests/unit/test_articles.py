from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.articles import ArticleError, load_articles, parse_articles_jsonl

GOOD = """---
id: return-an-item
question: How do I send something back?
phrasings:
  - i want to return a jacket
tags: [returns]
human_only: false
---
Within **60 days**.
"""


def write(directory: Path, **files: str) -> Path:
    for name, text in files.items():
        (directory / f"{name}.md").write_text(text, encoding="utf-8")
    return directory


def test_that_an_article_is_read_with_all_its_fields(tmp_path: Path) -> None:
    (article,) = load_articles(write(tmp_path, good=GOOD))
    assert article.id == "return-an-item"
    assert article.phrasings == ("i want to return a jacket",)
    assert article.answer == "Within **60 days**."
    assert (article.tags, article.human_only, article.locale, article.url) == (
        ("returns",),
        False,
        "en",
        None,
    )


def test_that_every_broken_file_is_reported_at_once_with_its_reason(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_good=GOOD,
        b_same=GOOD,
        c_no_question=GOOD.replace("question: How do I send something back?\n", "").replace("return-", "x-"),
        d_id=GOOD.replace("return-an-item", "Return An Item"),
        e_empty=GOOD.replace("Within **60 days**.", "").replace("return-", "y-"),
        f_yaml=GOOD.replace("question: How", "question: How: do: [I"),
        g_open=GOOD.replace("\n---\n", "\n"),
        h_flag=GOOD.replace("human_only: false", "human_only: perhaps").replace("return-", "z-"),
        i_type=GOOD.replace("- i want to return a jacket", "- 42").replace("return-", "w-"),
    )
    with pytest.raises(ArticleError) as caught:
        load_articles(tmp_path)
    reasons = {problem.path.stem: problem.reason for problem in caught.value.problems}
    assert set(reasons) == {path.stem for path in tmp_path.iterdir()} - {"a_good"}
    assert "already used by" in reasons["b_same"] and "a_good.md" in reasons["b_same"]
    assert reasons["c_no_question"] == "question is missing"
    assert "id 'Return An Item'" in reasons["d_id"]
    assert "empty" in reasons["e_empty"]
    assert "not closed" in reasons["g_open"]
    assert "true or false" in reasons["h_flag"]
    assert "42" in reasons["i_type"]
    assert str(tmp_path / "f_yaml.md") + ":3:" in str(caught.value)


def test_that_an_empty_directory_is_an_error_and_not_an_empty_knowledge_base(tmp_path: Path) -> None:
    with pytest.raises(ArticleError, match="no article"):
        load_articles(tmp_path)


def test_that_evaluation_articles_need_no_phrasings_and_bad_lines_are_named(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    path.write_text('{"id": "Card_Lost", "question": "Lost card?", "phrasings": [], "answer": "Call."}\n')
    assert parse_articles_jsonl(path)[0].id == "Card_Lost"
    path.write_text('{"id": "a", "question": "?"}\n\nnot json\n{"id": "a", "question": "?"}\n{"id": 3}\n')
    with pytest.raises(ArticleError) as caught:
        parse_articles_jsonl(path)
    assert [problem.line for problem in caught.value.problems] == [3, 4, 5]
