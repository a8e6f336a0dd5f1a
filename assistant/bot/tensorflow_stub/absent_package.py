"""Stands in for a package that is not installed: importing it works, using it raises a clear error.

Rasa imports every default component, TensorFlow ones included, even when the pipeline uses none of them.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Callable, Sequence
from typing import Any


class AbsentPackageError(RuntimeError):
    """Something that needs the absent package was used."""


def _refuse(self: object, *args: Any, **kwargs: Any) -> None:
    if len(args) == 1 and callable(args[0]) and not kwargs:
        return  # a decorator applied while a module is imported
    raise AbsentPackageError(
        "This pipeline uses a TensorFlow component (DIET, TED, ResponseSelector, ...), but this bot environment "
        "is built without TensorFlow. Set OFFRAMP_BOT_TENSORFLOW=true and run `offramp build`, or use another one."
    )


class _AbsentType(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        member = _AbsentType(name, (), {"__init__": _refuse})
        setattr(cls, name, member)
        return member


def absent_attributes(namespace: dict[str, Any]) -> Callable[[str], Any]:
    """A module-level `__getattr__` that invents a class for any name."""

    def __getattr__(name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return namespace.setdefault(name, _AbsentType(name, (), {"__init__": _refuse}))

    return __getattr__


class _AbsentModule(types.ModuleType):
    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        member = _AbsentType(name, (), {"__init__": _refuse})
        setattr(self, name, member)
        return member


class AbsentSubmodules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds `package.anything` so that `from package.a.b import C` succeeds."""

    def __init__(self, package: str) -> None:
        self._prefix = package + "."

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if not fullname.startswith(self._prefix):
            return None
        return importlib.machinery.ModuleSpec(fullname, self, is_package=True)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        module = _AbsentModule(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: attributes are invented when asked for."""


def stand_in(package: str, namespace: dict[str, Any]) -> Callable[[str], Any]:
    sys.meta_path.insert(0, AbsentSubmodules(package))
    return absent_attributes(namespace)
