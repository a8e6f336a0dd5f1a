"""`EscalationSignals`: scores each message: mood, wish for a person, topic, abuse."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message

from assistant.bot.featurizer import ENCODER_FEATURES, READ_TEXT, SENTENCE_VECTOR, MiniLMFeaturizer
from assistant.escalation.history import SCORES_KEY, SKETCH
from assistant.escalation.sentiment import CLASSIFIER_FILE, MessageClassifier
from assistant.escalation.sketch import sketch


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class EscalationSignals(GraphComponent):
    """Adds `escalation`, the `MessageScores` of a message, to its parse data.

    Reads the classifier that `offramp build` fits on `data/escalation/`; `MiniLMFeaturizer` must come first.
    """

    @classmethod
    def required_components(cls) -> List[type]:
        return [MiniLMFeaturizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"classifier": CLASSIFIER_FILE}

    def __init__(self, config: Dict[Text, Any]) -> None:
        state = Path(os.environ.get("OFFRAMP_STATE_DIR", ".offramp"))
        self._classifier = MessageClassifier.load(state / config["classifier"])

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EscalationSignals":
        return cls(config)

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text, features = message.get(READ_TEXT), message.get(ENCODER_FEATURES)
            if text is None or features is None:
                continue
            scores = self._classifier.score(text, features)
            measured = {**scores.as_json(), SKETCH: sketch(message.get(SENTENCE_VECTOR))}
            message.set(SCORES_KEY, measured, add_to_output=True)
        return messages
