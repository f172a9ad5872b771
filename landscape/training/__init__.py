"""Gradient descent on spiking networks with exact gradients.

Names are loaded when they are first used: settings can be made without compiled code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landscape.lazy import loader

if TYPE_CHECKING:
    from landscape.training.initialization import default_settings as default_settings
    from landscape.training.initialization import initial_network as initial_network
    from landscape.training.loop import train as train
    from landscape.training.record import TrainingRecord as TrainingRecord
    from landscape.training.settings import InitSettings as InitSettings
    from landscape.training.settings import TrainingSettings as TrainingSettings

_HOME = {
    "InitSettings": "settings",
    "TrainingRecord": "record",
    "TrainingSettings": "settings",
    "default_settings": "initialization",
    "initial_network": "initialization",
    "train": "loop",
}

__all__ = [
    "InitSettings",
    "TrainingRecord",
    "TrainingSettings",
    "default_settings",
    "initial_network",
    "train",
]


__getattr__ = loader(__name__, _HOME)
