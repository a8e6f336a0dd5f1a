"""Corrections to Rasa 3.6.21, applied once and only to that version.

Each states the fault. A new Rasa version refuses to start here until someone has looked at them again.
"""

from __future__ import annotations

import os
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, Dict, List, Sequence, Text, Type

import rasa
import rasa.core.actions.action as rasa_action
import rasa.engine.runner.dask as rasa_runner
from jsonschema import Draft7Validator
from rasa.shared.core.events import Event

PATCHED_VERSION = "3.6.21"
# Below the gateway's limit for a whole turn, above the slowest honest action (an order look-up over HTTP).
ACTION_TIMEOUT_SECONDS = float(os.environ.get("OFFRAMP_ACTION_TIMEOUT_SECONDS", "4"))


class UnknownRasaVersion(RuntimeError):
    """The patches were written for another version."""


@lru_cache(maxsize=None)
def _event_type(name: Text) -> Type[Event]:
    event_type: Type[Event] = Event.resolve_by_type(name)
    return event_type


def event_from_dict(parameters: Dict[Text, Any]) -> Event:
    """`Event.from_parameters` without walking all subclasses of `Event` for each event."""
    event: Event = _event_type(parameters["event"])._from_parameters(parameters)
    return event


def _cache_action_result_validator() -> None:
    """Stock Rasa checks the schema itself against its meta-schema at each call: 80 % of such a turn."""
    validator = Draft7Validator(rasa_action.RemoteAction.action_response_format_spec())

    def validate(self: rasa_action.RemoteAction, result: Dict[Text, Any]) -> bool:
        validator.validate(result)
        return True

    rasa_action.RemoteAction._validate_action_result = validate


def _bound_action_calls() -> None:
    """Stock Rasa waits 300 s for an action."""
    rasa_action.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT_SECONDS


def _evaluate(graph: Dict[Text, Any], targets: Sequence[Text]) -> List[Any]:
    """The values of `targets` in a dask graph: a task is a tuple of a callable and the names of what it needs."""
    values: Dict[Text, Any] = {}

    def value(name: Text) -> Any:
        if name not in graph:
            return name
        if name not in values:
            first, *needs = graph[name]
            values[name] = first(*(value(need) for need in needs)) if callable(first) else graph[name]
        return values[name]

    return [value(target) for target in targets]


def _run_graphs_directly() -> None:
    """Stock Rasa runs its handful of nodes, three times a turn, through dask's scheduler: a tenth of a turn."""
    rasa_runner.dask = SimpleNamespace(get=_evaluate)


def apply() -> None:
    """Raises `UnknownRasaVersion` for any version but `PATCHED_VERSION`."""
    if rasa.__version__ != PATCHED_VERSION:
        raise UnknownRasaVersion(
            f"assistant/bot/patches.py was written for Rasa {PATCHED_VERSION}, this is {rasa.__version__}."
        )
    _cache_action_result_validator()
    _bound_action_calls()
    _run_graphs_directly()


apply()
