"""`offramp escalation explain` says what a message scores, which cues it has, and what it sets off alone."""

from __future__ import annotations

from pathlib import Path

from assistant.setup.escalation_explain import explain_message


def test_that_a_misspelt_wish_for_a_person_is_explained(built: Path) -> None:
    found = explain_message("can i get a reel persn plese!!", built)
    assert found.scores["asked_for_human"] > 0.5 > found.scores["abusive"]
    assert {"human: person", "marks: !!"} <= set(found.cues)
    assert found.fires.startswith("asked_for_human: ")
    assert "reel persn plese" in found.fires, "the customer's own words"


def test_that_a_misspelt_question_brings_in_nobody(built: Path) -> None:
    found = explain_message("hw much is delvery to scotlnd", built)
    assert found.fires == ""
    assert max(found.scores["angry"], found.scores["abusive"], found.scores["asked_for_human"]) < 0.3
