"""Fits the message classifier on the labelled messages: linear heads, and a network; about three minutes of work."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from assistant.escalation.network import Network
from assistant.escalation.sentiment import MessageClassifier
from assistant.setup.encoded_texts import EncodedTexts
from assistant.setup.labelled_data import TOPIC_C, LabelledData, Signal, TrainingSet
from assistant.setup.network_fit import fit_network

Numbers = npt.NDArray[np.float64]
# Weights (heads, features) and bias (heads,).
Head = tuple[Numbers, Numbers]


@dataclass(frozen=True)
class Fitted:
    """All heads in the order of `MessageClassifier`: `weights` (heads, features), `bias` (heads,) and the network."""

    weights: Numbers
    bias: Numbers
    network: Network

    def logits(self, part: TrainingSet, encoded: EncodedTexts) -> Numbers:
        """Shape (rows, heads); the same as the message classifier finds one by one."""
        linear = np.asarray(part.x @ self.weights.T) + self.bias
        features = encoded.features[encoded.rows(text for text, _ in part.rows)]
        result: Numbers = (linear + self.network.logits(features)) / 2
        return result


def fit(data: LabelledData) -> Fitted:
    heads = [*(fit_signal(signal) for signal in data.signals), fit_topics(data)]
    weights, bias = (np.concatenate(parts) for parts in zip(*heads, strict=True))
    return Fitted(weights, bias, fit_network(data))


def fit_signal(signal: Signal) -> Head:
    """Weights (1, features) and bias (1,) of one yes-or-no head."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=signal.inverse_regularisation, max_iter=2000)
    model.fit(signal.data.x, signal.truth(), signal.data.weights)
    return model.coef_, model.intercept_


def fit_topics(data: LabelledData) -> Head:
    """Weights and biases of `none` and `TOPICS`, in this order."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=TOPIC_C, max_iter=2000).fit(data.sensitive.x, data.topics)
    return model.coef_, model.intercept_


def fit_classifier(data: LabelledData) -> MessageClassifier:
    """The classifier of messages that `data.messages` reads."""
    fitted = fit(data)
    weights, bias = fitted.weights.astype(np.float32), fitted.bias.astype(np.float32)
    return MessageClassifier(weights, bias, fitted.network, data.messages.encoder.fingerprint)
