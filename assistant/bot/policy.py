"""`EscalationPolicy`: decides in `config.yml`, above `RulePolicy`, when a human takes over."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.contract import HANDOFF_SLOT, Trigger
from assistant.escalation.history import turns_of
from assistant.escalation.rules import ON_MESSAGE, ON_OUTCOME, Thresholds, first_firing, quote
from assistant.escalation.turns import Turn

HAND_OFF = "utter_hand_off"
# The action server's; Rasa's own are `action_listen` and the like.
OUR_ACTIONS = ("action_answer", "action_give_article", "action_other_answers", "action_order_status")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class EscalationPolicy(Policy):
    """Predicts `utter_hand_off` when a rule of `assistant.escalation.rules` fires.

    The response is a local one: leaving for a human must not depend on the action server. The reason goes
    into the `handoff` slot, from where the channel passes it to the gateway. Thresholds are set by name in
    `config.yml`.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"priority": 100, **{f.name: f.default for f in fields(Thresholds)}}

    @staticmethod
    def supported_data() -> SupportedData:
        return SupportedData.ML_AND_RULE_DATA

    def __init__(
        self,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        featurizer: Optional[TrackerFeaturizer] = None,
    ) -> None:
        super().__init__(config, model_storage, resource, execution_context, featurizer)
        self._thresholds = Thresholds(**{f.name: config[f.name] for f in fields(Thresholds)})

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        return self._resource

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[Text, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        action, events = self._decide(tracker)
        if action is None:
            return self._prediction(self._default_predictions(domain))
        probabilities = self._default_predictions(domain)
        probabilities[domain.index_for_action(action)] = 1.0
        return self._prediction(probabilities, events=events, is_no_user_prediction=True)

    def _decide(self, tracker: DialogueStateTracker) -> Tuple[Optional[Text], List[Event]]:
        last_action = tracker.latest_action_name or ""
        if last_action == HAND_OFF:
            return ACTION_LISTEN_NAME, []  # no rule matches here, and Rasa's fallback would rewind the turn
        if last_action == ACTION_LISTEN_NAME:
            trigger = first_firing(ON_MESSAGE, _turns(tracker), self._thresholds)
        elif last_action.startswith(OUR_ACTIONS):
            trigger = self._after_action(tracker, last_action)
        else:
            trigger = None
        return (None, []) if trigger is None else (HAND_OFF, _hand_off_events(tracker, trigger))

    def _after_action(self, tracker: DialogueStateTracker, action: Text) -> Optional[Trigger]:
        turns = _turns(tracker)
        if turns and turns[-1].outcome is None and not _spoke(tracker):
            # Rasa takes a failed action for one that said nothing; the customer must not be met by silence.
            why = f"The action server failed ({action}) on {quote(turns[-1].text)}"
            return Trigger("bot_unavailable", why, message_ids=(turns[-1].message_id,))
        return first_firing(ON_OUTCOME, turns, self._thresholds)


def _spoke(tracker: DialogueStateTracker) -> bool:
    """Whether the bot said anything since the customer's last message."""
    for event in reversed(tracker.events):
        if isinstance(event, UserUttered):
            return False
        if isinstance(event, BotUttered):
            return True
    return False


def _turns(tracker: DialogueStateTracker) -> List[Turn]:
    """Raw events: `applied_events` would drop the turns that a fallback rewound."""
    return turns_of(e.as_dict() for e in tracker.events if isinstance(e, (UserUttered, SlotSet)))


def _hand_off_events(tracker: DialogueStateTracker, trigger: Trigger) -> List[Event]:
    events: List[Event] = [SlotSet(HANDOFF_SLOT, trigger.as_json()), SlotSet("handoff_rule", trigger.rule)]
    if tracker.active_loop_name:
        events += [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
    return events
