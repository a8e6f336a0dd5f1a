from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from assistant.encoder import Encoder, EncoderError
from knowledge_base.export import ExportError, find_model

SENTENCES = [
    "hi",
    "Where is my order?",
    "dont like it, how do returns work",
    "Ich möchte meine Stiefel zurückgeben 🙂",
    "the sole came off these boots after two walks in the rain " * 40,
]


def test_that_onnx_and_sentence_transformers_give_the_same_vectors(encoder: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    original = SentenceTransformer(find_model(None), device="cpu")
    expected = original.encode(SENTENCES, normalize_embeddings=True)
    cosines = (encoder.encode(SENTENCES) * expected).sum(axis=1)
    assert cosines.min() >= 0.9999


def test_that_a_batch_gives_the_same_vectors_as_one_at_a_time(encoder: Encoder) -> None:
    single = np.concatenate([encoder.encode([sentence]) for sentence in SENTENCES])
    assert np.allclose(encoder.encode(SENTENCES), single, atol=1e-4)


def test_that_features_are_the_vector_and_the_means_of_two_inner_layers(encoder: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    features = encoder.features(SENTENCES)
    assert features.shape == (len(SENTENCES), 3 * encoder.dimension) == (len(SENTENCES), encoder.width)
    assert np.allclose(features[:, : encoder.dimension], encoder.encode(SENTENCES), atol=1e-5)
    original = SentenceTransformer(find_model(None), device="cpu")
    tokens = original.tokenizer(SENTENCES[1], return_tensors="pt")
    layers = original[0].auto_model(**tokens, output_hidden_states=True).hidden_states
    means = np.concatenate([layers[number][0].mean(0).detach().numpy() for number in (2, 4)])
    assert np.allclose(features[1, encoder.dimension :], means, atol=1e-4)


def test_that_tokens_are_what_the_last_layer_makes_of_each_without_special_ones(encoder: Encoder) -> None:
    from sentence_transformers import SentenceTransformer

    encoded = encoder.encode_with_tokens(SENTENCES)
    assert np.allclose(encoded.vectors, encoder.encode(SENTENCES), atol=1e-4)
    original = SentenceTransformer(find_model(None), device="cpu")
    expected = original.tokenizer(SENTENCES[1], return_tensors="pt")
    layer = original[0].auto_model(**expected).last_hidden_state[0].detach().numpy()
    tokens = encoded.tokens[1]
    assert tokens.ids.tolist() == expected["input_ids"][0, 1:-1].tolist()
    assert np.allclose(tokens.vectors, layer[1:-1], atol=1e-2)
    assert encoder.encode_with_tokens([""]).tokens[0].vectors.shape == (0, encoder.token_dimension)


def test_that_a_query_loads_neither_torch_nor_scikit_learn(repository: Path, encoder: Encoder) -> None:
    code = "import sys, knowledge_base.search, knowledge_base.snapshot; from assistant.encoder import Encoder; "
    code += "from pathlib import Path; Encoder(Path('.offramp/encoder')).encode(['x']); "
    code += "print([m for m in ('torch', 'sentence_transformers', 'sklearn', 'scipy') if m in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_that_a_missing_encoder_or_model_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(EncoderError, match="offramp build"):
        Encoder(tmp_path)
    monkeypatch.setattr("knowledge_base.export.PACKAGED_MODEL", "not_installed_model")
    with pytest.raises(ExportError, match="not installed"):
        find_model(None)


def test_that_weights_other_than_the_official_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("knowledge_base.export.PACKAGED_SHA256_PREFIX", "00000000")
    with pytest.raises(ExportError, match="official weights"):
        find_model(None)
