"""An agent edits what the assistant may answer, in a real browser on the running product."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from articles_stack import PUBLISH_SECONDS, articles_stack, library
from axe_playwright_python.sync_playwright import Axe
from chromium import WIDE, profiles
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from stack import AGENT, PASSWORD, Agent, Stack

__all__ = ["articles_stack"]

PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
TOM = ("tom", "another good passphrase")
OPENING = "store-opening-hours"


@pytest.fixture
def context(browser: Browser, articles_stack: Stack) -> Iterator[Callable[..., BrowserContext]]:
    """Browser profiles on the stack whose articles may be changed."""
    with profiles(browser, articles_stack.url) as make:
        yield make


@pytest.fixture(scope="module")
def mara(articles_stack: Stack) -> Agent:
    return articles_stack.agent()


@pytest.fixture(scope="module")
def tom(articles_stack: Stack) -> Agent:
    return articles_stack.agent(*TOM)


def sign_in(context: BrowserContext, path: str = "/desk/articles") -> Page:
    page = context.new_page()
    page.goto(path)
    page.get_by_test_id("login-username").fill(AGENT)
    page.get_by_test_id("login-password").fill(PASSWORD)
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("login-submit")).to_be_hidden()
    return page


def a_draft(agent: Agent, answer: str = "Yes, on a lead.", question: str = "May my dog come in") -> str:
    """The id of a new draft."""
    created = library(agent, "POST", "/articles", {"question": f"{question} {uuid.uuid4().hex[:8]}?"})
    body = {"revision": created["revision"], "article": {**created["draft"], "answer": answer}}
    library(agent, "PUT", f"/articles/{created['id']}/draft", body)
    return str(created["id"])


def saved_as(page: Page, text: str) -> None:
    expect(page.get_by_test_id("answer")).to_have_value(text)
    expect(page.get_by_test_id("save-state")).to_contain_text("Saved")


def test_that_a_new_article_is_written_tried_published_and_looked_back_at(
    context: Callable[..., BrowserContext], mara: Agent, articles_stack: Stack
) -> None:
    page = sign_in(context())
    page.keyboard.press("Alt+n")
    page.get_by_test_id("new-question").fill("Do you sharpen ice axes?")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("question")).to_have_value("Do you sharpen ice axes?")
    page.get_by_test_id("answer").fill("Yes, **for free**. [Book](help/axes) it.")
    expect(page.get_by_test_id("preview").locator("strong")).to_have_text("for free")
    expect(page.get_by_test_id("findings")).to_contain_text("must start with /")
    page.get_by_test_id("publish").click()
    expect(page.get_by_test_id("publish-confirm")).to_be_disabled()
    page.keyboard.press("Escape")

    page.get_by_test_id("answer").fill("Yes, **for free**. [Book](/help/axes) it.")
    page.get_by_test_id("phrasings").fill("can you sharpen my ice axe\nice axe sharpening\nblunt crampons and axes")
    page.keyboard.press("Alt+t")
    page.keyboard.type("my axe is blunt, can you fix that")
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("verdict")).to_contain_text("The assistant would")
    expect(page.get_by_test_id("estimate")).to_contain_text("This text is closest")

    page.get_by_test_id("publish").click()
    page.get_by_test_id("publish-confirm").click()
    expect(page.get_by_test_id("build")).to_contain_text("Customers get the version before")
    expect(page.get_by_test_id("build")).to_contain_text("Customers now get", timeout=PUBLISH_SECONDS * 1000)
    expect(page.get_by_test_id("publish")).to_be_disabled()
    page.get_by_test_id("tab-history").click()
    expect(page.get_by_test_id("history-entry")).to_contain_text(["Mara"])
    answer = articles_stack.customer().say("can you sharpen my ice axe")["replies"][0]
    assert "<strong>for free</strong>" in answer["html"]


@pytest.mark.parametrize("shown", ["all", "drafts"])
def test_that_an_article_stays_a_draft_until_it_is_out_and_selected_and_in_view_then(
    context: Callable[..., BrowserContext], mara: Agent, shown: str
) -> None:
    article_id = a_draft(mara, question="Zip repairs")  # a draft stands first, what is published far below
    page = sign_in(context(), f"/desk/articles#{article_id}")
    row = page.locator(f"[data-testid=article-row][data-id={article_id}]")
    page.locator(f"[data-filter={shown}]").click()
    page.get_by_test_id("publish").click()
    page.get_by_test_id("publish-confirm").click()
    expect(page.get_by_test_id("build")).to_contain_text("Customers get the version before")
    with page.expect_response("**/v1/desk/library"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(row).to_have_attribute("data-state", re.compile("draft|published"))
    expect(page.get_by_text("Changed since published")).to_have_count(0)

    expect(page.get_by_test_id("build")).to_contain_text("Customers now get", timeout=PUBLISH_SECONDS * 1000)
    expect(row).to_have_attribute("data-state", "published")
    expect(row).to_have_attribute("aria-current", "true")
    expect(row).to_be_in_viewport(ratio=0.99)
    page.get_by_role("button", name="All", exact=True).click()
    page.set_viewport_size({"width": 320, "height": 640})
    page.get_by_role("button", name="Back to the list").click()
    expect(row).to_be_focused()
    expect(row).to_be_in_viewport(ratio=0.99)


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_that_what_came_of_a_tried_question_is_in_view_on_a_phone(
    context: Callable[..., BrowserContext], mara: Agent, motion: str
) -> None:
    page = sign_in(context(**PHONE, reduced_motion=motion), f"/desk/articles#{OPENING}")
    page.get_by_test_id("tab-try").tap()
    question = page.get_by_test_id("try-question")
    question.fill("are you open on sundays")
    question.press("Enter")
    expect(page.get_by_test_id("verdict")).to_be_in_viewport(ratio=1)
    expect(question).to_be_in_viewport(ratio=1)
    expect(question).to_be_focused()
    expect(page.get_by_test_id("trial")).to_have_attribute("aria-live", "polite")


def test_that_what_is_typed_survives_a_lost_connection_and_a_reload(
    context: Callable[..., BrowserContext], mara: Agent
) -> None:
    article_id = a_draft(mara)
    profile = context()
    page = sign_in(profile, f"/desk/articles#{article_id}")
    expect(page.get_by_test_id("save-state")).to_contain_text("Saved")

    def lose(route: Route) -> None:
        route.abort()

    page.route("**/draft", lose)
    page.get_by_test_id("answer").fill("Written on a train.")
    expect(page.get_by_test_id("save-state")).to_contain_text("Not saved")
    assert library(mara, "GET", f"/articles/{article_id}")["draft"]["answer"] == "Yes, on a lead."
    page.unroute("**/draft", lose)
    page.reload()
    saved_as(page, "Written on a train.")
    assert library(mara, "GET", f"/articles/{article_id}")["draft"]["answer"] == "Written on a train."


@pytest.mark.parametrize(("keep", "answer"), [("mine", "Mine."), ("theirs", "Tom's.")])
def test_that_two_who_edit_at_once_see_both_texts_and_choose(
    context: Callable[..., BrowserContext], mara: Agent, tom: Agent, keep: str, answer: str
) -> None:
    article_id = a_draft(mara)
    page = sign_in(context(), f"/desk/articles#{article_id}")
    expect(page.get_by_test_id("answer")).to_have_value("Yes, on a lead.")
    opened = library(tom, "GET", f"/articles/{article_id}")
    body = {"revision": opened["revision"], "article": {**opened["draft"], "answer": "Tom's."}}
    library(tom, "PUT", f"/articles/{article_id}/draft", body)

    page.get_by_test_id("answer").fill("Mine.")
    expect(page.get_by_test_id("notice")).to_contain_text("Tom saved revision 3 while you were editing revision 2")
    assert library(mara, "GET", f"/articles/{article_id}")["draft"]["answer"] == "Tom's."
    page.get_by_test_id("show-other").click()
    expect(page.get_by_test_id("answer")).to_have_value("Tom's.")
    expect(page.get_by_test_id("answer")).not_to_be_editable()
    if keep == "mine":
        page.get_by_test_id("show-other").click()
    page.get_by_test_id("settle").click()
    expect(page.get_by_test_id("notice")).to_be_hidden()
    saved_as(page, answer)
    assert library(mara, "GET", f"/articles/{article_id}")["draft"]["answer"] == answer


def test_that_articles_are_found_by_words_and_filtered_by_drafts(
    context: Callable[..., BrowserContext], mara: Agent
) -> None:
    article_id = a_draft(mara)
    page = sign_in(context())
    rows = page.get_by_test_id("article-row")
    expect(rows.filter(has_text="gift card").first).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type(f"dog {article_id[-8:]}")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Draft")
    page.get_by_test_id("search").fill("")
    page.get_by_test_id("filter-drafts").click()
    expect(page.locator(f"[data-testid=article-row][data-id={OPENING}]")).to_have_count(0)
    expect(page.locator(f"[data-testid=article-row][data-id={article_id}]")).to_be_visible()


def test_that_a_reply_in_a_conversation_becomes_a_draft_with_a_warning(
    context: Callable[..., BrowserContext], mara: Agent, articles_stack: Stack
) -> None:
    customer = articles_stack.customer()
    customer.say("Do you rent out snow shoes for children?")
    customer.say("let me speak to a person")
    mara.act(customer.conversation_id, "claim")
    mara.say(customer.conversation_id, "Yes, from size 28. Call me on 020 7946 0018.")
    page = sign_in(context(), f"/desk#{customer.conversation_id}")
    page.get_by_test_id("make-article").last.click()
    expect(page.get_by_test_id("question")).to_have_value("Do you rent out snow shoes for children?")
    saved_as(page, "Yes, from size 28. Call me on 020 7946 0018.")
    expect(page.get_by_test_id("findings")).to_contain_text("“020 7946 0018” looks like a phone number")
    page.get_by_role("link", name="Conversation it is from").click()
    expect(page.get_by_test_id("why")).to_contain_text("Why you are here")


def test_that_a_failed_publication_says_so_and_can_be_repeated(
    context: Callable[..., BrowserContext], mara: Agent, articles_stack: Stack
) -> None:
    page = sign_in(context(), f"/desk/articles#{a_draft(mara)}")
    encoder = articles_stack.state_dir / "encoder"
    away = encoder.rename(encoder.with_name("encoder-away"))
    try:
        page.get_by_test_id("publish").click()
        page.get_by_test_id("publish-confirm").click()
        strip = page.get_by_test_id("build")
        expect(strip).to_contain_text("failed: The encoder", timeout=PUBLISH_SECONDS * 1000)
        expect(strip).to_contain_text("the draft is kept")
    finally:
        away.rename(encoder)
    saved_as(page, "Yes, on a lead.")
    expect(page.get_by_test_id("publish")).to_be_enabled()


def test_that_an_article_can_be_archived_and_restored(context: Callable[..., BrowserContext], mara: Agent) -> None:
    page = sign_in(context(), "/desk/articles#gear-hire")
    answer = page.get_by_test_id("answer")
    expect(answer).to_have_value(re.compile("hire"))
    before = answer.input_value()
    page.get_by_test_id("archive").click()
    page.get_by_test_id("confirm").click()
    strip = page.get_by_test_id("build")
    expect(strip).to_contain_text("Customers no longer get it", timeout=PUBLISH_SECONDS * 1000)
    page.get_by_test_id("tab-history").click()
    page.get_by_test_id("restore").last.click()
    saved_as(page, before)
    row = page.locator("[data-testid=article-row][data-id=gear-hire]")
    expect(row).to_have_attribute("data-state", "draft")


def test_that_what_is_not_published_can_be_discarded(context: Callable[..., BrowserContext], mara: Agent) -> None:
    page = sign_in(context(), f"/desk/articles#{OPENING}")
    answer = page.get_by_test_id("answer")
    expect(answer).to_have_value(re.compile("All five stores"))
    before = answer.input_value()
    answer.fill("Never.")
    expect(page.get_by_test_id("save-state")).to_contain_text("Saved")
    page.get_by_test_id("discard").click()
    page.get_by_test_id("confirm").click()
    expect(answer).to_have_value(before)
    expect(page.get_by_test_id("save-state")).to_have_text("No changes")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{"viewport": WIDE}, {"viewport": {"width": 800, "height": 900}}, PHONE])
def test_that_the_page_is_accessible_and_fits(
    context: Callable[..., BrowserContext], mara: Agent, scheme: str, screen: dict[str, Any]
) -> None:
    article_id = a_draft(mara, "See [this](help.html), anna@example.org. " + "unbreakable" * 20)
    page = sign_in(context(color_scheme=scheme, reduced_motion="reduce", **screen))
    assert serious(page) == []
    page.locator(f"[data-testid=article-row][data-id={article_id}]").click()
    expect(page.get_by_test_id("findings")).to_contain_text("must start with /")
    for tab in ("tab-try", "tab-history"):
        assert serious(page) == []
        page.get_by_test_id(tab).click()
    assert serious(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= screen["viewport"]["width"]


def serious(page: Page) -> list[str]:
    """What axe calls serious or worse, one line each."""
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
