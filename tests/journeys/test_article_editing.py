"""From a draft to what customers get, and back, through the API of the running product."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from articles_stack import articles_of, articles_stack, library, publication_ended
from stack import PASSWORD, Agent, Stack

from knowledge_base.articles import parse_article

__all__ = ["articles_stack"]

DOGS = {
    "question": "May I bring my dog into the store?",
    "phrasings": ["are dogs allowed in your shops", "can my puppy come in with me", "dog friendly store?"],
    "answer": "Yes. **Dogs are welcome** in all stores, on a lead.",
    "tags": ["stores"],
    "human_only": False,
    "url": "/help/stores",
}


@pytest.fixture(scope="module")
def mara(articles_stack: Stack) -> Agent:
    return articles_stack.agent()


@pytest.fixture(scope="module")
def tom(articles_stack: Stack) -> Agent:
    return articles_stack.agent("tom", "another good passphrase")


def draft_of(agent: Agent, content: dict[str, Any] = DOGS) -> dict[str, Any]:
    """A new saved draft under an id of its own."""
    question = f"{content['question']} {uuid.uuid4().hex[:6]}"
    created = library(agent, "POST", "/articles", {"question": question})
    body = {"revision": created["revision"], "article": {**content, "question": question}}
    saved: dict[str, Any] = library(agent, "PUT", f"/articles/{created['id']}/draft", body)
    return saved


def state_of(agent: Agent, article_id: str) -> str | None:
    rows = library(agent, "GET", "")["articles"]
    return next((row["state"] for row in rows if row["id"] == article_id), None)


def test_that_a_draft_reaches_customers_only_when_published_and_leaves_when_archived(
    articles_stack: Stack, mara: Agent
) -> None:
    draft = draft_of(mara)
    article_id, path = draft["id"], articles_of(articles_stack) / f"{draft['id']}.md"
    question = "are dogs allowed in your shops"
    assert state_of(mara, article_id) == "draft"
    assert not path.exists()

    library(mara, "POST", f"/articles/{article_id}/publish", {"revision": draft["revision"]})
    ended = publication_ended(mara)
    assert (ended["stage"], ended["by"], ended["problem"]) == ("built", "Mara", "")
    assert parse_article(path.read_text()).answer == DOGS["answer"]
    answer = articles_stack.customer().say(question)["replies"][0]
    assert "<strong>Dogs are welcome</strong>" in answer["html"]
    assert answer["article_id"] == article_id

    opened = library(mara, "GET", f"/articles/{article_id}")
    assert (opened["draft"], opened["published"]["answer"]) == (None, DOGS["answer"])
    library(mara, "POST", f"/articles/{article_id}/archive", {"revision": opened["revision"]})
    assert publication_ended(mara)["change"] == "archived"
    assert not path.exists()
    assert articles_stack.customer().say(question)["replies"][0].get("article_id") != article_id
    assert state_of(mara, article_id) == "archived"

    entries = library(mara, "GET", f"/articles/{article_id}/history")["entries"]
    assert [(entry["change"], entry["by"]) for entry in entries] == [("archived", "Mara"), ("published", "Mara")]
    revision = library(mara, "GET", f"/articles/{article_id}")["revision"]
    restored = library(mara, "POST", f"/articles/{article_id}/restore", {"revision": revision, "number": 1})
    assert restored["draft"]["answer"] == DOGS["answer"]
    assert state_of(mara, article_id) == "draft"


def test_that_an_edited_article_keeps_its_file_and_the_old_text_in_the_history(
    articles_stack: Stack, mara: Agent
) -> None:
    opened = library(mara, "GET", "/articles/store-opening-hours")
    path = articles_of(articles_stack) / "stores" / "store-opening-hours.md"
    before = parse_article(path.read_text())
    edited = {**opened["published"], "answer": "Every day from 9:00 to 18:00."}
    saved = library(mara, "PUT", f"/articles/{before.id}/draft", {"revision": opened["revision"], "article": edited})
    assert state_of(mara, before.id) == "changed"
    library(mara, "POST", f"/articles/{before.id}/publish", {"revision": saved["revision"]})
    assert publication_ended(mara)["stage"] == "built"
    assert parse_article(path.read_text()).answer == "Every day from 9:00 to 18:00."
    published, found = library(mara, "GET", f"/articles/{before.id}/history")["entries"]
    assert (found["change"], found["by"], found["article"]["answer"]) == ("found", None, before.answer)
    assert {"part": "answer", "kind": "added", "text": "Every day from 9:00 to 18:00."} in published["diff"]
    assert state_of(mara, before.id) == "published"


def test_that_a_save_over_a_colleagues_is_refused_with_the_revision(mara: Agent, tom: Agent) -> None:
    draft = draft_of(mara)
    path, body = f"/articles/{draft['id']}/draft", {"revision": draft["revision"], "article": DOGS}
    library(tom, "PUT", path, body)
    refused = mara.http.put(f"/v1/desk/library{path}", json=body)
    assert (refused.status_code, refused.json()["code"]) == (409, "newer_revision")
    assert f"Tom saved revision {draft['revision'] + 1}" in refused.json()["detail"]
    stale = mara.http.post(f"/v1/desk/library/articles/{draft['id']}/publish", json={"revision": draft["revision"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "newer_revision")


def test_that_a_draft_that_says_what_is_published_is_none(mara: Agent) -> None:
    opened = library(mara, "GET", "/articles/gift-card-buy")
    path = "/articles/gift-card-buy/draft"
    edited = {**opened["published"], "answer": "No."}
    saved = library(mara, "PUT", path, {"revision": opened["revision"], "article": edited})
    again = library(mara, "PUT", path, {"revision": saved["revision"], "article": opened["published"]})
    assert again["draft"] is None
    assert state_of(mara, "gift-card-buy") == "published"


def test_that_an_article_with_errors_is_not_published_and_says_why(articles_stack: Stack, mara: Agent) -> None:
    wrong = {**DOGS, "answer": "See [here](help.html).", "phrasings": ["shop opening times"]}
    draft = draft_of(mara, wrong)
    checked = library(mara, "POST", f"/articles/{draft['id']}/check", {"article": draft["draft"]})
    assert [f["rule"] for f in checked["findings"] if f["level"] == "error"] == ["wrong-link", "shared-phrasing"]
    refused = mara.http.post(f"/v1/desk/library/articles/{draft['id']}/publish", json={"revision": draft["revision"]})
    assert refused.status_code == 422
    assert "store-opening-hours" in refused.json()["detail"]
    assert not (articles_of(articles_stack) / f"{draft['id']}.md").exists()


def test_that_a_question_can_be_tried_on_what_serves_and_on_the_draft(mara: Agent) -> None:
    body = {"question": "do you let puppies into the shop", "article": DOGS}
    found = library(mara, "POST", "/articles/store-opening-hours/trial", body)
    assert found["decision"] in ("answer", "suggest", "none")
    assert len(found["hits"]) == 3
    assert all(0 <= hit["probability"] <= 1 for hit in found["hits"])
    others = [near for near in found["closeness"]["others"].values() if near is not None]
    assert found["closeness"]["draft"] > max(others)


def test_that_texts_which_another_article_answers_are_told(mara: Agent) -> None:
    draft = draft_of(mara)
    article = {**DOGS, "phrasings": ["what are your shop opening times on a sunday", "may a parrot come along"]}
    found = library(mara, "POST", f"/articles/{draft['id']}/overlaps", {"article": article})["overlaps"]
    assert [row["id"] for row in found if row["text"].startswith("what are your")] == ["store-opening-hours"]
    assert not [row for row in found if "parrot" in row["text"]]


def test_that_a_good_reply_becomes_a_draft_with_the_question_and_a_warning(articles_stack: Stack, mara: Agent) -> None:
    customer = articles_stack.customer()
    customer.say("Can my two dogs sleep in one of your tents?")
    customer.say("let me speak to a person")
    mara.act(customer.conversation_id, "claim")
    sent = mara.say(customer.conversation_id, "Hello Anna, **yes**. Ask me at anna@example.org.").json()["event"]
    body = {"conversation_id": customer.conversation_id, "event_id": sent["id"]}
    draft = library(mara, "POST", "/articles/from-reply", body)
    assert draft["draft"]["question"] == "Can my two dogs sleep in one of your tents?"
    assert draft["draft"]["answer"] == "Hello Anna, **yes**. Ask me at anna@example.org."
    checked = library(mara, "POST", f"/articles/{draft['id']}/check", {"article": draft["draft"]})
    told = [found["message"] for found in checked["findings"] if found["rule"] == "personal-data"]
    assert len(told) == 2
    assert "dogs" not in draft["id"]
    edited = {
        **draft["draft"],
        "question": "May dogs sleep in your tents?",
        "answer": "Yes.",
        "phrasings": ["tent dog"],
    }
    saved = library(mara, "PUT", f"/articles/{draft['id']}/draft", {"revision": draft["revision"], "article": edited})
    library(mara, "POST", f"/articles/{draft['id']}/publish", {"revision": saved["revision"]})
    ended = publication_ended(mara)
    assert (ended["article_id"], ended["draft_id"]) == ("may-dogs-sleep-in-your-tents", draft["id"])
    assert state_of(mara, draft["id"]) is None
    assert state_of(mara, ended["article_id"]) == "published"
    asked = {**body, "event_id": customer.greeting["id"]}
    assert mara.http.post("/v1/desk/library/articles/from-reply", json=asked).status_code == 422


def test_that_a_failed_build_says_why_and_leaves_everything_as_it_was(articles_stack: Stack, mara: Agent) -> None:
    draft = draft_of(mara)
    encoder = articles_stack.state_dir / "encoder"
    encoder.rename(articles_stack.state_dir / "encoder-away")
    try:
        library(mara, "POST", f"/articles/{draft['id']}/publish", {"revision": draft["revision"]})
        ended = publication_ended(mara)
    finally:
        (articles_stack.state_dir / "encoder-away").rename(encoder)
    assert ended["stage"] == "failed"
    assert "encoder" in ended["problem"]
    assert not (articles_of(articles_stack) / f"{draft['id']}.md").exists()
    assert state_of(mara, draft["id"]) == "draft"
    assert articles_stack.customer().say("when do you open on bank holidays")["replies"]


def test_that_without_the_directory_drafts_are_kept_and_publishing_says_why(articles_stack: Stack, mara: Agent) -> None:
    draft = draft_of(mara)
    directory = articles_of(articles_stack)
    away = directory.rename(directory.with_name("away"))
    try:
        assert "does not exist" in library(mara, "GET", "")["problem"]
        path = f"/v1/desk/library/articles/{draft['id']}/publish"
        refused = mara.http.post(path, json={"revision": draft["revision"]})
        assert (refused.status_code, refused.json()["code"]) == (409, "cannot_publish")
        assert "draft is kept" in refused.json()["detail"]
    finally:
        away.rename(directory)
    assert library(mara, "GET", f"/articles/{draft['id']}")["draft"] == draft["draft"]


def test_that_strangers_and_other_sites_cannot_edit(articles_stack: Stack, mara: Agent) -> None:
    import httpx2

    with httpx2.Client(base_url=articles_stack.url) as http:
        assert http.get("/v1/desk/library").status_code == 401
        http.post("/v1/desk/sessions", json={"username": "mara", "password": PASSWORD})
        elsewhere = {"Sec-Fetch-Site": "cross-site"}
        refused = http.post("/v1/desk/library/articles", json={"question": "Hacked?"}, headers=elsewhere)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/articles/no-such-article/publish", {"revision": 0}, 404),
        ("/articles", {"question": "  "}, 422),
        ("/articles", {"question": "x" * 501}, 422),
        ("/articles/store-opening-hours/check", {"article": {"answer": "x" * 4001}}, 422),
        ("/articles/store-opening-hours/check", {"article": {"colour": "red"}}, 422),
        ("/articles/..%2f..%2fetc/publish", {"revision": 0}, 404),
    ],
)
def test_that_what_does_not_fit_is_refused_as_a_problem(
    mara: Agent, path: str, body: dict[str, Any], status: int
) -> None:
    refused = mara.http.post(f"/v1/desk/library{path}", json=body)
    assert refused.status_code == status
    assert refused.headers["content-type"] == "application/problem+json"


def test_that_files_are_written_nowhere_else(articles_stack: Stack, mara: Agent) -> None:
    names = {path.name for path in Path(articles_of(articles_stack)).iterdir()}
    assert {name for name in names if not name.endswith(".md")} == {"stores", "gift-cards"}
