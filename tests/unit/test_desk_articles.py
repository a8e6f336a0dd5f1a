"""What the article editor decides without a server: names, warnings, what changed, which question a reply answers."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from assistant.conversation.events import Author, Event, Kind, Role
from assistant.desk.articles import views
from assistant.desk.articles.catalogue import Catalogue, write
from assistant.desk.articles.checks import check
from assistant.desk.articles.naming import new_id
from assistant.desk.articles.personal import personal_data
from assistant.desk.articles.replies import question_and_reply
from assistant.errors import InvalidRequest
from knowledge_base.article_rules import ArticleFile, Level
from knowledge_base.articles import ID_PATTERN, Article
from knowledge_base.importers.plan import render

DOGS = Article("dogs", "May dogs come in?", ("is my dog allowed",), "Yes, on a lead.", ("stores",))


def message(event_id: str, role: Role, text: str) -> Event:
    return Event(Kind.MESSAGE, Author(role), id=event_id, text=text)


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Can I change my delivery address?", "can-i-change-my-delivery-address"),
        ("Können wir's zurückgeben?", "konnen-wirs-zuruckgeben"),
        ("???", "article"),
        ("dogs", "dogs-2"),
    ],
)
def test_that_a_new_id_is_readable_valid_and_free(question: str, wanted: str) -> None:
    found = new_id(question, {"dogs", "cats"})
    assert found == wanted
    assert ID_PATTERN.fullmatch(found)


def test_that_a_long_question_makes_a_short_id() -> None:
    found = new_id("What happens " * 30, set())
    assert len(found) <= 50 and not found.endswith("-")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to anna.berg@example.org", "anna.berg@example.org"),
        ("Call 020 7946 0018 today", "020 7946 0018"),
        ("Your parcel TT-104233 left", "TT-104233"),
        ("about order number 104233", "order number 104233"),
        ("Hello Anna, it is on its way", "Hello Anna"),
        ("Anna asked about boots", "Anna"),
    ],
)
def test_that_what_belongs_to_one_customer_is_told(text: str, found: str) -> None:
    assert [shown for _, shown in personal_data(text, ["Anna Berg"])] == [found]


@pytest.mark.parametrize(
    "text",
    [
        "Hello, returns take 14 days, within 12 months, from £45.00, open 9:00-18:00 in 2026.",
        "Spend 1,000 points; see [sizes](/help/sizes-36-48) and https://shop.example/p/2026-11-22",
        "Hi there, a size 42 costs £1,299.99",
    ],
)
def test_that_ordinary_answers_raise_no_alarm(text: str) -> None:
    assert list(personal_data(text, ["Jo B"])) == []


def test_that_the_shops_own_address_is_nobodys() -> None:
    others = [ArticleFile(Path("contact.md"), "Write to help@shop.example.", DOGS)]
    article = Article("new", "How do I reach you?", (), "Write to help@shop.example or to tom@home.example.")
    told = [found.message for found in check(article, others, [], False).findings if found.rule == "personal-data"]
    assert told == ["“tom@home.example” looks like an e-mail address"]


def test_that_errors_come_first_and_name_the_other_article() -> None:
    others = [ArticleFile(Path("stores/dogs.md"), render(DOGS), DOGS)]
    article = Article("pets", "", ("Is my dog allowed?",), "[a](b c)")
    findings = check(article, others, [], True).findings
    assert [found.rule for found in findings if found.level is Level.ERROR] == [
        *("no-question", "wrong-link", "shared-phrasing")
    ]
    assert "also stands in dogs" in next(found.message for found in findings if found.rule == "shared-phrasing")
    assert findings[-1].rule == "changed-outside"


def test_that_the_preview_is_what_customers_get() -> None:
    html = check(Article("a", "b", (), "**Yes**<script>"), [], [], False).html
    assert html == "<p><strong>Yes</strong>&lt;script&gt;</p>"


def test_that_the_files_are_read_again_only_when_they_change(tmp_path: Path) -> None:
    catalogue = Catalogue(tmp_path)
    write(tmp_path / "dogs.md", render(DOGS))
    first = catalogue.files()["dogs"]
    assert catalogue.files()["dogs"] is first
    write(tmp_path / "dogs.md", render(Article("dogs", "Dogs?", (), "No.")))
    assert catalogue.files()["dogs"].article.answer == "No."
    (tmp_path / "dogs.md").unlink()
    assert catalogue.files() == {}


def test_that_a_written_file_can_be_read_by_others_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "dogs.md"
    write(path, "one")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    write(path, "two")
    assert (stat.S_IMODE(path.stat().st_mode), path.read_text()) == (0o600, "two")
    assert [file.name for file in tmp_path.iterdir()] == ["dogs.md"]


def test_that_a_missing_directory_and_a_broken_file_are_told(tmp_path: Path) -> None:
    assert "does not exist" in (Catalogue(tmp_path / "nowhere").problem() or "")
    catalogue = Catalogue(tmp_path)
    assert catalogue.problem() is None
    (tmp_path / "broken.md").write_text("no front matter")
    assert "broken.md" in (catalogue.problem() or "")


def test_that_a_difference_shows_lines_by_part() -> None:
    after = Article("dogs", DOGS.question, ("is my dog allowed", "puppies?"), "Yes.\nOn a lead.", ("stores",), True)
    lines = [(line["part"], line["kind"], line["text"]) for line in views.difference(DOGS, after)]
    assert lines == [
        ("answer", "removed", "Yes, on a lead."),
        ("answer", "added", "Yes."),
        ("answer", "added", "On a lead."),
        ("phrasings", "same", "is my dog allowed"),
        ("phrasings", "added", "puppies?"),
        ("human_only", "added", "People only"),
    ]


def test_that_an_article_from_a_reply_takes_the_question_and_not_the_wish_for_a_person() -> None:
    wish = Event(Kind.TRACE, Author(Role.BOT), id="3-0", reply_to="2-0", trace={"asked_for_human": 0.99})
    events = [
        message("1-0", Role.CUSTOMER, "May my dog\ncome into the store?"),
        message("2-0", Role.CUSTOMER, "let me speak to a person"),
        wish,
        message("4-0", Role.CUSTOMER, "ok thanks"),
        message("5-0", Role.AGENT, "Yes, **on a lead**."),
        message("6-0", Role.CUSTOMER, "And what about my parrot then?"),
    ]
    assert question_and_reply(events, "5-0") == ("May my dog come into the store?", "Yes, **on a lead**.")
    assert question_and_reply(events[4:], "5-0")[0] == ""


@pytest.mark.parametrize("event_id", ["1-0", "9-9"])
def test_that_only_an_agents_message_becomes_an_article(event_id: str) -> None:
    with pytest.raises(InvalidRequest):
        question_and_reply([message("1-0", Role.CUSTOMER, "May my dog come in?")], event_id)
