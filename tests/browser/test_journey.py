"""The way from the shop page to a person and back, in two real browsers on the running product."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Frame, Page, Route, expect
from screens import ANSWER_MS, DeskPage, ShopPage
from stack import AGENT, PASSWORD, Stack, until

QUESTION = "Can I return boots that I have worn outside?"
PAYLOADS = (
    '<img src=x onerror="parent.hit=window.hit=1">',
    '<script>window.hit = 1</script><svg onload="window.hit=1">',
    '[press](javascript:window.hit=1) <a href="javascript:window.hit=1">press</a>',
)
PHONE = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}


def written(stack: Stack, conversation_id: str) -> list[str]:
    """The customer's messages as they stand in the log."""
    transcript = stack.agent().open(conversation_id)["transcript"]
    return [
        event["text"] for event in transcript if event["kind"] == "message" and event["author"]["role"] == "customer"
    ]


def test_that_a_customer_gets_to_a_person_who_knows_why(shop: ShopPage, desk: DeskPage) -> None:
    chat, page = shop.chat, desk.page

    shop.page.get_by_test_id("launcher").focus()
    with shop.page.expect_response(lambda response: response.url.endswith("/v1/conversations")) as started:
        shop.page.keyboard.press("Enter")
    conversation = started.value.json()["conversation_id"]
    expect(shop.said_by("bot")).to_contain_text("automated assistant")
    expect(chat.get_by_test_id("composer")).to_be_focused()

    shop.page.keyboard.type(QUESTION)
    shop.page.keyboard.press("Enter")
    answer = shop.said_by("bot").nth(1)
    expect(answer).to_contain_text("used outdoors", timeout=ANSWER_MS)
    expect(answer).to_contain_text("From: Which items can't be returned?")

    expect(desk.row(conversation)).to_have_count(0)
    chat.get_by_test_id("talk-to-person").click()
    expect(chat.get_by_test_id("status").last).to_contain_text("in line")
    expect(chat.get_by_test_id("talk-to-person")).to_have_text("Back to the assistant")

    row = desk.row(conversation)
    expect(row).to_contain_text("Wants a person")
    expect(row).to_contain_text(re.compile(r"\d:\d\d"))
    row.click()
    expect(page.get_by_test_id("why")).to_contain_text(QUESTION)
    expect(page.get_by_test_id("attempts")).to_contain_text("Which items can't be returned?")
    expect(page.get_by_test_id("send")).to_be_disabled()
    desk.claim()
    expect(chat.get_by_test_id("status").last).to_contain_text("Mara from the support team has joined.")

    desk.write("Their boots look barely worn in the photo.", mode="note")
    expect(page.get_by_test_id("note")).to_contain_text("barely worn")
    desk.write("I'm Mara. Are they **still clean**?")
    expect(shop.said_by("agent")).to_contain_text("Are they still clean?")
    expect(chat.get_by_role("heading").first).to_be_visible()
    expect(chat.locator("#role")).to_contain_text("Mara")

    shop.say("Yes, I only wore them on the stairs.")
    expect(desk.said_by("customer").last).to_contain_text("only wore them on the stairs")
    expect(page.get_by_test_id("note")).to_have_count(1)
    expect(chat.locator("body")).not_to_contain_text("barely worn")

    page.get_by_test_id("resolve").click()
    page.get_by_test_id("resolve-confirm").click()
    expect(chat.get_by_test_id("status").last).to_contain_text("Mara has closed this conversation.")

    seen = chat.locator("#log .body, #log [data-testid=status]").all_inner_texts()
    shop.page.reload()
    expect(chat.get_by_test_id("status").last).to_contain_text("Mara has closed this conversation.")
    assert chat.locator("#log .body, #log [data-testid=status]").all_inner_texts() == seen
    assert not any("barely worn" in text for text in seen)


def test_that_a_link_in_an_answer_leads_to_the_shop(shop: ShopPage) -> None:
    shop.open_chat()
    answer = shop.ask("The main zip on my jacket has come apart. Can it be fixed?")
    with shop.page.context.expect_page() as opened:
        answer.get_by_role("link", name="repairs page").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Here a real shop would help you")
    assert opened.value.url.endswith("/help/repairs")


def test_that_a_waiting_customer_can_go_back_to_the_assistant(shop: ShopPage, desk: DeskPage) -> None:
    shop.open_chat()
    button = shop.chat.get_by_test_id("talk-to-person")
    button.click()
    expect(desk.row(shop.conversation_id)).to_be_visible()
    button.click()
    expect(button).to_have_text("Talk to a person")
    expect(desk.row(shop.conversation_id)).to_have_count(0)


