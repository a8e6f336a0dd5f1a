from __future__ import annotations

import html
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from typer.testing import CliRunner

from knowledge_base.articles import Article, ArticleError, load_articles
from knowledge_base.cli import kb
from knowledge_base.importers.formats import Format
from knowledge_base.importers.html_markdown import to_markdown
from knowledge_base.importers.html_tree import parse_html, plain_text
from knowledge_base.importers.run import Report, import_articles


def imported(source: Path, chosen: Format = Format.AUTO) -> tuple[dict[str, Article], Report]:
    """Import beside the source and read the result back as the build would."""
    target = source.parent / "articles"
    report = import_articles(source, target, chosen)
    return {article.id: article for article in load_articles(target)}, report


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_that_good_csv_rows_are_imported_and_every_bad_one_is_told_with_its_line(tmp_path: Path) -> None:
    source = write(
        tmp_path / "faq.csv",
        "\ufeffID,Question,Answer,Phrasings,Tags,Human_only,Author\n"
        'Card_Lost,"Lost\ncard?","Call, **now**.\n\nAlways.",card gone|where is my card,"cards, safety",yes,Bo\n'
        ",Where are you?,In Kendal.\n"
        "a,,No question\n"
        "b,Too many?,one,two,three,no,four,five\n"
        "c,Flag?,Text,,,perhaps\n"
        '"d"x,Quotes?,Text\n'
        ",where are you?,In Leeds.\n",
    )
    articles, report = imported(source)
    assert articles["card-lost"] == Article(
        "card-lost",
        "Lost card?",
        ("card gone", "where is my card"),
        "Call, **now**.\n\nAlways.",
        ("cards", "safety"),
        True,
    )
    assert set(articles) == {"card-lost", "where-are-you"}
    assert [problem.line for problem in report.problems] == [7, 8, 9, 10, 11]
    assert "faq.csv:7: question is missing" in str(report.problems[0])
    assert "5 bad" in report.summary()


def test_that_the_command_ends_with_1_for_a_bad_line_and_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    source = write(tmp_path / "faq.jsonl", '{"id": "a", "phrasings": ["how much"], "answer": "£5"}\nnonsense\n')
    target = tmp_path / "articles"
    command = ["import", str(source), "--to", str(target)]
    tried = CliRunner().invoke(kb, [*command, "--dry-run"])
    assert (tried.exit_code, target.exists()) == (1, False)
    assert "1 new" in tried.stderr
    assert CliRunner().invoke(kb, command).exit_code == 1
    assert [article.question for article in load_articles(target)] == ["how much"]
    source.write_text(source.read_text().splitlines()[0])
    again = CliRunner().invoke(kb, command)
    assert again.exit_code == 0
    assert "1 unchanged" in again.stderr and "0 bad" in again.stderr


def test_that_markdown_headings_with_text_become_articles(tmp_path: Path) -> None:
    source = write(
        tmp_path / "guide.md",
        "# FAQ\n\n## Delivery\n\nEverywhere, see [prices].\n\n### Canada\n\nFive days.\n\n```\n# no heading\n```\n\n"
        "### How long does it take?\n*Two* days.\n\n## Empty\n\n[prices]: https://shop.example/p\n",
    )
    articles, report = imported(source)
    assert not report.problems
    assert {article.question: article.tags for article in articles.values()} == {
        "Delivery": (),
        "Delivery: Canada": ("delivery",),
        "How long does it take?": ("delivery",),
    }
    assert articles["delivery-canada"].answer.endswith("# no heading\n```")
    assert "https://shop.example/p" in articles["delivery"].answer


PAGE = """<!doctype html><html><head><title>Help</title><link rel="canonical" href="https://shop.example/help/returns">
<script>document.write("<h2>script</h2>")</script></head><body><nav><h2>Menu</h2><p>Home</p></nav><main>
<h1>Returns</h1><p>Send it <b>back </b>within 60 days.<br>*Free*, see <a href="/rules">the <i>rules</i></a>,
<a href="javascript:alert(1)">not this</a>.<ul><li>One<li>Two<ol><li>deep</ol></ul>
<h2><button>Do you refund?</button></h2><div><div><p>Yes.</div></div>
<details><summary>Q: Can I swap?</summary><p>Sure.</p></details>
<dl><dt>Who pays?<dd>We do.<dt>When?<dd>Today.</dl>
<h2>Rope data</h2><dl><dt>Weight<dd>2 kg</dl></main><footer><h2>Legal</h2><p>Imprint</p></footer></body></html>"""


