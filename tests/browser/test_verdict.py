"""An agent marks a hand-off in the card that says why it came."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Locator, Page, expect
from screens import DeskPage
from stack import AGENT, PASSWORD, Customer, Stack

TOM = ("tom", "another good passphrase")
NARROW = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


@pytest.fixture
def customer(stack: Stack, has_agent: bool) -> Customer:
    waiting = stack.customer()
    waiting.say("let me speak to a person")
    return waiting


def verdict(page: Page, name: str) -> Locator:
    return page.get_by_test_id("handoff-verdict").get_by_role("button", name=name, exact=True)


def pressed(page: Page) -> list[str]:
    return page.locator("[data-testid=handoff-verdict] [aria-pressed=true]").all_inner_texts()


def test_that_one_key_marks_a_handoff_and_another_agent_sees_it_and_changes_it(
    desk: DeskPage, customer: Customer, stack: Stack, new_context: Callable[..., BrowserContext]
) -> None:
    desk.open(customer.conversation_id)
    before = desk.page.get_by_test_id("transcript").inner_text()
    assert pressed(desk.page) == []
    verdict(desk.page, "Needless").focus()
    desk.page.keyboard.press("Enter")
    by = desk.page.get_by_test_id("handoff-verdict").get_by_role("status")
    expect(by).to_contain_text("Said by you")
    expect(verdict(desk.page, "Needless")).to_be_focused()
    assert pressed(desk.page) == ["Needless"]
    assert desk.page.get_by_test_id("transcript").inner_text() == before

    stack.agent(*TOM)
    other = DeskPage.sign_in(new_context(), *TOM)
    other.open(customer.conversation_id)
    expect(other.page.get_by_test_id("handoff-verdict")).to_contain_text("Said by Mara")
    assert pressed(other.page) == ["Needless"]
    verdict(other.page, "Late").click()
    expect(by).to_contain_text("Said by Tom")
    assert pressed(desk.page) == ["Late"]


def test_that_a_resolved_conversation_can_still_be_marked(desk: DeskPage, customer: Customer) -> None:
    desk.open(customer.conversation_id)
    desk.claim()
    desk.page.get_by_test_id("resolve").click()
    desk.page.get_by_test_id("resolve-confirm").click()
    expect(desk.row(customer.conversation_id)).to_have_count(0)
    verdict(desk.page, "Right").click()
    expect(verdict(desk.page, "Right")).to_have_attribute("aria-pressed", "true")
    desk.page.reload()
    expect(desk.page.get_by_test_id("handoff-verdict")).to_contain_text("Said by you")
    assert pressed(desk.page) == ["Right"]


def test_that_a_mark_that_was_not_stored_says_so(desk: DeskPage, customer: Customer) -> None:
    desk.open(customer.conversation_id)
    desk.page.route("**/handoff-verdict", lambda route: route.abort())
    verdict(desk.page, "Late").click()
    expect(desk.page.get_by_role("alert").filter(has_text="did not work")).to_be_visible()
    assert pressed(desk.page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_the_mark_fits_a_narrow_screen_and_is_accessible(
    customer: Customer, new_context: Callable[..., BrowserContext], scheme: str
) -> None:
    desk = DeskPage.sign_in(new_context(**NARROW, color_scheme=scheme), AGENT, PASSWORD)
    desk.open(customer.conversation_id)
    verdict(desk.page, "Late").tap()
    expect(verdict(desk.page, "Late")).to_have_attribute("aria-pressed", "true")
    for name in ("Right", "Needless", "Late"):
        box = verdict(desk.page, name).bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= NARROW["viewport"]["width"]  # type: ignore[index]
        assert box["height"] >= 44
    found = Axe().run(desk.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag22aa"]}).response["violations"]
    assert [v["id"] for v in found if any("verdict" in str(node["target"]) for node in v["nodes"])] == []
