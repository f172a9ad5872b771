"""Training and initialisation settings: defaults, what is refused, what they say about themselves."""

from __future__ import annotations

import dataclasses
import math

import pytest

from landscape.errors import ConfigError
from landscape.training import InitSettings, TrainingSettings


def test_the_defaults_are_the_documented_ones():
    settings = TrainingSettings()
    assert (settings.epochs, settings.batch_size, settings.optimizer, settings.learning_rate) == (
        20,
        32,
        "adam",
        1e-3,
    )
    assert settings.remedies == []
    assert settings.clip_norm is None


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainingSettings().epochs = 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"epochs": -1},
        {"epochs": 1.5},
        {"epochs": "many"},
        {"batch_size": 0},
        {"batch_size": 2.5},
        {"optimizer": "sgd"},
        {"optimizer": None},
        {"learning_rate": 0.0},
        {"learning_rate": -1.0},
        {"learning_rate": math.nan},
        {"learning_rate": math.inf},
        {"learning_rate": "fast"},
        {"decay": 0.0},
        {"decay": math.nan},
        {"decay_every": 0},
        {"decay_every": 1.5},
        {"clip_norm": 0.0},
        {"clip_norm": -1.0},
        {"clip_norm": math.nan},
        {"seed": -1},
        {"seed": 0.5},
        {"channel_shift": -1},
        {"channel_shift": 1.5},
        {"time_jitter": -0.1},
        {"time_jitter": math.nan},
        {"spike_dropout": 1.0},
        {"spike_dropout": -0.1},
        {"weight_decay": -1.0},
        {"activity_weight": -1.0},
        {"activity_low": -1.0},
        {"activity_low": 2.0, "activity_high": 1.0},
        {"activity_high": math.nan},
        {"missing_spike_increase": -0.1},
        {"missing_spike_increase": math.inf},
        {"keep_every": 0},
        {"keep_every": 0.5},
    ],
    ids=str,
)
def test_a_setting_out_of_its_range_is_refused_by_name(wrong):
    with pytest.raises(ConfigError, match="|".join(wrong)) as caught:
        TrainingSettings(**wrong)
    assert "\n" not in str(caught.value)


def test_numpy_numbers_are_numbers():
    import numpy as np

    settings = TrainingSettings(epochs=np.int64(3), batch_size=np.int32(5), learning_rate=np.float64(0.1))
    assert settings.epochs == 3


def test_remedies_in_use_are_named_with_their_strength():
    assert TrainingSettings(activity_weight=0.5, missing_spike_increase=0.01).remedies == [
        "activity_weight = 0.5",
        "missing_spike_increase = 0.01",
    ]


def test_settings_become_plain_data_and_back():
    settings = TrainingSettings(epochs=3, clip_norm=1.0, seed=9)
    assert TrainingSettings(**settings.as_dict()) == settings
    assert "clip_norm" not in TrainingSettings().as_dict()
    assert TrainingSettings(**TrainingSettings().as_dict()) == TrainingSettings()


@pytest.mark.parametrize(
    ("mean", "spread", "message"),
    [
        ((1.0,), (1.0, 2.0), "1 means and 2 spreads"),
        ((math.nan,), (1.0,), "mean"),
        ((math.inf,), (1.0,), "mean"),
        ((1.0,), (-1.0,), "spread"),
        ((1.0,), (math.nan,), "spread"),
        (("a",), (1.0,), "mean"),
    ],
)
def test_bad_initialisations_are_refused(mean, spread, message):
    with pytest.raises(ConfigError, match=message):
        InitSettings(mean, spread)
