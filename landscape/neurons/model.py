"""What the package knows of a neuron model beside its elementary steps: facts that need no compiler."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from landscape.constants import Compiled, missing
from landscape.errors import InputError, NetworkError

__all__ = ["CENSUS_STEPS", "STEPS", "Costs", "Drive", "NeuronModel"]

#: The steps that every model has, and those that a census of discontinuities needs besides; ``README.md`` in this
#: folder says what they are.
STEPS = (
    *("rest", "potential", "current", "clock", "flow", "alert", "in_range", "slow_flow", "next_spike", "remaining"),
    *("reset", "receive", "fires_on_arrival", "transport", "slow_transport", "spike_variation", "arrival_variation"),
    *("arrival_spike_variation", "has_pseudospikes", "pseudospike", "pseudospike_variation"),
)
CENSUS_STEPS = ("has_threshold", "excess", "excess_variation", "slope", "slope_variation", "bend", "crest")


@dataclass(frozen=True)
class Drive:
    """The drive that initial weights give a neuron, the sum of its input weights over a trial.

    Attributes:
        mean: mean over neurons, in units of the current.
        spread: standard deviation over neurons, likewise.
    """

    mean: float
    spread: float


@dataclass(frozen=True, kw_only=True)
class Costs:
    """What a model costs, fitted to measured core seconds (:mod:`landscape.experiment.cost` puts them together).

    A model that says nothing is taken for one with a threshold that spikes often, the more expensive kind: work is then
    cut rather too small than too large.

    Attributes:
        update: of one neuron for one event.
        census_per_neuron: of the census of a sample on a line as long as the weights, per neuron to ``census_power``.
        census_power: see there.
        census_base: share of a census that does not shrink with the length of the line: following the spikes.
        census_per_layer: the jumps of a layer cut the line for the next one, which multiplies its cost by one more.
        discontinuities: how many there are to be found on such a line, per sample and neuron.
        anatomy: of following one sample's spikes along a line, beside all neurons.
        anatomy_per_neuron: the same, per neuron.
    """

    update: float = 2.2e-9
    census_per_neuron: float = 3.4e-4
    census_power: float = 1.6
    census_base: float = 0.0
    census_per_layer: float = 10.0
    discontinuities: float = 0.3
    anatomy: float = 0.5
    anatomy_per_neuron: float = 0.035


@dataclass(frozen=True, kw_only=True)
class NeuronModel(Compiled):
    """A neuron model by its name; further attributes are those of :class:`~landscape.constants.Compiled`.

    Attributes:
        title: how figures and reports call a network of such neurons; the name if not given.
        color: its colour in figures, as ``"#D55E00"``; a free one if not given.
        hidden_drive: drive of initial hidden neurons, for one to two spikes per trial of a few ``tau``.
        output_drive: drive of initial output neurons, likewise.
        costs: what it costs.
        census: whether it has the steps that a census of discontinuities needs.
    """

    kind: ClassVar[str] = "neuron"
    error: ClassVar[type[InputError]] = NetworkError

    title: str = ""
    color: str | None = None
    hidden_drive: Drive = Drive(8.0, 4.0)
    output_drive: Drive = Drive(9.0, 4.5)
    costs: Costs = Costs()
    census: bool = True

    def lacks(self) -> list[str]:
        """What keeps the model from being used, a phrase for each; empty where nothing does."""
        problems = super().lacks()
        if without := missing_steps(self.constants_class, STEPS):
            problems.append(f"lacks the steps {', '.join(without)}")
        if self.census and (without := missing_steps(self.constants_class, CENSUS_STEPS)):
            problems.append(f"lacks the steps of a census {', '.join(without)} (a model without: census=False)")
        if self.color is not None and not re.fullmatch(r"#[0-9A-Fa-f]{6}", self.color):
            problems.append(f"has the colour {self.color!r}, which is not written as '#D55E00'")
        return problems


def missing_steps(constants: type[Any], steps: tuple[str, ...]) -> list[str]:
    """Those of the steps that are not implemented for a ``NamedTuple`` of constants."""
    from landscape.neurons import interface

    return missing(constants, interface, steps)
