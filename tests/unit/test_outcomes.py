"""What counts as a sign that an answer was right or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from assistant.contract import BestMatch, BotMessage, BotReply, Choice, Trace
from assistant.conversation.events import Author, Event, Kind, Role
from assistant.conversation.replies import reply_events
from assistant.conversation.state import State
from assistant.conversation.status_lines import status_event
from assistant.observe.outcomes import MAX_A_CONVERSATION, judgements

CUSTOMER, BOT = Author(Role.CUSTOMER), Author(Role.BOT)
HITS = (BestMatch("refund", 0.9), BestMatch("return", 0.05))


class Talk:
    """A conversation log as the gateway writes it."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, event: Event) -> Event:
        numbered = Event(**{**vars(event), "id": f"{1_000 + len(self.events)}-0"})
        self.events.append(numbered)
        return numbered

    def turn(self, event: Event, trace: Trace, messages: Sequence[BotMessage] = (BotMessage("…"),)) -> Event:
        """The customer's event and the bot's reply; returns the bot's first message."""
        accepted = self.add(event)
        first, *_ = [self.add(one) for one in reply_events(BotReply(tuple(messages), trace=trace), BOT, accepted.id)]
        return first

    def ask(self, text: str = "where is my money", decision: str = "answer", hits: Any = HITS) -> Event:
        article_id = hits[0].article_id if decision in ("answer", "repeat") else None
        shown = BotMessage("…", article_id=article_id, choices=(Choice("Refunds", "/choose_article"),))
        trace = Trace("ask_question", 0.9, decision=decision, article_id=article_id, confidence=0.9, hits=hits)
        return self.turn(Event(Kind.MESSAGE, CUSTOMER, text=text), trace, (shown,))

    def say(self, intent: str, text: str = "…", payload: str | None = None, **measured: float) -> Event:
        return self.turn(Event(Kind.MESSAGE, CUSTOMER, text=text, payload=payload), Trace(intent, 0.9, **measured))

    def choose(self, article_id: str) -> Event:
        chosen = Event(Kind.MESSAGE, CUSTOMER, text="Returns", payload="/choose_article")
        trace = Trace("choose_article", 1.0, decision="answer", article_id=article_id, confidence=1.0)
        return self.turn(chosen, trace, (BotMessage("…", article_id=article_id),))

    def thumb(self, message: Event, helpful: bool) -> None:
        rated = Event(Kind.FEEDBACK, CUSTOMER, event_id=message.id, helpful=helpful)
        if helpful:
            self.add(rated)
        else:
            self.turn(rated, Trace("did_not_help", 1.0))

    def press_person(self) -> None:
        self.add(status_event("handoff_requested", "You're next in line.", State()))

    @property
    def judged(self) -> list[tuple[str, bool]]:
        return [(one.article_id, one.right) for one in judgements(self.events)]


def test_that_the_last_thumb_counts() -> None:
    talk = Talk()
    answer = talk.ask("where is my money")
    talk.thumb(answer, False)
    assert talk.judged == [("refund", False)]
    talk.thumb(answer, True)
    assert talk.judged == [("refund", True)]
    [judgement] = judgements(talk.events)
    assert (judgement.text, judgement.milliseconds) == ("where is my money", 1_000)


@pytest.mark.parametrize(
    ("intent", "measured", "judged"),
    [
        ("thank", {}, [("refund", True)]),
        ("thank", {"negative": 0.9}, []),
        ("goodbye", {}, []),
        ("greet", {}, []),
        ("did_not_help", {}, [("refund", False)]),
        ("ask_for_human", {}, [("refund", False)]),
        ("nlu_fallback", {"asked_for_human": 0.9}, [("refund", False)]),
    ],
)
def test_that_what_comes_right_after_an_answer_judges_it(
    intent: str, measured: dict[str, float], judged: list[tuple[str, bool]]
) -> None:
    talk = Talk()
    talk.ask()
    talk.say(intent, **measured)
    assert talk.judged == judged


def test_that_silence_and_another_question_judge_nothing() -> None:
    talk = Talk()
    talk.ask()
    talk.ask("when do you open", hits=(BestMatch("hours", 0.9),))
    assert talk.judged == []


def test_that_thanks_after_something_else_judge_nothing() -> None:
    talk = Talk()
    talk.ask()
    talk.say("order_status", "TT-104233")
    talk.say("thank")
    assert talk.judged == []


def test_that_thanks_are_no_excuse_but_a_thumb_is() -> None:
    talk = Talk()
    talk.ask()
    talk.say("thank")
    talk.say("ask_for_human")
    assert talk.judged == [("refund", False)]
    talk = Talk()
    talk.thumb(talk.ask(), True)
    talk.say("ask_for_human")
    assert talk.judged == [("refund", True)]


def test_that_the_button_for_a_person_judges_what_was_answered_right_before() -> None:
    talk = Talk()
    talk.ask()
    talk.press_person()
    talk.say("thank", "thanks, Mara")
    assert talk.judged == [("refund", False)]
    talk = Talk()
    talk.ask(decision="none")
    talk.press_person()
    assert talk.judged == []


def test_that_a_choice_tells_the_right_article() -> None:
    talk = Talk()
    talk.ask(decision="suggest")
    talk.choose("return")
    assert talk.judged == [("return", True)]


def test_that_a_choice_after_a_complaint_tells_the_right_article() -> None:
    talk = Talk()
    talk.ask()
    talk.say("did_not_help")
    talk.choose("return")
    talk.say("thank")
    assert talk.judged == [("return", True)]


def test_that_a_chosen_article_may_be_wrong_too() -> None:
    talk = Talk()
    talk.ask(decision="suggest")
    talk.thumb(talk.choose("refund"), False)
    assert talk.judged == [("refund", False)]


def test_that_none_of_these_refuses_the_first() -> None:
    talk = Talk()
    talk.ask(decision="suggest")
    talk.say("none_of_these", "None of these", payload="/none_of_these")
    assert talk.judged == [("refund", False)]


def test_that_the_same_question_again_refuses_the_answer() -> None:
    talk = Talk()
    talk.ask()
    talk.say("greet")
    talk.ask("but where is the money", decision="repeat")
    assert talk.judged == [("refund", False)]


def test_that_topics_for_people_and_words_to_a_person_are_left_out() -> None:
    talk = Talk()
    talk.ask("my tent burned me", decision="human_only")
    talk.say("thank")
    talk.add(Event(Kind.MESSAGE, CUSTOMER, text="that did not help"))
    assert talk.judged == []


def test_that_the_article_given_before_is_told() -> None:
    talk = Talk()
    talk.ask()
    talk.thumb(talk.ask("and for canada", hits=(BestMatch("canada", 0.9),)), True)
    assert [one.previous for one in judgements(talk.events)] == ["refund"]


def test_that_one_conversation_weighs_only_so_much_and_old_questions_nothing() -> None:
    talk = Talk()
    for number in range(2 * MAX_A_CONVERSATION):
        talk.thumb(talk.ask(f"question {number}"), number % 2 == 0)
    found = judgements(talk.events)
    assert [one.text for one in found] == [f"question {n}" for n in range(MAX_A_CONVERSATION, 2 * MAX_A_CONVERSATION)]
    assert judgements(talk.events, since_ms=found[-1].milliseconds) == found[-1:]
