"""Settings of the rules: what a line in `config.yml` does, and what it may not do."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.escalation.thresholds import BALANCED, PRESETS, RuleSettings, RuleSettingsError
from assistant.escalation_settings import load_rule_settings


def test_that_an_empty_entry_is_balanced() -> None:
    assert RuleSettings.from_config({"name": "any", "priority": 100}).thresholds("web", "gold") == BALANCED


def test_that_a_tier_wins_over_its_channel_and_that_over_everybody() -> None:
    settings = RuleSettings.from_config(
        {
            "furious": 0.5,
            "channels": {"slack": {"furious": 0.6, "trouble": 0.9}},
            "tiers": {"vip": {"preset": "human-first", "furious": 0.7}},
        }
    )
    assert settings.thresholds("web").furious == 0.5
    assert settings.thresholds("slack").furious == 0.6
    vip = settings.thresholds("slack", "vip")
    assert (vip.furious, vip.trouble) == (0.7, 0.9)
    assert vip.offer_trouble == PRESETS["human-first"].offer_trouble


def test_that_the_presets_hand_off_ever_more_readily() -> None:
    levels = [PRESETS[name].trouble for name in ("bot-first", "balanced", "human-first")]
    assert levels == sorted(levels, reverse=True)


def test_that_what_was_fitted_here_replaces_the_shipped_preset() -> None:
    settings = RuleSettings.from_config({}, {"balanced": {"furious": 0.66}})
    assert settings.thresholds().furious == 0.66


def test_that_a_fit_of_an_earlier_version_does_not_stop_the_start() -> None:
    settings = RuleSettings.from_config({}, {"balanced": {"furious": 0.66, "no_longer_a_threshold": 1.3}})
    assert settings.thresholds().furious == 0.66


@pytest.mark.parametrize(
    ("config", "named"),
    [
        ({"preset": "fierce"}, "fierce"),
        ({"furious": "high"}, "furious"),
        ({"furious": True}, "furious"),
        ({"tiers": {"vip": {"furius": 0.5}}}, "furius"),
        ({"asked_for_human": 1.0}, "asked_for_human"),
        ({"tiers": {"free": {"asked_for_human": 0.99}}}, "asked_for_human"),
    ],
)
def test_that_a_wrong_setting_is_refused_by_name(config: dict[str, object], named: str) -> None:
    with pytest.raises(RuleSettingsError, match=named):
        RuleSettings.from_config(config)


def test_that_the_shipped_config_can_be_used(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    assert load_rule_settings(root / "config.yml", tmp_path).thresholds("web") == BALANCED


def test_that_a_broken_fit_is_named(tmp_path: Path) -> None:
    (tmp_path / "escalation").mkdir()
    (tmp_path / "escalation" / "thresholds.json").write_text("{")
    config = tmp_path / "config.yml"
    config.write_text("policies: []\n")
    with pytest.raises(RuleSettingsError, match=r"thresholds\.json"):
        load_rule_settings(config, tmp_path)
