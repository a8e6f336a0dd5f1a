"""The rules' settings outside Rasa: the `EscalationPolicy` entry of `config.yml`, and what `escalation fit` wrote."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from assistant.escalation.thresholds import FITTED_FILE, RuleSettings, RuleSettingsError

POLICY = "assistant.bot.policy.EscalationPolicy"


def load_rule_settings(config: Path, state_dir: Path) -> RuleSettings:
    """Raises `RuleSettingsError` naming the file if either cannot be used; without a policy entry, the defaults."""
    try:
        policies = (yaml.safe_load(config.read_text(encoding="utf-8")) or {}).get("policies") or []
        entry: dict[str, Any] = next((policy for policy in policies if policy.get("name") == POLICY), {})
        return RuleSettings.from_config(entry, _fitted(state_dir / FITTED_FILE))
    except (OSError, yaml.YAMLError, AttributeError, RuleSettingsError) as error:
        raise RuleSettingsError(f"{config}: {error}") from error


def _fitted(path: Path) -> dict[str, dict[str, float]]:
    if not path.is_file():
        return {}
    try:
        presets: dict[str, dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))["presets"]
        return presets
    except (ValueError, KeyError) as error:
        raise RuleSettingsError(f"{path} is broken ({error}): remove it, or run `offramp escalation fit`") from error
