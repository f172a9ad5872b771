"""Readouts: what the output layer says, and the loss of it. ``README.md`` in this folder tells how to add one.

What is known of a readout beside its compiled functions (:class:`Readout`) needs no compiler.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from landscape.constants import Neuron, Objective
from landscape.errors import ConfigError
from landscape.lazy import loader
from landscape.readouts.readout import Readout
from landscape.registry import Registry

if TYPE_CHECKING:
    from landscape.readouts.first_spike import FirstSpike as FirstSpike
    from landscape.readouts.potential import MaxPotential as MaxPotential
    from landscape.readouts.potential import MeanPotential as MeanPotential

__all__ = [
    "READOUTS",
    "FirstSpike",
    "MaxPotential",
    "MeanPotential",
    "Readout",
    "by_name",
    "objective_name",
    "readout_of",
    "register_readout",
    "resolved",
    "spikes_read",
]

_HOME = {"FirstSpike": "first_spike", "MaxPotential": "potential", "MeanPotential": "potential"}

READOUTS: Registry[Readout] = Registry(f"{__name__}.kinds", "READOUT", "readout", ConfigError)


__getattr__ = loader(__name__, _HOME)


def register_readout(readout: Readout) -> None:
    """Make a readout known by name, for configurations of this process.

    Args:
        readout: the readout.

    Raises:
        ConfigError: the readout lacks something; all that it lacks is named.
    """
    READOUTS.add(readout)


def by_name(name: str) -> type[Any]:
    """The class of the constants of a readout, by the readout's name: ``"first_spike"`` is ``FirstSpike``.

    Raises:
        ConfigError: there is no such readout.
    """
    return READOUTS[name].constants_class


def readout_of(objective: Objective) -> Readout:
    """The readout of which ``objective`` holds the constants.

    Raises:
        ConfigError: It is none.
    """
    found = READOUTS.find(lambda readout: readout.implements(type(objective)))
    if found is None:
        raise ConfigError(f"{objective!r} is no readout; give FirstSpike(), MaxPotential() or MeanPotential()")
    return found


def objective_name(objective: Objective) -> str:
    """Name of a readout, the inverse of :func:`by_name`."""
    return readout_of(objective).name


def spikes_read(objective: Objective) -> int:
    """How many spikes of each output neuron the loss depends on, at most; 0 where outputs do not spike."""
    return readout_of(objective).spikes_read


def resolved(objective: Objective, neuron: Neuron) -> Any:
    """The readout with constants filled in that are by default those of the neurons, all checked.

    Raises:
        ConfigError: a constant is no finite number or out of bounds, or the neurons lack the one that it stands for.
    """
    readout = readout_of(objective)
    values = objective._asdict()
    for key, of_neuron in readout.of_neuron.items():
        if values[key] is None:
            values[key] = getattr(neuron, of_neuron, None)
    return readout.checked(type(objective)(**values)) if values else objective