def test_that_a_saved_page_gives_its_questions_and_nothing_of_its_frame(tmp_path: Path) -> None:
    write(tmp_path / "site" / "page_files" / "frame.html", PAGE)
    source = write(tmp_path / "site" / "page.html", PAGE).parent
    articles, report = imported(source)
    assert not report.problems
    answers = {article.question: article.answer for article in articles.values()}
    assert answers == {
        "Returns": "Send it **back** within 60 days.\n\\*Free\\*, see [the *rules*](https://shop.example/rules), "
        "not this.\n\n- One\n- Two\n  1. deep",
        "Do you refund?": "Yes.",
        "Can I swap?": "Sure.",
        "Who pays?": "We do.",
        "When?": "Today.",
        "Returns: Rope data": "- **Weight**: 2 kg",
    }
    assert articles["when"].tags == ("returns", "do-you-refund")
    assert articles["returns"].url == "https://shop.example/help/returns"


@given(st.text(alphabet="ab1 _*`[]()<>&;#!\\-+.=~\n|:/\"'", max_size=30))
def test_that_no_character_of_a_page_turns_into_formatting(text: str) -> None:
    markdown = to_markdown(parse_html(f"<p>{html.escape(text)}</p>").children)
    shown = MarkdownIt("commonmark", {"html": False}).render(markdown)
    assert plain_text(parse_html(shown).children) == " ".join(text.split())


ZENDESK = {
    "articles": [
        {"id": 1, "title": "Lost card?", "body": "<p>See <a href='/x'>x</a></p>", "label_names": ["cards"],
         "draft": False, "html_url": "https://s.example/hc/1"},
        {"id": 2, "title": "Draft", "body": "<p>x</p>", "draft": True},
        {"id": 3, "title": "For agents", "body": "<p>x</p>", "user_segment_id": 7},
        {"id": 4, "title": "Lost card?", "body": "<p>Other.</p>"},
        {"id": 5, "title": "Nothing", "body": "<p> </p>"},
    ]
}  # fmt: skip


def test_that_help_centre_exports_are_told_apart_and_only_what_is_public_is_imported(tmp_path: Path) -> None:
    articles, report = imported(write(tmp_path / "zendesk" / "export.json", json.dumps(ZENDESK)))
    assert set(articles) == {"lost-card", "lost-card-2"}
    assert articles["lost-card"].answer == "See [x](https://s.example/x)"
    assert articles["lost-card"].tags == ("cards",)
    assert [item.title for item in report.unpublished] == ["Draft", "For agents"]
    assert ["article 5 (id 5)" in str(problem) for problem in report.problems] == [True]

    rows = [
        {"id": "9", "title": "Open?", "body": "<p>Yes.</p>", "state": "published", "url": None},
        {"id": "10", "title": "Draft", "body": "<p>x</p>", "state": "draft"},
    ]
    articles, report = imported(write(tmp_path / "intercom" / "export.json", json.dumps({"data": rows})))
    assert (set(articles), len(report.unpublished), report.problems) == ({"open"}, 1, [])


def test_that_an_article_keeps_its_file_at_the_source_and_loses_no_edit_made_by_hand(tmp_path: Path) -> None:
    source, target = tmp_path / "export.json", tmp_path / "articles"

    def import_with(title: str, body: str, force: bool = False, draft: bool = False) -> Report:
        row = {"id": 7, "title": title, "body": body, "draft": draft}
        source.write_text(json.dumps({"articles": [row]}))
        return import_articles(source, target, force=force)

    import_with("Old title", "one")
    import_with("New title", "two")
    (article,) = load_articles(target)
    assert (article.id, article.question, article.answer) == ("old-title", "New title", "two")

    moved = target / "cards" / "renamed.md"
    moved.parent.mkdir()
    (target / "old-title.md").rename(moved)
    moved.write_text(moved.read_text() + "By hand.\n")
    assert not list(import_with("New title", "two").lines())[:-1]
    assert f"{moved}: edited by hand" in next(import_with("New title", "three").lines())
    assert load_articles(target)[0].answer == "two\nBy hand."
    assert str(moved) in next(import_with("New title", "x", draft=True).lines())
    import_with("New title", "three", force=True)
    assert [(article.id, article.answer) for article in load_articles(target)] == [("old-title", "three")]


def test_that_an_import_neither_replaces_an_article_written_by_hand_nor_reads_its_own_output(tmp_path: Path) -> None:
    target = tmp_path / "site" / "articles"
    mine = write(target / "card.md", "---\nid: card\nquestion: Card?\n---\nMine.\n")
    given = write(tmp_path / "faq.csv", "id,question,answer\ncard,Card?,Theirs.\n")
    assert "1 kept" in import_articles(given, target).summary()
    titled = write(tmp_path / "faq.json", json.dumps({"articles": [{"id": 1, "title": "Card", "body": "Theirs."}]}))
    import_articles(titled, target)
    assert "Mine." in mine.read_text()
    assert {article.id for article in load_articles(target)} == {"card", "card-2"}
    with pytest.raises(ArticleError, match="lies in the source"):
        import_articles(tmp_path / "site", target)
