"""What the package knows of a neuron model beside its elementary steps: facts that need no compiler."""

from __future__ import annotations

import functools
import importlib
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from landscape.errors import NetworkError

if TYPE_CHECKING:
    from landscape.config.tables import Table

__all__ = ["Costs", "Drive", "Neuron", "NeuronModel"]

#: The steps that every model has, and those that a census of discontinuities needs besides; ``README.md`` in this
#: folder says what they are.
STEPS = (
    *("rest", "potential", "current", "clock", "flow", "alert", "in_range", "slow_flow", "next_spike", "remaining"),
    *("reset", "receive", "fires_on_arrival", "transport", "slow_transport", "spike_variation", "arrival_variation"),
    *("arrival_spike_variation", "has_pseudospikes", "pseudospike", "pseudospike_variation"),
)
CENSUS_STEPS = ("has_threshold", "excess", "excess_variation", "slope", "slope_variation", "bend", "crest")


@runtime_checkable
class Neuron(Protocol):
    """Constants of a neuron model: a ``NamedTuple`` of floats, as ``LIF(tau=1.0, threshold=1.0)``."""

    @property
    def _fields(self) -> tuple[str, ...]: ...

    def _asdict(self) -> dict[str, Any]: ...


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
class NeuronModel:
    """A neuron model by its name.

    Attributes:
        name: what configurations and files call it, as ``"lif"``.
        implementation: the ``NamedTuple`` of its constants, for which its steps are implemented; or
            ``"MODULE:CLASS"``, where the steps stand in a module of their own, which is loaded when a network is made.
        constants: the constants as keys of ``[[model]]`` with their bounds, units, defaults and meanings; made from the
            ``NamedTuple`` if not given: finite numbers, those called ``tau...`` positive.
        title: how figures and reports call a network of such neurons; the name if not given.
        summary: what it is, in a line.
        color: its colour in figures, as ``"#D55E00"``; a free one if not given.
        hidden_drive: drive of initial hidden neurons, for one to two spikes per trial of a few ``tau``.
        output_drive: drive of initial output neurons, likewise.
        costs: what it costs.
        census: whether it has the steps that a census of discontinuities needs.
        extended_precision: whether the largest discontinuities can be evaluated in extended precision.
    """

    name: str
    implementation: type[Any] | str
    constants: type[Table] | None = None
    title: str = ""
    summary: str = ""
    color: str | None = None
    hidden_drive: Drive = Drive(8.0, 4.0)
    output_drive: Drive = Drive(9.0, 4.5)
    costs: Costs = Costs()
    census: bool = True
    extended_precision: bool = False

    @functools.cached_property
    def constants_class(self) -> type[Any]:
        """The ``NamedTuple`` of the constants; its steps are loaded with it."""
        if not isinstance(self.implementation, str):
            return self.implementation
        module, _, name = self.implementation.partition(":")
        found: type[Any] = getattr(importlib.import_module(module), name)
        return found

    @functools.cached_property
    def table(self) -> type[Table]:
        """The constants as keys of ``[[model]]``."""
        return self.constants or _table_of(self.name, self.constants_class)

    def implements(self, constants: type[Any]) -> bool:
        """Whether this is the model of a ``NamedTuple`` of constants; loads nothing."""
        if isinstance(self.implementation, str):
            return f"{constants.__module__}:{constants.__qualname__}" == self.implementation
        return constants is self.implementation

    def lacks(self) -> list[str]:
        """What keeps the model from being used, a phrase for each; empty where nothing does."""
        problems = []
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", self.name):
            problems.append("has a name of other characters than letters, digits, '_' and '-'")
        fields = getattr(self.constants_class, "_fields", None)
        if fields is None:
            return [*problems, f"is implemented by {self.constants_class!r}, which is no NamedTuple of constants"]
        if missing := missing_steps(self.constants_class, STEPS):
            problems.append(f"lacks the steps {', '.join(missing)}")
        if self.census and (missing := missing_steps(self.constants_class, CENSUS_STEPS)):
            problems.append(f"lacks the steps of a census {', '.join(missing)} (a model without: census=False)")
        if self.constants is not None and {*self.constants.model_fields} != {*fields}:
            problems.append(f"has keys {', '.join(self.constants.model_fields)} for constants {', '.join(fields)}")
        if self.color is not None and not re.fullmatch(r"#[0-9A-Fa-f]{6}", self.color):
            problems.append(f"has the colour {self.color!r}, which is not written as '#D55E00'")
        return problems

    def checked(self, neuron: Neuron) -> Any:
        """The constants as floats, within their bounds.

        Raises:
            NetworkError: If a constant is not a finite number, or is out of bounds.
        """
        from pydantic import ValidationError

        values = {}
        for key, value in neuron._asdict().items():
            try:
                values[key] = float(value)
            except (TypeError, ValueError):
                raise NetworkError(f"{self.name} neuron: {key} must be a number, not {value!r}") from None
            if not math.isfinite(values[key]):
                raise NetworkError(f"{self.name} neuron: {key} must be finite, not {values[key]}")
        try:
            self.table.model_validate(values)
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            key = str(detail["loc"][0])
            bound = detail["msg"].replace("Input should be", "must be").replace("greater than 0", "positive")
            raise NetworkError(f"{self.name} neuron: {key} {bound}, not {values[key]}") from None
        return self.constants_class(**values)


def missing_steps(constants: type[Any], steps: tuple[str, ...]) -> list[str]:
    """Those of the steps that are not implemented for a ``NamedTuple`` of constants."""
    from landscape.neurons import interface

    return [step for step in steps if constants not in interface._models.get(getattr(interface, step), ())]


def _table_of(name: str, constants: type[Any]) -> type[Table]:
    """The table of keys of a ``NamedTuple`` of constants."""
    from pydantic import create_model

    from landscape.config.tables import Finite, Positive, Table

    keys: dict[str, Any] = {
        key: (Positive if key.startswith("tau") else Finite, constants._field_defaults.get(key, ...))
        for key in constants._fields
    }
    return create_model(f"{name}_constants", __base__=Table, __doc__=constants.__doc__, **keys)
