"""Linear heads: multinomial logistic regression over articles, fitted at build, numpy at query time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

# Inverse regularisation of the head on embeddings and of the one on TF-IDF (both on unit vectors).
DENSE_C = 10.0
LEXICAL_C = 10.0
# Iterations of L-BFGS at most, and the gradient at which it stops: near convergence. Stopping at 1e-3 cost a
# point on BANKING77; regularisation is left to C, which is untuned for the lexical head.
DENSE_ITERATIONS = 100
LEXICAL_ITERATIONS = 60
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Head:
    """`weights` has shape (features, articles), `intercept` (articles,)."""

    weights: Floats
    intercept: Floats

    def logits(self, vectors: Floats) -> Floats:
        """Return the logits (texts, articles) of dense vectors."""
        return vectors @ self.weights + self.intercept

    def sparse_logits(self, columns: Rows, values: Floats) -> Floats:
        """Return the logits (articles,) of one sparse vector."""
        logits: Floats = values @ self.weights[columns] + self.intercept
        return logits


def fit_head(features: Floats | csr_matrix, owners: Rows, articles: int, c: float, iterations: int) -> Head:
    """Fit the head on one row a text; `owners` holds each row's article number, 0 … `articles` - 1.

    Articles without a row get the lowest logit. Needs rows of at least two articles.
    """
    import warnings

    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    model = LogisticRegression(C=c, max_iter=iterations, tol=TOLERANCE)
    # More BLAS threads wait for each other: four times slower beside a busy neighbour on two cores.
    with threadpool_limits(limits=1), warnings.catch_warnings():
        # The limit bounds the time of a build; the last iterations hardly move the weights.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(features, owners)
    coefficients, intercept = model.coef_, model.intercept_
    if len(model.classes_) == 2:
        coefficients = np.vstack([-coefficients / 2, coefficients / 2])
        intercept = np.concatenate([-intercept / 2, intercept / 2])
    weights = np.zeros((coefficients.shape[1], articles), dtype=np.float32)
    weights[:, model.classes_] = coefficients.T
    biases = np.full(articles, float(intercept.min()) - 20, dtype=np.float32)
    biases[model.classes_] = intercept
    return Head(weights, biases)


def log_softmax(logits: Floats) -> Floats:
    """Return the logarithm of the softmax over the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
