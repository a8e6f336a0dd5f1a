"""`offramp escalation explain`: why one message scores what it scores."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from assistant.encoder import Encoder
from assistant.escalation.rules import ON_MESSAGE, first_firing
from assistant.escalation.sentiment import CLASSIFIER_FILE, SIGNALS, MessageClassifier
from assistant.escalation.turns import Turn
from assistant.escalation_settings import load_rule_settings
from assistant.message_encoder import MessageEncoder
from assistant.setup.environments import ROOT
from assistant.setup.text_features import SPANS, pipeline


@dataclass(frozen=True)
class Explained:
    """Scores by name, cues as "name: words", and the rule that fires on this message alone, in words."""

    scores: Mapping[str, float]
    cues: tuple[str, ...]
    fires: str


def explain_message(text: str, state_dir: Path) -> Explained:
    """Raises `EncoderError`, `OSError` or `ValueError` if something is not built."""
    messages = MessageEncoder.load(state_dir, Encoder(state_dir / "encoder"))
    classifier = MessageClassifier.load(state_dir / CLASSIFIER_FILE)
    message = messages.read(text)
    scores = classifier.score(message, messages.features([message])[0])
    at = load_rule_settings(ROOT / "config.yml", state_dir).thresholds()
    trigger = first_firing(ON_MESSAGE, [Turn("1", text, scores)], at)
    named = {name: float(getattr(scores, name)) for name in SIGNALS} | {scores.topic: scores.sensitive}
    document = pipeline()(message)  # spans live as long as it does
    cues = tuple(f"{span.label_}: {span.text}" for span in document.spans[SPANS])
    return Explained(named, cues, "" if trigger is None else f"{trigger.rule}: {trigger.explanation}")
