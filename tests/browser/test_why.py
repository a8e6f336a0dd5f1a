"""The card that tells an agent why a conversation needs a person."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Route, expect
from screens import DeskPage
from stack import Stack


def reason(desk: DeskPage) -> Locator:
    return desk.page.get_by_test_id("why").locator(".why-reason")


def evidence(desk: DeskPage) -> Locator:
    return desk.page.get_by_test_id("evidence").get_by_role("link")


def test_that_the_rule_stands_in_plain_words_above_what_the_customer_said(desk: DeskPage, stack: Stack) -> None:
    customer = stack.customer()
    customer.say("How long do refunds take?")
    customer.say("let me speak to a person")
    desk.open(customer.conversation_id)
    expect(reason(desk)).to_have_text("The customer asked for a person")
    expect(evidence(desk)).to_have_text(["“let me speak to a person”"])
    expect(desk.page.get_by_test_id("attempts")).to_contain_text(re.compile("How long does a refund take.*answered"))
    evidence(desk).focus()
    desk.page.keyboard.press("Enter")
    message = desk.said_by("customer").filter(has_text="let me speak to a person")
    expect(message).to_be_focused()
    expect(message).to_be_in_viewport()


def test_that_no_id_of_an_article_stands_in_the_reason(desk: DeskPage, stack: Stack) -> None:
    customer = stack.customer()
    customer.say("There is a charge from you on my card that I don't recognise")
    desk.open(customer.conversation_id)
    expect(evidence(desk)).to_contain_text(["a charge from you on my card"])
    expect(desk.page.get_by_test_id("why")).not_to_contain_text("unknown-charge-fraud")


@pytest.mark.parametrize(
    ("said", "badge"),
    [
        ("I want to kill myself", "Life at risk"),
        ("The stove exploded and I burned my hand badly", "Product injury"),
    ],
)
def test_that_the_list_says_what_a_sensitive_conversation_is_about(
    desk: DeskPage, stack: Stack, said: str, badge: str
) -> None:
    customer = stack.customer()
    customer.say(said)
    shown = desk.row(customer.conversation_id).locator(".badge")
    expect(shown).to_have_text(badge)
    desk.page.reload()
    expect(shown).to_have_text(badge)


def test_that_a_conversation_that_did_not_load_can_be_tried_again(desk: DeskPage, stack: Stack) -> None:
    customer = stack.customer()
    customer.say("let me speak to a person")
    expect(desk.row(customer.conversation_id)).to_be_visible()

    def lose(route: Route) -> None:
        route.abort()

    address = f"**/v1/desk/conversations/{customer.conversation_id}"
    desk.page.route(address, lose)
    desk.row(customer.conversation_id).click()
    expect(desk.page.get_by_test_id("why")).to_contain_text("Cannot show this conversation")
    expect(desk.page.get_by_test_id("claim")).to_be_hidden()
    desk.page.unroute(address, lose)
    desk.page.get_by_role("button", name="Try again").click()
    expect(reason(desk)).to_have_text("The customer asked for a person")
    expect(desk.page.get_by_test_id("claim")).to_be_visible()
