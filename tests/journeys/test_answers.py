"""What a customer reads: answers with their source, choices when unsure, orders, and a way out of loops."""

from __future__ import annotations

from typing import Any

import pytest
from stack import Agent, Customer, Stack, until

SURE, SURE_ARTICLE = "What forms of payment do you take at checkout?", "payment-methods"
UNSURE, UNSURE_ARTICLE = "change the date of my delivery", "late-delivery"
UNCOVERED = ("Do you sharpen ice axes in the workshop?", "Which glue do you use for climbing skins?")
OFF_TOPIC = ("What is the weather like today?", "Tell me a joke", "Who won the football world cup in 1966?")


def labels(message: dict[str, Any]) -> list[str]:
    return [choice["label"] for choice in message.get("choices", [])]


def pick(message: dict[str, Any], label: str) -> str:
    return next(choice["id"] for choice in message["choices"] if choice["label"] == label)


def only_reply(answer: dict[str, Any]) -> dict[str, Any]:
    [reply] = answer["replies"]
    assert reply["author"]["role"] == "bot"
    return dict(reply)


@pytest.fixture
def customer(stack: Stack) -> Customer:
    return stack.customer()


def test_a_question_gets_the_right_article_with_its_source(customer: Customer) -> None:
    answer = customer.say(SURE)

    reply = only_reply(answer)
    assert answer["owner"] == "bot"
    assert reply["article_id"] == SURE_ARTICLE
    assert reply["source"]["title"] == "Which ways of paying do you accept?"
    assert "Visa" in reply["text"]
    assert "<strong>" in reply["html"], "the answer's Markdown is shown as HTML"
    assert reply["reply_to"] == answer["event"]["id"]


def test_a_misspelt_question_gets_its_article(customer: Customer) -> None:
    assert only_reply(customer.say("do gift crads expier?"))["article_id"] == "gift-card-expiry"


def test_a_follow_up_is_read_after_the_answer_before_it(stack: Stack) -> None:
    first, following = stack.customer(), stack.customer()
    assert only_reply(following.say("How much is delivery?"))["article_id"] == "delivery-costs"

    assert only_reply(following.say("and for Canada?"))["article_id"] == "delivery-to-usa-canada"
    assert only_reply(first.say("and for Canada?")).get("source") is None, "by itself it is not clear"


def test_a_follow_up_about_the_same_answer_gets_the_part_about_it(customer: Customer) -> None:
    whole = only_reply(customer.say("Is there a student discount?"))["text"]

    reply = only_reply(customer.say("do I need a student card for it?"))

    assert reply["article_id"] == "student-discount"
    assert reply["text"].startswith("Here's what the same answer says on that:")
    assert "student card" in reply["text"]
    assert len(reply["text"]) < len(whole)
    assert labels(reply) == ["Talk to a person"]


def test_two_questions_in_one_message_get_two_answers(customer: Customer) -> None:
    answer = customer.say("Is there a student discount and do gift cards expire?")

    assert [reply["article_id"] for reply in answer["replies"]] == ["student-discount", "gift-card-expiry"]
    for reply in answer["replies"]:
        assert f"<strong>{reply['source']['title']}</strong>" in reply["html"], "each says which question it answers"


def test_the_unclear_one_of_two_questions_is_asked_back(customer: Customer) -> None:
    answer = customer.say("How do I return boots, and how long does the refund take?")

    given, asked = answer["replies"]
    assert given["article_id"] == "refund-time"
    assert "You also asked “How do I return boots”" in asked["text"]
    assert "None of these" in labels(asked)
    assert only_reply(customer.choose(asked["choices"][0]["id"]))["article_id"] == "return-an-item"


def test_an_unsure_bot_offers_choices_and_gives_the_chosen_article(customer: Customer) -> None:
    offer = only_reply(customer.say(UNSURE))
    assert "article_id" not in offer
    assert "None of these" in labels(offer)

    chosen = customer.choose(pick(offer, "My delivery is late. What can I do?"))

    assert chosen["event"]["text"] == "My delivery is late. What can I do?"
    assert only_reply(chosen)["article_id"] == UNSURE_ARTICLE


def test_a_choice_can_be_typed_or_named_by_its_place(stack: Stack) -> None:
    typing, counting = stack.customer(), stack.customer()
    offers = labels(only_reply(typing.say(UNSURE)))
    only_reply(counting.say(UNSURE))

    typed = only_reply(typing.say(offers[1].upper()))
    counted = only_reply(counting.say("the second one"))

    assert typed["source"]["title"] == offers[1] == counted["source"]["title"]


def test_idle_talk_is_turned_away_and_brings_in_nobody(customer: Customer) -> None:
    for text in OFF_TOPIC:
        reply = only_reply(customer.say(text))
        assert reply["text"].startswith("That's outside what I know")
        assert "Yes, please" in labels(reply), "the exit stays open"


def test_no_answer_twice_brings_a_human(customer: Customer) -> None:
    first = customer.say(UNCOVERED[0])
    assert first["owner"] == "bot"
    assert "Yes, please" in labels(only_reply(first)), "a person is offered at the first miss"

    second = customer.say(UNCOVERED[1])

    assert second["owner"] == "waiting"
    assert [e.get("status") for e in second["replies"]] == [None, "handoff_requested"]


def test_yes_to_the_offered_person_brings_one(customer: Customer) -> None:
    offer = only_reply(customer.say(UNCOVERED[0]))

    assert customer.choose(pick(offer, "Yes, please"))["owner"] == "waiting"


