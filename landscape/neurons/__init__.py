"""Neuron models: one file each. ``README.md`` in this folder tells how to add one.

What is known of a model beside its steps (:class:`NeuronModel`) needs no compiler; its steps are loaded when a network
is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landscape.constants import Neuron
from landscape.errors import NetworkError
from landscape.lazy import loader
from landscape.neurons.model import CENSUS_STEPS, Costs, Drive, NeuronModel, missing_steps
from landscape.registry import Registry

if TYPE_CHECKING:
    from landscape.neurons.leaky_integrator import LeakyIntegrator as LeakyIntegrator
    from landscape.neurons.lif import LIF as LIF
    from landscape.neurons.qif import QIF as QIF

__all__ = [
    "LIF",
    "MODELS",
    "QIF",
    "Costs",
    "Drive",
    "LeakyIntegrator",
    "NeuronModel",
    "by_name",
    "check_constants",
    "costs_of",
    "model_of",
    "neuron_name",
    "register_neuron",
]

_HOME = {"LIF": "lif", "LeakyIntegrator": "leaky_integrator", "QIF": "qif"}

MODELS: Registry[NeuronModel] = Registry(f"{__name__}.models", "MODEL", "neuron model", NetworkError)


__getattr__ = loader(__name__, _HOME)


def register_neuron(model: NeuronModel | str, implementation: type[Neuron] | None = None) -> None:
    """Make a neuron model known by name, for configurations and network files of this process.

    Args:
        model: the model, or only its name, with defaults for all else.
        implementation: the ``NamedTuple`` of its constants, where only the name is given.

    Raises:
        NetworkError: the model lacks something; all that it lacks is named.
    """
    if isinstance(model, str):
        if implementation is None:
            raise NetworkError(f"neuron model {model!r}: give the class of its constants too")
        census = not missing_steps(implementation, CENSUS_STEPS)
        model = NeuronModel(name=model, implementation=implementation, census=census)
    MODELS.add(model)


def by_name(name: str) -> type[Any]:
    """The class of the constants of a model, by the model's name.

    Raises:
        NetworkError: there is no such model.
    """
    return MODELS[name].constants_class


def costs_of(name: str) -> Costs:
    """What a model costs, by its name.

    Raises:
        NetworkError: there is no such model.
    """
    return MODELS[name].costs


def model_of(neuron: Neuron) -> NeuronModel:
    """The model of which ``neuron`` holds the constants.

    Raises:
        NetworkError: it is none of a known model.
    """
    found = MODELS.find(lambda model: model.implements(type(neuron)))
    if found is None:
        raise NetworkError(f"neuron {neuron!r} is no neuron model; give one of {', '.join(MODELS.names())}")
    return found


def neuron_name(neuron: Neuron) -> str:
    """Name of the model of which ``neuron`` holds the constants."""
    return model_of(neuron).name


def check_constants(neuron: Neuron) -> Any:
    """The constants as floats, within the bounds of their model.

    Raises:
        NetworkError: a constant is not a finite number, or is out of bounds.
    """
    return model_of(neuron).checked(neuron)
