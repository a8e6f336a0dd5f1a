"""A hidden layer that all heads of the message classifier share: what linear heads cannot tell apart, it can.

It sees the encoder's features and the surface cues. `assistant/setup/network_fit.py` fits it; here it is only applied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float32]

# How the arrays are named in a file.
PREFIX = "network_"
ARRAYS = ("hidden", "hidden_bias", "out", "out_bias")


@dataclass(frozen=True)
class Network:
    """`hidden` (features, units), `hidden_bias` (units,), `out` (units, heads), `out_bias` (heads,), float32."""

    hidden: Matrix
    hidden_bias: Matrix
    out: Matrix
    out_bias: Matrix

    def logits(self, features: Matrix) -> Matrix:
        """The logit of each head, for one text (features,) or several (texts, features)."""
        units = np.maximum(features @ self.hidden + self.hidden_bias, 0.0)
        result: Matrix = units @ self.out + self.out_bias
        return result

    def arrays(self) -> dict[str, Matrix]:
        return {PREFIX + name: getattr(self, name) for name in ARRAYS}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Matrix]) -> Network:
        """Raises `KeyError` if one is missing."""
        return cls(*(arrays[PREFIX + name] for name in ARRAYS))
