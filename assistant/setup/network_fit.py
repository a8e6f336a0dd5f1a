"""Fits the network of the message classifier: one hidden layer that learns from all labelled files at once.

Averaged with the linear heads it finds more at the same share of false alarms than those alone; alone it is no better
than they are (docs/decisions/0008-a-network-beside-linear-heads.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from assistant.escalation.cues import CUE_NAMES
from assistant.escalation.network import Network
from assistant.escalation.ngrams import DIMENSION
from assistant.escalation.sentiment import SIGNALS, head_names
from assistant.setup.labelled_data import LabelledData, TrainingSet

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
# Components of a unit vector are small: scaled up to about the size of the cues.
EMBEDDING_SCALE = 20.0
SEED = 0
# The topic of a row that says nothing about topics.
UNKNOWN = -1


@dataclass(frozen=True)
class Examples:
    """Rows of all labelled files: `x` (rows, embedding + cues); `truth` and `weights` (rows, signals), the weight 0
    where a row says nothing of a signal; `topics` (rows,), `UNKNOWN` where it says nothing of topics.
    """

    x: Floats
    truth: Floats
    weights: Floats
    topics: npt.NDArray[np.int64]


def examples(data: LabelledData) -> Examples:
    sets = {id(signal.data): signal.data for signal in data.signals}
    blocks = [_of_signals(data, one) for one in sets.values()]
    count = len(data.sensitive.rows)
    nothing = np.zeros((count, len(SIGNALS)), dtype=np.float32)
    blocks.append(Examples(_dense(data.sensitive), nothing, nothing, data.topics))
    return Examples(
        np.concatenate([block.x for block in blocks]),
        np.concatenate([block.truth for block in blocks]),
        np.concatenate([block.weights for block in blocks]),
        np.concatenate([block.topics for block in blocks]),
    )


def _of_signals(data: LabelledData, one: TrainingSet) -> Examples:
    truth, weights = np.zeros((2, len(one.rows), len(SIGNALS)), dtype=np.float32)
    for number, signal in enumerate(data.signals):
        if signal.data is one:
            truth[:, number], weights[:, number] = signal.truth(), one.weights
    return Examples(_dense(one), truth, weights, np.full(len(one.rows), UNKNOWN))


def _dense(data: TrainingSet) -> Floats:
    return np.asarray(data.x[:, :-DIMENSION].todense(), dtype=np.float32)


def fit_network(data: LabelledData) -> Network:
    """Train for `EPOCHS`; the same data give the same network on the same machine."""
    import torch

    known = examples(data)
    mean = known.x.mean(axis=0)
    scale = np.ones(known.x.shape[1], dtype=np.float32)
    scale[: -len(CUE_NAMES)] = EMBEDDING_SCALE
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
