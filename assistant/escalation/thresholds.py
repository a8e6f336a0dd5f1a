"""Where each rule fires: presets, and what `config.yml` changes for everybody, a channel or a tier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any


@dataclass(frozen=True)
class Thresholds:
    """Probabilities (0..1) unless said otherwise. The defaults are the preset `balanced`.

    Fitted by `offramp escalation fit` on the labelled messages and the dialogues for fitting in `data/escalation/`
    (docs/results/escalation-fit.md): `asked_for_human`, `offer_human`, `furious`, `sensitive`, `self_harm`, `abusive`,
    `trouble`, `offer_trouble`, `running_frustration` and the weights. Set by hand: the counts, and what `loops` looks
    at.
    """

    asked_for_human: float = 0.566
    # From here to `asked_for_human` the answer is followed by the offer of a person.
    offer_human: float = 0.25
    # Of the intents `ask_for_human`, `affirm` and `bot_challenge`.
    ask_intent_confidence: float = 0.5
    # One message alone.
    furious: float = 0.758
    sensitive: float = 0.723
    # A life is worth a false alarm.
    self_harm: float = 0.5
    abusive: float = 0.5
    # A running score of weak evidence, see `trouble`: 1 brings a person. It bounds false alarms per conversation.
    trouble: float = 0.954
    offer_trouble: float = 0.817
    decay: float = 0.7
    # The same of frustration alone, s <- frustrated + decay * s.
    running_frustration: float = 1.31
    # What each kind of evidence adds to trouble in a turn, at most.
    unanswered_weight: float = 0.476
    unsolved_weight: float = 0.146
    choices_weight: float = 0.5
    repeat_weight: float = 0.474
    turned_down_weight: float = 0.476
    negative_weight: float = 0.249
    # Overlap of the article posteriors of two turns; above the .71 that a message with a second question leaves.
    question_overlap: float = 0.75
    # Words.
    min_loop_words: int = 4
    # Counts: turns since the last change of owner.
    unanswered_in_a_row: int = 2
    unsure_in_a_row: int = 4
    repeats_in_epoch: int = 2
    unhelpful_in_epoch: int = 2
    turned_down_in_a_row: int = 3
    # Turns after a return to the bot in which only plain requests, fury, topics for people and clear failures fire.
    cooldown_turns: int = 3

    def weight(self, kind: str) -> float:
        """Of a kind of evidence of `assistant.escalation.trouble`."""
        return float(getattr(self, f"{kind}_weight"))


# The exit stays open: nobody can set the request for a person out of reach.
MAX_ASKED_FOR_HUMAN = 0.9

BALANCED = Thresholds()
PRESETS: Mapping[str, Thresholds] = {
    "bot-first": replace(
        BALANCED,
        asked_for_human=0.867,
        offer_human=0.645,
        furious=0.836,
        trouble=1.115,
        offer_trouble=1.04,
        running_frustration=1.375,
        sensitive=0.908,
        self_harm=0.6,
        abusive=0.6,
        unanswered_in_a_row=3,
        unhelpful_in_epoch=3,
    ),
    "balanced": BALANCED,
    "human-first": replace(
        BALANCED,
        asked_for_human=0.4,
        offer_human=0.2,
        furious=0.493,
        trouble=0.817,
        offer_trouble=0.684,
        running_frustration=1.05,
        sensitive=0.466,
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
        fitted = {name: value for name, value in self.fitted.get(preset, {}).items() if name in _NAMES}
        values = {**asdict(PRESETS[preset]), **fitted}
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
