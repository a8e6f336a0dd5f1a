from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from assistant.handoff.summary import SENTENCES, key_messages

TALK = [
    "hi",
    "my parcel TT-104233 was marked delivered on monday",
    "but the parcel never came to my door",
    "ok",
    "the parcel was marked delivered and never came",
    "thanks",
]


def test_that_small_talk_is_left_out_and_a_repeat_told_once() -> None:
    told = key_messages(TALK)
    assert "my parcel TT-104233 was marked delivered on monday" in told
    assert not {"hi", "ok", "thanks"} & set(told)
    assert len(key_messages(["where is my red parcel"] * 4)) == 1


def test_that_a_talk_of_short_messages_keeps_the_last() -> None:
    assert key_messages(["hi", "human", " "]) == ["human"]
    assert key_messages([]) == []


@given(messages=st.lists(st.text(max_size=40), max_size=12))
def test_that_only_what_was_said_is_told_and_in_order(messages: list[str]) -> None:
    told = key_messages(messages)
    assert len(told) <= SENTENCES
    rest = iter(messages)
    assert all(message in rest for message in told)
