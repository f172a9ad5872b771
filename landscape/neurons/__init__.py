"""Neuron models: one file each. ``README.md`` in this folder tells how to add one."""

from __future__ import annotations

from typing import Any

from landscape.errors import NetworkError
from landscape.neurons.leaky_integrator import LeakyIntegrator
from landscape.neurons.lif import LIF
from landscape.neurons.qif import QIF

__all__ = ["LIF", "QIF", "LeakyIntegrator", "by_name", "check_constants", "neuron_name", "register"]

_models: dict[str, type[Any]] = {}


def register(name: str, model: type[Any]) -> None:
    """Make a neuron model known by name, for configurations and network files."""
    _models[name] = model


register("lif", LIF)
register("qif", QIF)


def by_name(name: str) -> type[Any]:
    """The neuron model of a name (``"lif"``, ``"qif"``, or one that was registered).

    Raises:
        NetworkError: If there is no such model.
    """
    try:
        return _models[name]
    except KeyError:
        known = ", ".join(sorted(_models))
        raise NetworkError(f"neuron model {name!r} is unknown; known models are {known}") from None


def neuron_name(neuron: Any) -> str:
    """Name of the model of which ``neuron`` holds the constants."""
    for name, model in _models.items():
        if type(neuron) is model:
            return name
    known = ", ".join(model.__name__ for model in _models.values())
    raise NetworkError(f"neuron {neuron!r} is no neuron model; give one of {known}")


def check_constants(neuron: Any) -> Any:
    """The constants as finite, positive floats where they must be so.

    Raises:
        NetworkError: If a constant is not a finite number, or ``tau`` or ``threshold`` is not positive.
    """
    name = neuron_name(neuron)
    values = {}
    for key, value in neuron._asdict().items():
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise NetworkError(f"{name} neuron: {key} must be a number, not {value!r}") from None
        if number != number or number in (float("inf"), float("-inf")):
            raise NetworkError(f"{name} neuron: {key} must be finite, not {number}")
        if key in ("tau", "threshold") and number <= 0.0:
            raise NetworkError(f"{name} neuron: {key} must be positive, not {number}")
        values[key] = number
    return type(neuron)(**values)
