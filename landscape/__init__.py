"""landscape: exact loss landscapes of spiking neural networks.

Public names are loaded when they are first used, so that ``import landscape`` and the command line start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landscape.lazy import loader
from landscape.version import __version__

if TYPE_CHECKING:
    from landscape.datasets import Dataset as Dataset
    from landscape.datasets import load_dataset as load_dataset
    from landscape.evaluation import Evaluation as Evaluation
    from landscape.evaluation import evaluate as evaluate
    from landscape.evaluation import loss_and_gradient as loss_and_gradient
    from landscape.fragmentation.census import Census as Census
    from landscape.fragmentation.census import find_discontinuities as find_discontinuities
    from landscape.network import Network as Network
    from landscape.neurons import LIF as LIF
    from landscape.neurons import QIF as QIF
    from landscape.readouts import FirstSpike as FirstSpike
    from landscape.readouts import MaxPotential as MaxPotential
    from landscape.readouts import MeanPotential as MeanPotential
    from landscape.simulator import Trial as Trial
    from landscape.simulator import simulate as simulate
    from landscape.slices import Surface as Surface
    from landscape.slices import random_directions as random_directions
    from landscape.slices.sweep import sweep as sweep
    from landscape.training import TrainingSettings as TrainingSettings
    from landscape.training import initial_network as initial_network
    from landscape.training import train as train

_HOME = {
    "Census": "fragmentation.census",
    "Dataset": "datasets",
    "Evaluation": "evaluation",
    "FirstSpike": "readouts",
    "LIF": "neurons",
    "MaxPotential": "readouts",
    "MeanPotential": "readouts",
    "Network": "network",
    "QIF": "neurons",
    "Surface": "slices",
    "TrainingSettings": "training",
    "Trial": "simulator",
    "evaluate": "evaluation",
    "find_discontinuities": "fragmentation.census",
    "initial_network": "training",
    "load_dataset": "datasets",
    "loss_and_gradient": "evaluation",
    "random_directions": "slices",
    "simulate": "simulator",
    "sweep": "slices.sweep",
    "train": "training",
}

__all__ = [*sorted(_HOME), "__version__"]


__getattr__ = loader(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
