"""Sentence encoder for query time: the ONNX form of a sentence-transformers model.

Runs under both Pythons with onnxruntime, tokenizers and numpy alone. The knowledge base build exports the
model (`knowledge_base/export.py`); here it is only read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]

DESCRIPTION_FILE = "encoder.json"
MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
# Padding costs more than calls: sentences are encoded in length order, in batches of this many.
BATCH_SENTENCES = 16


class EncoderError(RuntimeError):
    """The exported encoder is missing or unusable; the message says which file and what to do."""


@dataclass(frozen=True)
class Tokens:
    """A sentence's tokens without the special ones: `ids` (tokens,) in the vocabulary, and what the last layer makes of
    each, (tokens, token dimension), in half precision: there are many.
    """

    ids: npt.NDArray[np.int32]
    vectors: npt.NDArray[np.float16]


@dataclass(frozen=True)
class Encoded:
    """`vectors` (sentences, dimension) of length 1, and the tokens of each sentence; none of a model without any."""

    vectors: Vectors
    tokens: tuple[Tokens, ...]


class Encoder:
    """Encodes sentences to unit vectors.

    `directory` holds `model.onnx` (inputs `input_ids`, `attention_mask`; outputs `vectors`: pooled, normalised
    sentence vectors, `features`: these and what inner layers say, and of a transformer `tokens`: what the last layer
    makes of each), `tokenizer.json` and `encoder.json` (`name`, `dimension` of a vector, `width` of the features,
    `token_dimension`, 0 without tokens, `max_tokens`, `sha256`).
    `sessions` one-thread sessions serve that many callers at a time; a further caller waits.
    Raises `EncoderError` if a file is missing or broken.
    """

    def __init__(self, directory: Path, sessions: int = 1) -> None:
        self.name, self.fingerprint = "", ""
        self.dimension, self.width, self.token_dimension = 0, 0, 0
        try:
            self._load(directory, sessions)
        except Exception as error:
            raise EncoderError(f"The encoder in {directory} cannot be used ({error}). Run `offramp build`.") from error

    def _load(self, directory: Path, sessions: int) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        description = json.loads((directory / DESCRIPTION_FILE).read_text())
        self.name = str(description["name"])
        self.dimension = int(description["dimension"])
        self.width = int(description["width"])
        self.token_dimension = int(description["token_dimension"])
        self.fingerprint = str(description["sha256"])
        self._tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
        self._tokenizer.enable_truncation(int(description["max_tokens"]))
        self._tokenizer.enable_padding()
        options = onnxruntime.SessionOptions()
        # One thread without spinning: more threads lose to a busy neighbour on small machines.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._sessions: SimpleQueue[Any] = SimpleQueue()
        for _ in range(sessions):
            self._sessions.put(
                onnxruntime.InferenceSession(str(directory / MODEL_FILE), options, providers=["CPUExecutionProvider"])
            )

    @property
    def vocabulary(self) -> frozenset[str]:
        """The whole lower-case words of a WordPiece tokeniser; empty for one of another kind."""
        tokens = self._tokenizer.get_vocab()
        if not any(token.startswith("##") for token in tokens):
            return frozenset()
        return frozenset(token for token in tokens if token.isascii() and token.isalpha() and token.islower())

    def encode(self, sentences: Sequence[str]) -> Vectors:
        """Return an array of shape (sentences, dimension), float32, each row of length 1."""
        return self._encode(sentences, "vectors", self.dimension)

    def features(self, sentences: Sequence[str]) -> Vectors:
        """Return an array of shape (sentences, width), float32: each row a vector as `encode` makes it, then the means
        over the tokens of some inner layers. The last layer says what is asked; inner ones also how it is said.
        """
        return self._encode(sentences, "features", self.width)

    def encode_with_tokens(self, sentences: Sequence[str]) -> Encoded:
        """Return the vectors as `encode` makes them, and the tokens, which are computed for these anyway."""
        vectors = np.empty((len(sentences), self.dimension), dtype=np.float32)
        tokens = [Tokens(np.zeros(0, np.int32), np.zeros((0, self.token_dimension), np.float16))] * len(sentences)
        outputs = ["vectors", "tokens"] if self.token_dimension else ["vectors"]
        with self._session() as session:
            for chosen, encodings, (of_sentences, *of_tokens) in self._batches(session, sentences, outputs):
                vectors[chosen] = of_sentences
                if of_tokens:
                    for place, encoding, found in zip(chosen, encodings, of_tokens[0], strict=True):
                        tokens[place] = _ordinary(encoding, found)
        return Encoded(vectors, tuple(tokens))

    def _encode(self, sentences: Sequence[str], output: str, width: int) -> Vectors:
        found = np.empty((len(sentences), width), dtype=np.float32)
        with self._session() as session:
            for chosen, _, outputs in self._batches(session, sentences, [output]):
                found[chosen] = outputs[0]
        return found

    @contextmanager
    def _session(self) -> Iterator[Any]:
        session = self._sessions.get()
        try:
            yield session
        finally:
            self._sessions.put(session)

    def _batches(
        self, session: Any, sentences: Sequence[str], outputs: list[str]
    ) -> Iterator[tuple[list[int], Any, Any]]:
        """Yield places of sentences, what the tokeniser made of these, and the model's outputs, one array each."""
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
        for start in range(0, len(order), BATCH_SENTENCES):
            chosen = order[start : start + BATCH_SENTENCES]
            encodings = self._tokenizer.encode_batch([sentences[i] for i in chosen])
            yield chosen, encodings, _run(session, encodings, outputs)


def _run(session: Any, encodings: Any, outputs: list[str]) -> Any:
    return session.run(
        outputs,
        {
            "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
            "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
        },
    )


def _ordinary(encoding: Any, vectors: Vectors) -> Tokens:
    """Return the tokens that stand for something written; padding is special too."""
    ordinary = np.flatnonzero(np.array(encoding.special_tokens_mask) == 0)
    return Tokens(np.array(encoding.ids, dtype=np.int32)[ordinary], vectors[ordinary].astype(np.float16))
