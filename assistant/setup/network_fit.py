"""Fits the network of the message classifier: one hidden layer that learns from all labelled files at once.

It finds more at the same share of false alarms than the linear heads; averaged they know misspelt words too
(docs/decisions/0008-a-network-beside-linear-heads.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assistant.escalation.cues import CUE_NAMES
from assistant.escalation.network import Network
from assistant.escalation.sentiment import SIGNALS, head_names
from assistant.setup.labelled_data import LabelledData

if TYPE_CHECKING:
    import torch

Floats = npt.NDArray[np.float32]

UNITS = 256
# Of so many units each, trained from other starts and averaged: steadier where messages are unlike these.
NETWORKS = 4
EPOCHS = 16
BATCH_TEXTS = 256
LEARNING_RATE = 2e-3
WEIGHT_DECAY = 1e-2
DROPOUT = 0.3
# Components of a unit vector are small: scaled up to about the size of the cues. Those of inner layers differ much
# among each other: each is scaled to a deviation of 1.
VECTOR_SCALE = 20.0
LEAST_DEVIATION = 1e-3
SEED = 0
# The topic of a row that says nothing about topics.
UNKNOWN = -1


@dataclass(frozen=True)
class Examples:
    """The texts of all labelled files, each once, and their misspelt copies: `x` (examples, width + cues); `truth` and
    `weights` (examples, signals), the weight 0 where no file says anything of a signal; `topics` (examples,),
    `UNKNOWN` where none says anything of topics.
    """

    x: Floats
    truth: Floats
    weights: Floats
    topics: npt.NDArray[np.int64]


def examples(data: LabelledData) -> Examples:
    """Copies are labelled like their texts, and left out with them."""
    encoded = data.encoded
    truth, weights = np.zeros((2, len(encoded.features), len(SIGNALS)), dtype=np.float32)
    for number, signal in enumerate(data.signals):
        rows = encoded.rows(text for text, _ in signal.data.rows)
        np.maximum.at(truth[:, number], rows, signal.truth())
        np.maximum.at(weights[:, number], rows, signal.data.weights)
    topics = np.full(len(encoded.features), UNKNOWN)
    topics[encoded.rows(text for text, _ in data.sensitive.rows)] = data.topics
    known = np.flatnonzero(weights.any(axis=1) | (topics != UNKNOWN))
    copied = np.isin(encoded.copies, known)
    both = np.concatenate([known, encoded.copies[copied]])
    x = np.concatenate([encoded.features[known], encoded.misspelt[copied]])
    return Examples(x, truth[both], weights[both], topics[both])


def fit_network(data: LabelledData) -> Network:
    """Train for `EPOCHS`; the same data give the same network on the same machine."""
    import torch

    known = examples(data)
    mean, scale = known.x.mean(axis=0), _scale(known.x, data.encoded.dimension)
    inputs = (known.x - mean) * scale
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        layers = [_train(inputs, known) for _ in range(NETWORKS)]
    # Centring, scaling and averaging become part of the weights.
    weights = np.concatenate([hidden.weight.detach().numpy() for hidden, _ in layers]).T * scale[:, None]
    bias = np.concatenate([hidden.bias.detach().numpy() for hidden, _ in layers]) - mean @ weights
    out = np.concatenate([out.weight.detach().numpy().T for _, out in layers]) / NETWORKS
    out_bias = np.mean([out.bias.detach().numpy() for _, out in layers], axis=0)
    return Network(weights, bias, out.astype(np.float32), out_bias.astype(np.float32))


def _scale(x: Floats, dimension: int) -> Floats:
    """What the columns are multiplied with: vector, inner layers, cues."""
    scale = np.ones(x.shape[1], dtype=np.float32)
    scale[:dimension] = VECTOR_SCALE
    inner = slice(dimension, -len(CUE_NAMES))
    scale[inner] = 1 / np.maximum(x[:, inner].std(axis=0), LEAST_DEVIATION)
    return scale


def _train(x: Floats, known: Examples) -> tuple[torch.nn.Linear, torch.nn.Linear]:
    import torch

    inputs, truth, weights, topics = map(torch.from_numpy, (x, known.truth, known.weights, known.topics))
    hidden, out = torch.nn.Linear(x.shape[1], UNITS), torch.nn.Linear(UNITS, len(head_names()))
    model = torch.nn.Sequential(hidden, torch.nn.ReLU(), torch.nn.Dropout(DROPOUT), out)
    optimiser = torch.optim.AdamW(model.parameters(), lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * -(-len(x) // BATCH_TEXTS)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    for chosen in _batches(len(x)):
        loss = _loss(model(inputs[chosen]), truth[chosen], weights[chosen], topics[chosen])
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
    return hidden, out


def _batches(count: int) -> Iterator[torch.Tensor]:
    import torch

    for _ in range(EPOCHS):
        yield from torch.split(torch.randperm(count), BATCH_TEXTS)


def _loss(logits: torch.Tensor, truth: torch.Tensor, weights: torch.Tensor, topics: torch.Tensor) -> torch.Tensor:
    from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

    signals, known = logits[:, : len(SIGNALS)], topics != UNKNOWN
    loss = binary_cross_entropy_with_logits(signals, truth, weights, reduction="sum")
    if known.any():
        loss = loss + cross_entropy(logits[known, len(SIGNALS) :], topics[known], reduction="sum")
    return loss / len(logits)
