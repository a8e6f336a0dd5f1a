from __future__ import annotations

import numpy as np

from assistant.escalation.sketch import SIZE, likeness, sketch


def test_that_sketches_keep_cosines_to_within_a_few_hundredths() -> None:
    draw = np.random.default_rng(0)
    off = []
    for share in np.linspace(0, 1, 200):
        one, other = draw.standard_normal((2, 384))
        mixed = share * one + (1 - share) * other
        cosine = float(one @ mixed / np.linalg.norm(one) / np.linalg.norm(mixed))
        off.append(abs(likeness(sketch(one), sketch(mixed)) - cosine))
    assert np.mean(off) < 0.05


def test_that_a_sketch_is_small_and_the_same_everywhere() -> None:
    vector = np.linspace(-1, 1, 384)
    assert len(sketch(vector)) <= SIZE * 1.4
    assert sketch(vector).startswith("GRO4KTQP")


def test_that_nothing_is_like_a_missing_sketch() -> None:
    assert likeness("", sketch(np.ones(384))) == 0.0
    assert likeness(sketch(np.ones(384)), sketch(np.ones(384))) > 0.999
