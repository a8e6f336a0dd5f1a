"""Sentence encoder for query time: the ONNX form of a sentence-transformers model.

Runs under both Pythons with onnxruntime, tokenizers and numpy alone. The knowledge base build exports the
model (`knowledge_base/export.py`); here it is only read.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
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


class Encoder:
    """Encodes sentences to unit vectors.

    `directory` holds `model.onnx` (inputs `input_ids`, `attention_mask`; outputs `vectors`: pooled, normalised
    sentence vectors, and `features`: these and what inner layers say), `tokenizer.json` and `encoder.json` (`name`,
    `dimension` of a vector, `width` of the features, `max_tokens`, `sha256`).
    `sessions` one-thread sessions serve that many callers at a time; a further caller waits.
    Raises `EncoderError` if a file is missing or broken.
    """

    def __init__(self, directory: Path, sessions: int = 1) -> None:
        self.name, self.dimension, self.width, self.fingerprint = "", 0, 0, ""
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

    def _encode(self, sentences: Sequence[str], output: str, width: int) -> Vectors:
        found = np.empty((len(sentences), width), dtype=np.float32)
        order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
        session = self._sessions.get()
        try:
            for start in range(0, len(order), BATCH_SENTENCES):
                chosen = order[start : start + BATCH_SENTENCES]
                found[chosen] = self._run(session, [sentences[i] for i in chosen], output)
        finally:
            self._sessions.put(session)
        return found

    def _run(self, session: Any, sentences: list[str], output: str) -> Vectors:
        encodings = self._tokenizer.encode_batch(sentences)
        outputs = session.run(
            [output],
            {
                "input_ids": np.array([e.ids for e in encodings], dtype=np.int64),
                "attention_mask": np.array([e.attention_mask for e in encodings], dtype=np.int64),
            },
        )
        return np.asarray(outputs[0], dtype=np.float32)
