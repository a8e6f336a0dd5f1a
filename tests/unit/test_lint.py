from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.encoder import Encoder
from knowledge_base.cli import kb
from knowledge_base.links import wrong_links
from knowledge_base.lint import Level, lint


def write(directory: Path, name: str, phrasings: list[str], answer: str = "Yes.", tags: str = "[cards]") -> None:
    rows = "\n".join(f"  - {phrasing}" for phrasing in phrasings)
    text = f"---\nid: {name}\nquestion: What about {name}?\ntags: {tags}\nphrasings:\n{rows}\n---\n{answer}\n"
    (directory / f"{name}.md").write_text(text)


LOST = ["i lost my card", "my card is gone", "cannot find my bank card", "card missing since monday", "dropped my card"]
HOURS = ["when do you open", "are you open on sunday", "closing time today", "opening hours please", "open late?"]


def test_that_each_rule_finds_its_fault_with_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, "good", HOURS)
    write(tmp_path, "few", ["one way", "One way!"], tags="[]")
    write(tmp_path, "long", ["a b", "c d", "e f", "g h", "are you OPEN on Sunday?"], answer="word " * 121)
    write(tmp_path, "topics", LOST, answer="**Price**\n\nA *lot*.\n\n**Time**\n\n[Soon](soon.html).")
    (tmp_path / "broken.md").write_text("no front matter")
    found = {(finding.path.stem, finding.rule): finding for finding in lint(tmp_path)}
    assert set(found) == {
        ("broken", "broken"),
        ("few", "few-phrasings"),
        ("few", "no-tags"),
        ("few", "repeated-phrasing"),
        ("good", "shared-phrasing"),
        ("long", "long-answer"),
        ("topics", "several-topics"),
        ("topics", "wrong-link"),
    }
    errors = {name for name, finding in found.items() if finding.level is Level.ERROR}
    assert errors == {("broken", "broken"), ("good", "shared-phrasing"), ("topics", "wrong-link")}
    assert "long.md" in found["good", "shared-phrasing"].message
    assert found["good", "shared-phrasing"].line == 7
    assert found["topics", "wrong-link"].line == 18
    assert "121 words" in found["long", "long-answer"].message


@pytest.mark.parametrize(
    ("markdown", "reason"),
    [
        ("[a](javascript:alert(1))", "javascript"),
        ("[a](https://x.example/a b)", "space in the address"),
        ("[a](prices.html)", "must start with /"),
        ("[a](www.shop.example)", "must start with /"),
        ("[a](tel:123)", "tel: addresses"),
        ("[a]()", "no address"),
        ("[a](https://x.example", "not balanced"),
        ("[a(https://x.example)", "not balanced"),
        ("[a] (https://x.example)", "space between"),
    ],
)
def test_that_a_link_of_the_wrong_form_is_told(markdown: str, reason: str) -> None:
    ((_, told),) = wrong_links(f"Before {markdown}")
    assert reason in told


@pytest.mark.parametrize(
    "markdown",
    [
        "[a](https://x.example/a_(b)) and [b](/prices) and [c](mailto:a@x.example)",
        "[a][b]\n\n[b]: https://x.example",
        "`[a](b c)`, a list [1] (see below), \\[sic\\], [x] done (really)",
        "<https://x.example>",
    ],
)
def test_that_good_links_and_plain_brackets_are_left_alone(markdown: str) -> None:
    assert not list(wrong_links(markdown))


def test_that_articles_whose_phrasings_lie_closer_to_each_other_are_shown_as_a_pair(
    tmp_path: Path, encoder: Encoder
) -> None:
    write(tmp_path, "lost", ["i lost my card", "my purse was stolen", "pickpocket took my wallet", "who do i ring"])
    write(tmp_path, "missing", ["i have lost my card", "my purse has been stolen", "someone took my wallet", "help me"])
    write(tmp_path, "hours", HOURS)
    fights = [finding for finding in lint(tmp_path, encoder) if finding.rule == "rivals"]
    assert [finding.path.stem for finding in fights] == ["lost"]
    assert "missing.md" in fights[0].message and "purse" in fights[0].message


def test_that_articles_without_phrasings_fight_only_when_they_ask_the_same(tmp_path: Path, encoder: Encoder) -> None:
    for name, question in (
        ("a", "How do I return an item?"),
        ("b", "How can I return an item?"),
        ("c", "Who are you?"),
    ):
        (tmp_path / f"{name}.md").write_text(f"---\nid: {name}\nquestion: {question}\n---\nText.\n")
    fights = [finding for finding in lint(tmp_path, encoder) if finding.rule == "rivals"]
    assert [finding.path.stem for finding in fights] == ["a"]


def test_that_the_demo_shop_has_no_errors_and_the_command_fails_only_for_errors(
    tmp_path: Path, repository: Path, encoder: Encoder
) -> None:
    options = ["--state", str(repository / ".offramp")]
    demo = CliRunner().invoke(kb, ["lint", "--articles", str(repository / "knowledge_base" / "articles"), *options])
    assert demo.exit_code == 0
    assert len(demo.stdout.splitlines()) < 30
    write(tmp_path, "wrong", LOST, answer="[a](b)")
    result = CliRunner().invoke(kb, ["lint", "--articles", str(tmp_path), "--json", *options])
    assert result.exit_code == 1
    (finding,) = json.loads(result.stdout)
    assert (finding["rule"], finding["level"], finding["line"]) == ("wrong-link", "error", 12)
