"""Readouts: what the output layer says, and the loss of it."""

from __future__ import annotations

import math
from typing import Any

from landscape.errors import ConfigError
from landscape.readouts.first_spike import FirstSpike
from landscape.readouts.potential import MaxPotential, MeanPotential

__all__ = ["FirstSpike", "MaxPotential", "MeanPotential", "by_name", "objective_name", "resolved", "spikes_read"]

_objectives: dict[str, type[Any]] = {
    "first_spike": FirstSpike,
    "max_potential": MaxPotential,
    "mean_potential": MeanPotential,
}


def by_name(name: str) -> type[Any]:
    """The readout of a name: ``"first_spike"``, ``"max_potential"`` or ``"mean_potential"``.

    Raises:
        ConfigError: If there is no such readout.
    """
    try:
        return _objectives[name]
    except KeyError:
        raise ConfigError(f"readout {name!r} is unknown; known readouts are {', '.join(_objectives)}") from None


def objective_name(objective: Any) -> str:
    """Name of a readout, the inverse of :func:`by_name`."""
    for name, kind in _objectives.items():
        if type(objective) is kind:
            return name
    raise ConfigError(f"{objective!r} is no readout; give FirstSpike(), MaxPotential() or MeanPotential()")


def spikes_read(objective: Any) -> int:
    """How many spikes of each output neuron the loss depends on, at most; 0 where outputs do not spike."""
    return 1 if isinstance(objective, FirstSpike) else 0


def resolved(objective: Any, neuron: Any) -> Any:
    """The readout with defaults that depend on the neuron filled in, its constants checked.

    Raises:
        ConfigError: If a constant is no finite number, ``gamma`` is negative, or ``tau_readout`` is not positive.
    """
    name = objective_name(objective)
    if not isinstance(objective, FirstSpike):
        return objective
    tau = neuron.tau if objective.tau_readout is None else objective.tau_readout
    for key, value, low in (("gamma", objective.gamma, 0.0), ("tau_readout", tau, math.ulp(0.0))):
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise ConfigError(f"{name}: {key} must be a number, not {value!r}") from None
        if not low <= number < math.inf:
            bound = "not negative" if low == 0.0 else "positive"
            raise ConfigError(f"{name}: {key} must be finite and {bound}, not {number}")
    return FirstSpike(float(objective.gamma), float(tau))
