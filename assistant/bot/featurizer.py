"""`MiniLMFeaturizer`: the sentence encoder as a Rasa featurizer, without torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, List, Text

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from assistant.encoder import Encoder
from assistant.message_encoder import MessageEncoder

# Keys under which later components find the text as it was read (`MessageEncoder.read`), its unscaled sentence vector,
# and all that the encoder says of it (`Encoder.features`).
READ_TEXT = "read_text"
SENTENCE_VECTOR = "sentence_vector"
ENCODER_FEATURES = "encoder_features"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class MiniLMFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds one dense sentence feature: the encoder's unit vector of the text, slips repaired, times `scale`.

    `encoder`: directory of the exported encoder, relative to the working directory; the environment
    variable `OFFRAMP_STATE_DIR` moves it. `scale`: Rasa's logistic regression has a fixed regularisation,
    which ignores unit vectors beside sparse counts; 8 balances them.
    """

    @classmethod
    def required_components(cls) -> List[type]:
        return [Tokenizer]

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {**DenseFeaturizer.get_default_config(), "encoder": "encoder", "scale": 8.0}

    @staticmethod
    def required_packages() -> List[Text]:
        return ["onnxruntime", "tokenizers", "rapidfuzz"]

    def __init__(self, config: Dict[Text, Any], name: Text) -> None:
        super().__init__(name, config)
        self._scale = float(config["scale"])
        state = Path(os.environ.get("OFFRAMP_STATE_DIR", ".offramp"))
        self._messages = MessageEncoder.load(state, Encoder(state / config["encoder"]))

    @classmethod
    def create(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "MiniLMFeaturizer":
        return cls(config, execution_context.node_name)

    @classmethod
    def validate_config(cls, config: Dict[Text, Any]) -> None:
        if float(config.get("scale", 8.0)) <= 0:
            raise ValueError("MiniLMFeaturizer: `scale` must be positive")

    def process(self, messages: List[Message]) -> List[Message]:
        texts = [(message, message.get(TEXT)) for message in messages]
        spoken = [(message, text) for message, text in texts if text]
        if spoken:
            read = [self._messages.read(text) for _, text in spoken]
            for (message, _), text, features in zip(spoken, read, self._messages.features(read), strict=True):
                self._add(message, text, features)
        return messages

    def _add(self, message: Message, text: Text, features: "np.ndarray[Any, Any]") -> None:
        vector = features[: self._messages.encoder.dimension]
        scaled = (vector * self._scale).reshape(1, -1)
        message.add_features(Features(scaled, FEATURE_TYPE_SENTENCE, TEXT, self._identifier))
        message.set(READ_TEXT, text)
        message.set(SENTENCE_VECTOR, vector)
        message.set(ENCODER_FEATURES, features)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process(training_data.training_examples)
        return training_data
