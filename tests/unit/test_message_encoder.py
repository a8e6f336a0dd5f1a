"""A message is read with its slips repaired, towards the words that the labelled messages use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from assistant.encoder import Encoder
from assistant.message_encoder import WORDS_FILE, MessageEncoder
from assistant.setup.labelled_words import label_words

CLEAN = ("can i talk to a person", "please get me a real person", "another person please", "the parcel is soaked")
MESSAGES = [
    *CLEAN * 10,
    "get me a persn",
    "a persn pls",
    "wher is it",
    "wher to",
    *["where is it"] * 9,
    "a wet parcel from skyheron",
    "skyheron is late",
    "a zzyx",
]


def test_that_words_are_counted_without_slips_and_short_forms(encoder: Encoder) -> None:
    words = label_words(MESSAGES, encoder.vocabulary)
    assert words["person"] == 30
    assert words["skyheron"] == 2, "a name that nothing is near to"
    assert not {"persn", "wher", "pls", "zzyx"} & set(words), "a slip, a short form, a word seen once"


def test_that_a_misspelt_message_is_read_like_the_right_one(encoder: Encoder) -> None:
    messages = MessageEncoder(encoder, label_words(MESSAGES, encoder.vocabulary))
    typed, meant = "@shop cn i tlak to a real persn", "cn i talk to a real person"
    assert messages.read(typed) == meant
    assert messages.read("my skyheron parcl") == "my skyheron parcel"
    typed_features, meant_features = messages.features([messages.read(typed), messages.read(meant)])
    assert np.allclose(typed_features, meant_features, atol=1e-5)
    assert messages.features([messages.read("@shop")]).shape == (1, encoder.width), "nothing left to read"


def test_that_words_survive_and_broken_ones_say_what_to_do(encoder: Encoder, tmp_path: Path) -> None:
    saved = MessageEncoder(encoder, {"skyheron": 2})
    saved.save(tmp_path)
    assert MessageEncoder.load(tmp_path, encoder).words == saved.words
    for broken in ("[1]", "{", '{"word": null}', '{"word": -3}', '{"word": Infinity}'):
        (tmp_path / WORDS_FILE).write_text(broken)
        with pytest.raises(ValueError, match=r"words\.json does not count words .* Run `offramp build`"):
            MessageEncoder.load(tmp_path, encoder)
    with pytest.raises(ValueError, match=r"words\.json does not count words .* Run `offramp build`"):
        MessageEncoder.load(tmp_path / "nowhere", encoder)
