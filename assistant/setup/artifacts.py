"""Everything `offramp up` needs, in the order it is built; each part only when it is missing or stale."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from assistant.encoder import Encoder, EncoderError
from assistant.escalation.sentiment import CLASSIFIER_FILE, MessageClassifier
from assistant.message_encoder import load_words
from assistant.settings import Settings
from assistant.setup import bot_model, environments
from assistant.setup.environments import ROOT

# In the state directory: what the message classifier was fitted from.
CLASSIFIER_STAMP = "escalation/classifier.sha256"
ESCALATION_DATA = ROOT / "data" / "escalation"
# Below `assistant`: the code that decides what it learns from, how, and from which features.
CLASSIFIER_CODE = (
    *(f"{name}.py" for name in ("encoder", "message_encoder", "spelling", "replay/nlu_examples")),
    *(f"escalation/{name}.py" for name in ("cues", "network", "ngrams", "sentiment")),
    *(f"setup/{name}.py" for name in ("classifier", "encoded_texts", "labelled_data", "labelled_words")),
    *(f"setup/{name}.py" for name in ("misspelt", "network_fit")),
)


@dataclass(frozen=True)
class Part:
    """`build` raises `SetupError`, `ArticleError`, `TrainingDataError`, …: their text says what to do."""

    name: str
    stale: Callable[[], bool]
    build: Callable[[], None]


def parts(settings: Settings) -> list[Part]:
    state, logs = settings.state_dir, settings.state_dir / "logs"
    return [
        Part(
            "Bot environment (Python 3.10)",
            lambda: environments.is_stale(settings.bot_tensorflow),
            lambda: environments.build_bot_environment(logs / "bot-environment.log", settings.bot_tensorflow),
        ),
        Part("Sentence encoder", lambda: _encoder_stale(settings), lambda: _build_encoder(settings)),
        Part("Message classifier", lambda: _classifier_stale(state), lambda: _build_classifier(state)),
        Part("Knowledge base", lambda: _index_stale(settings), lambda: _build_index(settings)),
        Part(
            "Rasa model",
            lambda: bot_model.is_stale(state),
            lambda: bot_model.train(state, logs / "train.log", settings.bot_tensorflow),
        ),
    ]


def _encoder_stale(settings: Settings) -> bool:
    from knowledge_base.export import encoder_names

    try:
        return Encoder(settings.state_dir / "encoder").name not in encoder_names(settings.encoder)
    except EncoderError:
        return True


def _build_encoder(settings: Settings) -> None:
    from knowledge_base.export import ensure_encoder

    ensure_encoder(settings.state_dir, settings.encoder)


def _classifier_stamp(state: Path) -> str:
    digest = hashlib.sha256()
    for path in [
        *sorted(ESCALATION_DATA.glob("*.csv")),
        *sorted((ROOT / "data" / "nlu").glob("*.yml")),
        *(ROOT / "assistant" / name for name in CLASSIFIER_CODE),
        state / "encoder" / "encoder.json",
    ]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _classifier_stale(state: Path) -> bool:
    stamp = state / CLASSIFIER_STAMP
    try:
        load_words(state)
        MessageClassifier.load(state / CLASSIFIER_FILE)
        return stamp.read_text() != _classifier_stamp(state)
    except (OSError, ValueError):
        return True


def _build_classifier(state: Path) -> None:
    from assistant.setup.classifier import fit_classifier
    from assistant.setup.labelled_data import LabelledData

    data = LabelledData.read(ESCALATION_DATA, Encoder(state / "encoder"))
    fit_classifier(data).save(state / CLASSIFIER_FILE)
    data.messages.save(state)
    (state / CLASSIFIER_STAMP).write_text(_classifier_stamp(state))


def _index_stale(settings: Settings) -> bool:
    from knowledge_base.snapshot import is_stale

    return is_stale(settings.state_dir / "kb", settings.articles_dir, Encoder(settings.state_dir / "encoder"))


def _build_index(settings: Settings) -> None:
    from knowledge_base.build import build_snapshot

    build_snapshot(settings.articles_dir, Encoder(settings.state_dir / "encoder"), settings.state_dir / "kb")
