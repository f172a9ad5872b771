"""landscape: exact loss landscapes of spiking neural networks.

Public names are loaded when they are first used, so that ``import landscape`` and the command line start at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from landscape.lazy import loader
from landscape.version import __version__

if TYPE_CHECKING:
    from landscape.config import Config as Config
    from landscape.config import load_config as load_config
    from landscape.config import parse_config as parse_config
    from landscape.datasets import Dataset as Dataset
    from landscape.datasets import describe as describe
    from landscape.datasets import load_dataset as load_dataset
    from landscape.errors import ConfigError as ConfigError
    from landscape.errors import DataError as DataError
    from landscape.errors import DataWarning as DataWarning
    from landscape.errors import DirectionError as DirectionError
    from landscape.errors import InputError as InputError
    from landscape.errors import LandscapeError as LandscapeError
    from landscape.errors import NetworkError as NetworkError
    from landscape.errors import ResultFileError as ResultFileError
    from landscape.errors import SimulationError as SimulationError
    from landscape.evaluation import Evaluation as Evaluation
    from landscape.evaluation import evaluate as evaluate
    from landscape.evaluation import loss_and_gradient as loss_and_gradient
    from landscape.experiment import Experiment as Experiment
    from landscape.fragmentation import Comparison as Comparison
    from landscape.fragmentation import Curves as Curves
    from landscape.fragmentation import Fragments as Fragments
    from landscape.fragmentation import analyze as analyze
    from landscape.fragmentation import check_curves as check_curves
    from landscape.fragmentation import compare as compare
    from landscape.fragmentation import fragments as fragments
    from landscape.fragmentation import gradient_cosines as gradient_cosines
    from landscape.fragmentation import gradient_fidelity as gradient_fidelity
    from landscape.fragmentation import local_minima as local_minima
    from landscape.fragmentation import roughness as roughness
    from landscape.fragmentation import sample_profile as sample_profile
    from landscape.fragmentation import silent_regions as silent_regions
    from landscape.fragmentation import trace_curves as trace_curves
    from landscape.fragmentation.census import Census as Census
    from landscape.fragmentation.census import find_discontinuities as find_discontinuities
    from landscape.h5.labelled import to_xarray as to_xarray
    from landscape.network import Network as Network
    from landscape.neurons import LIF as LIF
    from landscape.neurons import QIF as QIF
    from landscape.neurons import NeuronModel as NeuronModel
    from landscape.neurons import register_neuron as register_neuron
    from landscape.readouts import FirstSpike as FirstSpike
    from landscape.readouts import MaxPotential as MaxPotential
    from landscape.readouts import MeanPotential as MeanPotential
    from landscape.readouts import Readout as Readout
    from landscape.readouts import register_readout as register_readout
    from landscape.results import ModelResult as ModelResult
    from landscape.results import ResultFile as ResultFile
    from landscape.results import SliceResult as SliceResult
    from landscape.results import open_results as open_results
    from landscape.results import validate as validate
    from landscape.results import write_results as write_results
    from landscape.simulator import Trial as Trial
    from landscape.simulator import simulate as simulate
    from landscape.slices import Directions as Directions
    from landscape.slices import Status as Status
    from landscape.slices import Surface as Surface
    from landscape.slices.directions import DirectionKind as DirectionKind
    from landscape.slices.directions import combine_directions as combine_directions
    from landscape.slices.directions import gradient_direction as gradient_direction
    from landscape.slices.directions import line_direction as line_direction
    from landscape.slices.directions import load_directions as load_directions
    from landscape.slices.directions import principal_directions as principal_directions
    from landscape.slices.directions import random_directions as random_directions
    from landscape.slices.directions import register_direction as register_direction
    from landscape.slices.directions import weight_direction as weight_direction
    from landscape.slices.sweep import sweep as sweep
    from landscape.training import InitSettings as InitSettings
    from landscape.training import TrainingRecord as TrainingRecord
    from landscape.training import TrainingSettings as TrainingSettings
    from landscape.training import initial_network as initial_network
    from landscape.training import train as train

_HOME = {
    "Census": "fragmentation.census",
    "Comparison": "fragmentation",
    "Config": "config",
    "ConfigError": "errors",
    "Curves": "fragmentation",
    "DataError": "errors",
    "DataWarning": "errors",
    "Dataset": "datasets",
    "DirectionError": "errors",
    "DirectionKind": "slices.directions",
    "Directions": "slices",
    "Evaluation": "evaluation",
    "Experiment": "experiment",
    "FirstSpike": "readouts",
    "Fragments": "fragmentation",
    "InitSettings": "training",
    "InputError": "errors",
    "LIF": "neurons",
    "LandscapeError": "errors",
    "MaxPotential": "readouts",
    "MeanPotential": "readouts",
    "ModelResult": "results",
    "Network": "network",
    "NetworkError": "errors",
    "NeuronModel": "neurons",
    "QIF": "neurons",
    "Readout": "readouts",
    "ResultFile": "results",
    "ResultFileError": "errors",
    "SimulationError": "errors",
    "SliceResult": "results",
    "Status": "slices",
    "Surface": "slices",
    "TrainingRecord": "training",
    "TrainingSettings": "training",
    "Trial": "simulator",
    "analyze": "fragmentation",
    "check_curves": "fragmentation",
    "combine_directions": "slices.directions",
    "compare": "fragmentation",
    "describe": "datasets",
    "evaluate": "evaluation",
    "find_discontinuities": "fragmentation.census",
    "fragments": "fragmentation",
    "gradient_cosines": "fragmentation",
    "gradient_direction": "slices.directions",
    "gradient_fidelity": "fragmentation",
    "initial_network": "training",
    "line_direction": "slices.directions",
    "load_config": "config",
    "load_dataset": "datasets",
    "load_directions": "slices.directions",
    "local_minima": "fragmentation",
    "loss_and_gradient": "evaluation",
    "open_results": "results",
    "parse_config": "config",
    "principal_directions": "slices.directions",
    "random_directions": "slices.directions",
    "register_direction": "slices.directions",
    "register_neuron": "neurons",
    "register_readout": "readouts",
    "roughness": "fragmentation",
    "sample_profile": "fragmentation",
    "silent_regions": "fragmentation",
    "simulate": "simulator",
    "sweep": "slices.sweep",
    "to_xarray": "h5.labelled",
    "trace_curves": "fragmentation",
    "train": "training",
    "validate": "results",
    "weight_direction": "slices.directions",
    "write_results": "results",
}

__all__ = [*sorted(_HOME), "__version__"]


__getattr__ = loader(__name__, _HOME)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
