"""`EscalationPolicy`: decides in `config.yml`, above `RulePolicy`, when a human takes over."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.core.featurizers.tracker_featurizers import TrackerFeaturizer
from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from assistant.contract import HANDOFF_SLOT, Trigger
from assistant.escalation.history import BOUNDARY, OFFER_HUMAN, turns_of
from assistant.escalation.mood import merely_insults, needs_boundary, offers_person
from assistant.escalation.quote import quote
from assistant.escalation.rules import ON_MESSAGE, ON_OUTCOME, first_firing
from assistant.escalation.thresholds import FITTED_FILE, RuleSettings, Thresholds
from assistant.escalation.turns import Turn

HAND_OFF = "utter_hand_off"
# After these the turn is over.
CLOSING = (HAND_OFF, OFFER_HUMAN, BOUNDARY)
# The action server's; Rasa's own are `action_listen` and the like.
OUR_ACTIONS = (
    *("action_answer", "action_give_article", "action_other_answers", "action_order_status"),
    *("action_affirm", "action_deny"),
)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class EscalationPolicy(Policy):
    """Predicts `utter_hand_off` when a rule of `assistant.escalation.rules` fires; after an answer, an offer of a
    person (`utter_offer_human`) where the evidence is middling, or a boundary (`utter_boundary`) after abuse.

    The responses are local ones: leaving for a human must not depend on the action server. The reason goes
    into the `handoff` slot, from where the channel passes it to the gateway. `config.yml` names a preset, thresholds,
    and both for channels and tiers: see `assistant.escalation.thresholds`.
    """

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        return {"priority": 100, "preset": "balanced", "channels": {}, "tiers": {}}

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
        self._rules = RuleSettings.from_config(config, _fitted())

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
        if last_action in CLOSING:
            return ACTION_LISTEN_NAME, []  # no rule matches here, and Rasa's fallback would rewind the turn
        if last_action == ACTION_LISTEN_NAME:
            turns, at = _turns(tracker), self._thresholds(tracker)
            trigger = first_firing(ON_MESSAGE, turns, at)
            if trigger is None and turns and merely_insults(turns, at) and not tracker.active_loop_name:
                return BOUNDARY, []
        elif last_action.startswith(OUR_ACTIONS):
            return self._after_action(tracker, last_action)
        else:
            trigger = None
        return (None, []) if trigger is None else (HAND_OFF, _hand_off_events(tracker, trigger))

    def _after_action(self, tracker: DialogueStateTracker, action: Text) -> Tuple[Optional[Text], List[Event]]:
        turns, at = _turns(tracker), self._thresholds(tracker)
        if turns and turns[-1].outcome is None and not _spoke(tracker):
            # Rasa takes a failed action for one that said nothing; the customer must not be met by silence.
            why = f"The action server failed ({action}) on {quote(turns[-1].text)}"
            trigger: Optional[Trigger] = Trigger("bot_unavailable", why, message_ids=(turns[-1].message_id,))
        else:
            trigger = first_firing(ON_OUTCOME, turns, at)
        if trigger is not None:
            return HAND_OFF, _hand_off_events(tracker, trigger)
        return (None if tracker.active_loop_name else _closing_line(turns, at)), []

    def _thresholds(self, tracker: DialogueStateTracker) -> Thresholds:
        message = tracker.latest_message
        channel = (message.input_channel if message else None) or ""
        tier = (message.metadata or {}).get("tier") if message else None
        return self._rules.thresholds(channel, tier or "")


def _closing_line(turns: List[Turn], at: Thresholds) -> Optional[Text]:
    """What to add to an answer; without an answer the bot has set the boundary already."""
    if not turns or turns[-1].outcome is None or turns[-1].outcome.decision == "none":
        return None
    if needs_boundary(turns, at):
        return BOUNDARY
    return OFFER_HUMAN if offers_person(turns, at) else None


def _fitted() -> Dict[Text, Any]:
    """What `offramp escalation fit` wrote for this installation, if it ran."""
    path = Path(os.environ.get("OFFRAMP_STATE_DIR", ".offramp")) / FITTED_FILE
    fitted: Dict[Text, Any] = json.loads(path.read_text())["presets"] if path.is_file() else {}
    return fitted


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
    return turns_of(e.as_dict() for e in tracker.events if isinstance(e, (UserUttered, SlotSet, ActionExecuted)))


def _hand_off_events(tracker: DialogueStateTracker, trigger: Trigger) -> List[Event]:
    # `utter_hand_off` in domain.yml has words for each.
    words = trigger.rule if trigger.topic is None else f"{trigger.rule}_{trigger.topic}"
    events: List[Event] = [SlotSet(HANDOFF_SLOT, trigger.as_json()), SlotSet("handoff_rule", words)]
    if tracker.active_loop_name:
        events += [ActiveLoop(None), SlotSet(REQUESTED_SLOT, None)]
    return events
