"""`action_order_status`: tells where the order is that the form asked for."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import outcome_event
from actions.orders import Orders, OrdersUnavailable, normalise_number
from actions.wording import ASK_HUMAN, REPHRASE
from assistant.escalation.history import turns_of
from assistant.escalation.turns import ORDER_STATUS, Outcome


class ActionOrderStatus(Action):
    def __init__(self, orders: Orders) -> None:
        self._orders = orders

    def name(self) -> str:
        return "action_order_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        given = str(tracker.get_slot("order_number") or "")
        number = normalise_number(given)
        if number is None:
            self._not_found(dispatcher, given)
            return [SlotSet("order_number", None)]
        try:
            order = await self._orders.find(number)
        except OrdersUnavailable:
            text = f"I can't reach the order system right now, so I can't say where {number} is. Shall I get a person?"
            dispatcher.utter_message(text=text, buttons=[ASK_HUMAN, REPHRASE])
            # To the rules this is a question without an answer: "yes" now means a person.
            unanswered = Outcome(turns_of(tracker.events)[-1].message_id, "none")
            return [SlotSet("order_number", number), outcome_event(unanswered)]
        if order is None:
            self._not_found(dispatcher, number)
            return [SlotSet("order_number", None)]
        dispatcher.utter_message(text=f"Order **{order.number}** is **{order.status}**. {order.details}".strip())
        # Asking for the same order again comes back to the same answer.
        about = f"order:{order.number}"
        told = Outcome(turns_of(tracker.events)[-1].message_id, ORDER_STATUS, about, 1.0, {about: 1.0})
        return [SlotSet("order_number", number), outcome_event(told)]

    def _not_found(self, dispatcher: CollectingDispatcher, given: str) -> None:
        text = f"I can't find an order {given}. It looks like TT-104233 and is in your confirmation e-mail."
        dispatcher.utter_message(
            text=text, buttons=[{"title": "Try another number", "payload": "/order_status"}, ASK_HUMAN]
        )