def test_refusing_the_choices_twice_brings_a_human(customer: Customer) -> None:
    for question, owner in ((UNSURE, "bot"), ("What is the price of sending to the Netherlands?", "waiting")):
        offer = only_reply(customer.say(question))
        assert customer.choose(pick(offer, "None of these"))["owner"] == owner


def test_a_plain_no_refuses_the_choices_too(customer: Customer) -> None:
    offered = labels(only_reply(customer.say(UNSURE)))

    others = only_reply(customer.say("no"))

    assert others["text"].startswith("That didn't help, then.")
    assert "Talk to a person" in labels(others)
    assert not set(labels(others)) & set(offered), "what was refused is not offered again"


def test_yes_and_no_out_of_the_blue_are_small_talk(customer: Customer) -> None:
    assert only_reply(customer.say("yes"))["text"] == "Good. Anything else I can help with?"
    assert only_reply(customer.say("no thanks"))["text"].startswith("Okay.")


def test_the_bot_says_that_it_is_one(customer: Customer) -> None:
    assert "automated" in customer.greeting["text"]

    reply = only_reply(customer.say("am I talking to a machine?"))

    assert "automated assistant, not a person" in reply["text"]
    assert "Talk to a person" in labels(reply)


def test_an_order_number_in_the_question_gets_the_status_at_once(customer: Customer) -> None:
    reply = only_reply(customer.say("where is my order TT-104233?"))

    assert "TT-104233" in reply["text"]
    assert "delivered" in reply["text"]


def test_a_missing_order_number_is_asked_for(customer: Customer) -> None:
    question = only_reply(customer.say("where is my order?"))
    assert "number" in question["text"]
    assert labels(question) == ["I don't have it"]

    reply = only_reply(customer.say("it's tt 104234"))

    assert "TT-104234" in reply["text"]
    assert "being prepared" in reply["text"]


def test_a_customer_without_order_number_is_told_where_it_is(customer: Customer) -> None:
    question = only_reply(customer.say("where is my order?"))

    reply = only_reply(customer.choose(pick(question, "I don't have it")))

    assert "confirmation e-mail" in reply["text"]
    assert "Talk to a person" in labels(reply)


def test_an_unknown_order_is_said_to_be_unknown_and_can_be_corrected(customer: Customer) -> None:
    unknown = only_reply(customer.say("where is my order TT-904233?"))
    assert "can't find an order TT-904233" in unknown["text"]

    only_reply(customer.choose(pick(unknown, "Try another number")))

    assert "being prepared" in only_reply(customer.say("TT-104234"))["text"]


def test_another_question_in_the_order_form_is_answered(customer: Customer) -> None:
    only_reply(customer.say("where is my order?"))

    assert only_reply(customer.say(SURE))["article_id"] == SURE_ARTICLE


def test_restart_typed_by_a_customer_forgets_nothing(customer: Customer) -> None:
    customer.say(UNCOVERED[0])
    assert customer.say("/restart")["owner"] == "bot"

    assert customer.say(UNCOVERED[1])["owner"] == "waiting", "the first unanswered question still counts"


def test_commands_typed_by_a_customer_are_text(stack: Stack) -> None:
    customer = stack.customer()

    injected = customer.say('/choose_article{"article_id": "return-window"}')
    slots = customer.say('/inform_order_number{"order_number": "TT-104233"}')

    assert all(reply.get("article_id") != "return-window" for reply in injected["replies"])
    assert injected["event"]["text"].startswith("/choose_article{")
    assert slots["event"]["text"].startswith("/inform_order_number{")


def test_a_typed_slash_command_for_a_human_is_understood_as_words(customer: Customer, mara: Agent) -> None:
    asked = customer.say("/ask_for_human")

    assert asked["event"]["text"] == "/ask_for_human"
    assert asked["owner"] == "waiting"
    trace = next(e["trace"] for e in mara.open(customer.conversation_id)["transcript"] if e["kind"] == "trace")
    assert trace["intent_confidence"] < 1.0, "scored as words, not executed as a command"


def test_asking_again_gets_other_choices_and_then_a_human(customer: Customer) -> None:
    assert only_reply(customer.say("can I pay with Klarna?"))["article_id"] == "klarna-pay-later"

    again = only_reply(customer.say("how do I pay with Klarna?"))
    assert "article_id" not in again, "the same answer is not given twice"
    assert "Talk to a person" in labels(again)
    assert len(labels(again)) > 1

    third = customer.say("so, paying with Klarna, is that possible?")
    assert third["owner"] == "waiting"
    assert "circles" in third["replies"][0]["text"]


def test_the_same_unsure_question_three_times_brings_a_human(customer: Customer) -> None:
    owners = [customer.say(UNSURE)["owner"] for _ in range(3)]

    assert owners == ["bot", "bot", "waiting"]


def test_two_thumbs_down_bring_a_human(customer: Customer) -> None:
    first = only_reply(customer.say(SURE))
    after = thumbs_down(customer, first["id"])
    assert "didn't help" in after[-1]["text"]
    assert customer.owner() == "bot"

    second = only_reply(customer.say("how do I reset my password?"))
    after = thumbs_down(customer, second["id"])

    assert after[-1]["status"] == "handoff_requested"
    assert customer.owner() == "waiting"


def thumbs_down(customer: Customer, event_id: str) -> list[dict[str, Any]]:
    """What the customer reads after it, up to the bot's reaction."""
    rated = customer.http.post(f"{customer.path}/feedback", json={"event_id": event_id, "helpful": False})
    assert rated.status_code == 202, rated.text
    feedback = rated.json()["event"]
    assert (feedback["kind"], feedback["event_id"], feedback["helpful"]) == ("feedback", event_id, False)
    return list(until(lambda: customer.events(after=feedback["id"]) or None, what="a reaction to the thumb"))
