from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from assistant.escalation.sketch import SIZE, likeness, sketch


@given(seed=st.integers(0, 10_000), share=st.floats(0, 1))
def test_that_a_sketch_keeps_the_cosine_roughly(seed: int, share: float) -> None:
    one, other = np.random.default_rng(seed).standard_normal((2, 384))
    one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
    mixed = share * one + (1 - share) * other
    cosine = float(one @ mixed / np.linalg.norm(mixed))
    assert abs(likeness(sketch(one), sketch(mixed)) - cosine) < 0.35


def test_that_a_sketch_is_small_and_the_same_everywhere() -> None:
    vector = np.linspace(-1, 1, 384)
    assert len(sketch(vector)) <= SIZE * 1.4
    assert sketch(vector).startswith("GRO4KTQP")


def test_that_nothing_is_like_a_missing_sketch() -> None:
    assert likeness("", sketch(np.ones(384))) == 0.0
    assert likeness(sketch(np.ones(384)), sketch(np.ones(384))) > 0.999
