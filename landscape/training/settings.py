"""What a training run is told."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

from landscape.errors import ConfigError
from landscape.training.optimizers import OPTIMIZERS

__all__ = ["InitSettings", "TrainingSettings"]


@dataclass(frozen=True)
class TrainingSettings:
    """How to train a network. Times are in the unit of the trial.

    Attributes:
        epochs: passes through the training data.
        batch_size: samples per gradient step.
        optimizer: ``"adam"``, ``"adabelief"``, or one of a plugin (:mod:`landscape.training.optimizers`).
        learning_rate: size of a step.
        relative_rate: whether steps are taken in units of each layer's initial root mean square weight. Weights of
            first layers with many channels are far smaller than those of last layers; one rate then serves both.
        decay: factor on the learning rate every ``decay_every`` epochs.
        decay_every: epochs between two decays.
        clip_norm: largest norm of a batch's gradient; longer ones are shortened to it. None: no limit.
        seed: seed of batches and augmentation.
        weight_decay: share of a weight that a step takes away, times the learning rate (decoupled).
        channel_shift: augmentation: each sample's channels move together by up to this many channels, either way.
        time_jitter: augmentation: standard deviation of a shift of each spike; if the data's times lie on a grid,
            the shifted ones are moved to it.
        spike_dropout: augmentation: share of the input spikes left out.
        activity_weight: regulariser: strength of the pull on the incoming weights of hidden neurons whose mean spike
            count in a batch is outside ``activity_low`` to ``activity_high``, added to the gradient.
        activity_low, activity_high: bounds of the mean spike count per trial.
        missing_spike_increase: remedy for silent neurons: what is added in a step to the incoming weights of hidden
            neurons without a spike in the whole batch, and, times the share of samples without, to those of a
            label's output neuron that has no spike; in the units of the steps, decaying with the rate (after Goeltz
            et al. 2021, Nature Machine Intelligence 3:823).
        keep_every: epochs between two kept points of the trajectory of the parameters.
    """

    epochs: int = 20
    batch_size: int = 32
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    relative_rate: bool = False
    decay: float = 1.0
    decay_every: int = 1
    clip_norm: float | None = None
    seed: int = 0
    weight_decay: float = 0.0
    channel_shift: int = 0
    time_jitter: float = 0.0
    spike_dropout: float = 0.0
    activity_weight: float = 0.0
    activity_low: float = 0.0
    activity_high: float = math.inf
    missing_spike_increase: float = 0.0
    keep_every: int = 1

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ConfigError: one is out of its range.
        """
        _ = OPTIMIZERS[self.optimizer]
        for name, least in (
            *(("batch_size", 1), ("decay_every", 1), ("keep_every", 1)),
            *(("epochs", 0), ("seed", 0), ("channel_shift", 0)),
        ):
            _check(name, getattr(self, name), partial(_whole_from, least), f"whole, {least} or more")
        for name in ("learning_rate", "decay"):
            _check(name, getattr(self, name), lambda x: 0.0 < x < math.inf, "a number, positive and finite")
        not_negative = (
            "weight_decay",
            "time_jitter",
            "activity_weight",
            "activity_low",
            "missing_spike_increase",
        )
        for name in not_negative:
            _check(name, getattr(self, name), lambda x: 0.0 <= x < math.inf, "a number, finite and not negative")
        _check("spike_dropout", self.spike_dropout, lambda x: 0.0 <= x < 1.0, "a number in [0, 1)")
        _check("clip_norm", self.clip_norm, lambda x: x is None or x > 0.0, "a positive number, or None")
        low = self.activity_low
        _check(
            "activity_high",
            self.activity_high,
            lambda x: x >= low,
            f"a number, at least activity_low ({low})",
        )

    @property
    def remedies(self) -> list[str]:
        """Names of the measures against silence that are in use."""
        used = ("activity_weight", "missing_spike_increase")
        return [f"{name} = {getattr(self, name):g}" for name in used if getattr(self, name) > 0.0]

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain data, those that are None left out."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if value is not None}


@dataclass(frozen=True)
class InitSettings:
    """Initial weights, by what a neuron receives: the drive, the sum of its input weights over a trial.

    Attributes:
        mean: mean over neurons of the drive, one number per layer, in units of the current ``I``.
        spread: standard deviation over neurons of the drive, one number per layer.
    """

    mean: tuple[float, ...]
    spread: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the settings.

        Raises:
            ConfigError: the numbers are not finite, a spread is negative, or their counts differ.
        """
        if len(self.mean) != len(self.spread):
            raise ConfigError(
                f"initialization: {len(self.mean)} means and {len(self.spread)} spreads; give one of each per layer"
            )
        for name in ("mean", "spread"):
            for value in getattr(self, name):
                least = -math.inf if name == "mean" else 0.0
                allowed = "a finite number" if name == "mean" else "a number, finite and not negative"
                check = f"initialization {name}"
                _check(check, value, partial(_finite_from, least), allowed)


def _whole_from(least: int, value: Any) -> bool:
    return operator.index(value) >= least


def _finite_from(least: float, value: Any) -> bool:
    return math.isfinite(value) and value >= least


def _check(name: str, value: Any, fine: Callable[[Any], bool], allowed: str) -> None:
    try:
        passed = fine(value)
    except TypeError:
        passed = False
    if not passed:
        raise ConfigError(f"{name} must be {allowed}, not {value!r}")
