"""The experiment file: which data, which models, how to train them, which slices to sweep.

An experiment is one TOML file. Every key has a type, a unit and a default; the page
``configs/README.md`` lists them and is made from the same declarations (:mod:`landscape.config.schema`).
"""

from __future__ import annotations

from landscape.config.comparison import ComparisonConfig
from landscape.config.loading import config_names, find_config, load_config, parse_config
from landscape.config.schema import (
    Config,
    DataConfig,
    FiguresConfig,
    InitializationConfig,
    JobsConfig,
    ModelConfig,
    ObjectiveConfig,
    TrainingConfig,
    TrialConfig,
)
from landscape.config.slices import DirectionConfig, SliceConfig
from landscape.errors import ConfigError

__all__ = [
    "ComparisonConfig",
    "Config",
    "ConfigError",
    "DataConfig",
    "DirectionConfig",
    "FiguresConfig",
    "InitializationConfig",
    "JobsConfig",
    "ModelConfig",
    "ObjectiveConfig",
    "SliceConfig",
    "TrainingConfig",
    "TrialConfig",
    "config_names",
    "find_config",
    "load_config",
    "parse_config",
]
