"""Where each rule fires: presets, and what `config.yml` changes for everybody, a channel or a tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True)
class Thresholds:
    """Probabilities (0..1) unless said otherwise. The defaults are the preset `balanced`.

    Fitted by `offramp escalation fit` on the labelled messages and the dialogues for fitting in `data/escalation/`
    (docs/results/escalation-fit.md): `asked_for_human`, `offer_human`, `furious`, `running_frustration`,
    `offer_frustration`, `sensitive`, `self_harm`, `abusive`. Set by hand: the counts, and what `loops` looks at.
    """

    asked_for_human: float = 0.679
    # From here to `asked_for_human` the answer is followed by the offer of a person.
    offer_human: float = 0.521
    # Of the intents `ask_for_human`, `affirm` and `bot_challenge`.
    ask_intent_confidence: float = 0.5
    # One message alone.
    furious: float = 0.5
    # A running score, s <- p + decay * s: it bounds false alarms per conversation rather than per turn.
    running_frustration: float = 1.303
    offer_frustration: float = 1.089
    decay: float = 0.6
    # What turning down or correcting the assistant adds to p, at most.
    turned_down_weight: float = 0.2
    sensitive: float = 0.653
    # A life is worth a false alarm.
    self_harm: float = 0.5
    abusive: float = 0.5
    # Overlap of the article posteriors of two turns.
    question_overlap: float = 0.8
    # Words.
    min_loop_words: int = 4
    # Doubt left by questions in a row without a sure answer: 1 each, less for choices.
    unresolved: float = 2.0
    # Counts: turns since the last change of owner.
    repeats_in_epoch: int = 2
    unhelpful_in_epoch: int = 2
    turned_down_in_a_row: int = 3
    # Turns after a return to the bot in which only plain requests, fury and sensitive topics fire.
    cooldown_turns: int = 3


# The exit stays open: nobody can set the request for a person out of reach.
MAX_ASKED_FOR_HUMAN = 0.9

BALANCED = Thresholds()
PRESETS: Mapping[str, Thresholds] = {
    "bot-first": replace(
        BALANCED,
        asked_for_human=0.875,
        offer_human=0.733,
        furious=0.6,
        running_frustration=1.387,
        offer_frustration=1.193,
        sensitive=0.825,
        self_harm=0.6,
        abusive=0.649,
        unresolved=3.0,
        unhelpful_in_epoch=3,
    ),
    "balanced": BALANCED,
    "human-first": replace(
        BALANCED,
        asked_for_human=0.521,
        offer_human=0.32,
        furious=0.4,
        running_frustration=1.164,
        offer_frustration=0.892,
        sensitive=0.454,
        self_harm=0.4,
        abusive=0.4,
    ),
}
_NAMES = tuple(f.name for f in fields(Thresholds))
PRESET = "preset"
# Below the state directory: thresholds by preset that `offramp escalation fit` found for this installation.
FITTED_FILE = "escalation/thresholds.json"


class RuleSettingsError(ValueError):
    """A setting of the rules is unknown or out of range; the message names it."""


@dataclass(frozen=True)
class RuleSettings:
    """Settings by name. `fitted` are thresholds by preset that `offramp escalation fit` wrote for this installation."""

    everybody: Mapping[str, Any] = field(default_factory=dict)
    channels: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tiers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    fitted: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def from_config(cls, config: Mapping[str, Any], fitted: Mapping[str, Any] | None = None) -> RuleSettings:
        """From the policy's entry in `config.yml`: `preset`, thresholds by name, `channels` and `tiers` with the same.

        Raises `RuleSettingsError`; keys that Rasa itself adds are left alone.
        """
        everybody = {name: config[name] for name in (PRESET, *_NAMES) if config.get(name) is not None}
        settings = cls(everybody, config.get("channels") or {}, config.get("tiers") or {}, fitted or {})
        for changes in (everybody, *settings.channels.values(), *settings.tiers.values()):
            settings._applied(changes)
        return settings

    def thresholds(self, channel: str = "", tier: str = "") -> Thresholds:
        """Thresholds of a conversation; what is set for its tier wins over its channel, that over everybody."""
        return self._applied({**self.everybody, **self.channels.get(channel, {}), **self.tiers.get(tier, {})})

    def _applied(self, changes: Mapping[str, Any]) -> Thresholds:
        preset = changes.get(PRESET, self.everybody.get(PRESET, "balanced"))
        if preset not in PRESETS:
            raise RuleSettingsError(f"preset {preset!r}: choose {', '.join(PRESETS)}")
        values = {**asdict(PRESETS[preset]), **self.fitted.get(preset, {})}
        for name, value in changes.items():
            if name == PRESET:
                continue
            if name not in _NAMES:
                raise RuleSettingsError(f"{name}: no threshold has this name")
            if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
                raise RuleSettingsError(f"{name}: must be a number from 0 on, not {value!r}")
            values[name] = value
        if values["asked_for_human"] > MAX_ASKED_FOR_HUMAN:
            raise RuleSettingsError(f"asked_for_human: at most {MAX_ASKED_FOR_HUMAN}, so that the exit stays open")
        return Thresholds(**values)