def test_that_what_is_written_offline_is_sent_once_and_in_order(shop: ShopPage, stack: Stack, has_agent: bool) -> None:
    shop.open_chat()
    shop.page.context.set_offline(True)
    shop.say("How long does standard delivery take?")
    shop.say("And what does it cost?")
    expect(shop.said_by("customer").last).to_contain_text("Will send when back")
    shop.page.context.set_offline(False)
    expect(shop.said_by("bot")).to_have_count(3, timeout=ANSWER_MS)
    expect(shop.said_by("customer")).to_have_count(2)
    expect(shop.chat.get_by_text("Will send when back")).to_have_count(0)
    log = written(stack, shop.conversation_id)
    assert log == ["How long does standard delivery take?", "And what does it cost?"]


def test_that_a_message_whose_confirmation_is_lost_is_not_sent_twice(
    shop: ShopPage, stack: Stack, has_agent: bool
) -> None:
    shop.open_chat()
    posts: list[str] = []

    def lose_the_first(route: Route) -> None:
        posts.append(route.request.post_data or "")
        if len(posts) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    shop.page.route("**/messages?*", lose_the_first)
    shop.ask(QUESTION)
    until(lambda: len(posts) > 1 or None, 15, "sending again")
    expect(shop.said_by("customer")).to_have_count(1)
    assert posts[0] == posts[1]
    assert written(stack, shop.conversation_id) == [QUESTION]


def test_that_nothing_typed_becomes_markup(shop: ShopPage, desk: DeskPage) -> None:
    shop.open_chat()
    shop.chat.get_by_test_id("talk-to-person").click()
    desk.row(shop.conversation_id).click()
    desk.claim()
    for payload in PAYLOADS:
        shop.say(payload)
        expect(desk.said_by("customer").last).to_contain_text(payload)
        expect(shop.said_by("customer").last).to_contain_text(payload)
        expect(desk.row(shop.conversation_id)).to_contain_text(payload[:20])
        desk.write(payload)
        expect(shop.said_by("agent")).to_have_count(PAYLOADS.index(payload) + 1)
        desk.write(payload, mode="note")
        expect(desk.page.get_by_test_id("note")).to_have_count(PAYLOADS.index(payload) + 1)
    bubbles = (
        ".bubble :is(img, script, svg, iframe), .bubble a[href^='javascript' i], .bubble [onload], .bubble [onerror]"
    )
    for frame in (*shop.page.frames, *desk.page.frames):
        assert frame.locator(bubbles).count() == 0
        assert frame.evaluate("window.hit") is None


def fits(frame: Page | Frame) -> bool:
    return bool(frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))


def test_that_a_phone_of_320_pixels_is_enough_for_both(
    new_context: Callable[..., BrowserContext], has_agent: bool
) -> None:
    shop = ShopPage.visit(new_context(**PHONE))
    assert fits(shop.page)
    shop.open_chat()
    shop.ask(QUESTION)
    for name in ("composer", "send", "talk-to-person", "thumbs-up"):
        box = shop.chat.get_by_test_id(name).last.bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= 320 and box["height"] >= 44, name
    assert fits(shop.frame())
    shop.chat.get_by_test_id("talk-to-person").tap()

    desk = DeskPage.sign_in(new_context(**PHONE), AGENT, PASSWORD)
    desk.row(shop.conversation_id).tap()
    assert fits(desk.page)
    desk.page.get_by_test_id("claim").tap()
    desk.page.get_by_test_id("composer").fill("Hello, I'm Mara.")
    desk.page.get_by_test_id("send").tap()
    expect(shop.said_by("agent")).to_contain_text("Hello, I'm Mara.")
    assert fits(desk.page) and fits(shop.frame())
    desk.page.get_by_role("button", name="Back to the list").tap()
    expect(desk.page.get_by_test_id("tab-mine")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_axe_finds_nothing_serious(
    new_context: Callable[..., BrowserContext], stack: Stack, has_agent: bool, scheme: str
) -> None:
    shop = ShopPage.visit(new_context(color_scheme=scheme, reduced_motion="reduce"))
    assert serious(shop.page) == []
    shop.open_chat()
    shop.ask(QUESTION)
    shop.chat.get_by_test_id("talk-to-person").click()
    expect(shop.chat.get_by_test_id("status")).to_have_count(1)
    desk = DeskPage.sign_in(new_context(color_scheme=scheme, reduced_motion="reduce"), AGENT, PASSWORD)
    desk.open(shop.conversation_id)
    desk.claim()
    desk.write("Hello, I'm Mara.")
    desk.write("A note.", mode="note")
    expect(shop.said_by("agent")).to_be_visible()
    expect(desk.page.get_by_test_id("note")).to_be_visible()
    assert serious(shop.frame()) == []
    assert serious(desk.page) == []


def serious(where: Page | Frame) -> list[str]:
    """What axe calls serious or worse, one line each."""
    found = Axe().run(where).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node['failureSummary']}"
        for violation in found
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
