from __future__ import annotations

import json

from assistant.contract import Trigger
from assistant.conversation.events import Author, Event, Kind, Role, Source
from assistant.conversation.record import Customer, Record
from assistant.conversation.state import State
from assistant.handoff.bundle import build_bundle

CUSTOMER, BOT, SYSTEM = Author(Role.CUSTOMER), Author(Role.BOT, "Assistant"), Author(Role.SYSTEM)
RECORD = Record(
    "c1",
    State(),
    "web",
    1.0,
    "en-GB",
    {"page_url": "https://shop.example/tents"},
    Customer("Ada", "ada@example.org", "gold"),
)
LOG = [
    Event(Kind.MESSAGE, CUSTOMER, "1-0", text="how do I send my torn tent back"),
    Event(Kind.MESSAGE, BOT, "2-0", text="…", article_id="return-an-item", source=Source("Returns"), reply_to="1-0"),
    Event(
        Kind.TRACE, SYSTEM, "3-0", reply_to="1-0",
        trace={"negative": 0.2, "decision": "answer", "article_id": "return-an-item", "confidence": 0.91},
    ),
    Event(Kind.FEEDBACK, CUSTOMER, "4-0", event_id="2-0", helpful=False),
    Event(Kind.MESSAGE, CUSTOMER, "5-0", text="and who pays the postage for a torn tent"),
    Event(Kind.TRACE, SYSTEM, "6-0", reply_to="5-0", trace={"negative": 0.8, "decision": "none"}),
    Event(Kind.MESSAGE, CUSTOMER, "7-0", text="Talk to a person", payload="/ask_for_human"),
]  # fmt: skip
TRIGGER = Trigger("unhelpful", "It did not help twice.", 2, 2, ("1-0", "5-0"))


def test_that_an_agent_learns_why_what_was_asked_and_what_was_tried() -> None:
    bundle = build_bundle(
        RECORD, LOG, TRIGGER, [{"kind": "email", "value": "a@b.c"}], {"order_number": "TT-104233"}, 60.0
    )
    assert bundle["reason"]["code"] == "unhelpful"
    assert bundle["reason"]["triggers"] == [TRIGGER.as_json()]
    assert bundle["last_question"] == "and who pays the postage for a torn tent"
    assert bundle["sentiment"]["now"] == 0.8
    assert [step["negative"] for step in bundle["sentiment"]["trend"]] == [0.2, 0.8]
    assert bundle["facts"] == [{"kind": "email", "value": "a@b.c"}]
    assert bundle["slots"] == {"order_number": "TT-104233"}
    assert bundle["customer"] == {"name": "Ada", "email": "ada@example.org", "tier": "gold", "id": None}
    assert bundle["page_url"] == "https://shop.example/tents"
    assert bundle["created_at"] == "1970-01-01T00:01:00.000Z"
    first, second = bundle["attempts"]
    assert (first["article_title"], first["score"], first["feedback"]) == ("Returns", 0.91, "unhelpful")
    assert (second["question"], second["decision"], second["article_id"]) == (LOG[4].text, "none", None)


def test_that_a_bundle_is_plain_json_and_each_handoff_has_its_own_id() -> None:
    bundles = [build_bundle(RECORD, LOG, TRIGGER, [], {}, 60.0) for _ in range(2)]
    assert json.loads(json.dumps(bundles[0])) == bundles[0]
    assert bundles[0]["handoff_id"] != bundles[1]["handoff_id"]


def test_that_a_conversation_without_a_word_can_be_handed_over() -> None:
    bundle = build_bundle(RECORD, [], Trigger("bot_unavailable", "Rasa is down."), [], {}, 0.0)
    assert (bundle["last_question"], bundle["summary"], bundle["attempts"]) == (None, [], [])
    assert bundle["sentiment"] == {"now": None, "trend": []}
