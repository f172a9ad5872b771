"""Constants with functions that are compiled for them: what neuron models and readouts have in common."""

from __future__ import annotations

import functools
import importlib
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from landscape.errors import InputError
from landscape.plugins import source_hash

if TYPE_CHECKING:
    from landscape.tables import Table

__all__ = ["Compiled", "Constants", "Neuron", "Objective"]


class Constants(Protocol):
    """A ``NamedTuple`` of floats, as ``LIF(tau=1.0, threshold=1.0)``."""

    @property
    def _fields(self) -> tuple[str, ...]: ...

    def _asdict(self) -> dict[str, Any]: ...

    def __iter__(self) -> Iterator[Any]: ...


#: Constants of a neuron model, and of a readout with its loss.
Neuron = Constants
Objective = Constants


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """Something with constants and compiled functions, by its name.

    Attributes:
        name: what configurations and files call it, as ``"lif"``.
        implementation: the ``NamedTuple`` of its constants, for which its functions are implemented; or
            ``"MODULE:CLASS"``, where they stand in a module of their own, which is loaded when it is first computed
            with.
        constants: the constants as keys of an experiment file, with their bounds, units, defaults and meanings; made
            from the ``NamedTuple`` if not given: finite numbers, those called ``tau...`` from 1e-100 to 1e100.
        extended_precision: whether losses of it can be evaluated in extended precision
            (:mod:`landscape.fragmentation.census.confirmation`).
    """

    #: What messages call one, and what they raise.
    kind: ClassVar[str]
    error: ClassVar[type[InputError]]

    name: str
    implementation: type[Any] | str
    constants: type[Table] | None = None
    extended_precision: bool = False

    @functools.cached_property
    def constants_class(self) -> type[Any]:
        """The ``NamedTuple`` of the constants; the functions are loaded with it."""
        if not isinstance(self.implementation, str):
            return self.implementation
        module, _, name = self.implementation.partition(":")
        found: type[Any] = getattr(importlib.import_module(module), name)
        return found

    @functools.cached_property
    def table(self) -> type[Table]:
        """The constants as keys of an experiment file."""
        return self.constants or _table_of(self.name, self.constants_class)

    @property
    def source_hash(self) -> str:
        """Hash of the file of one from outside the package; "" for one of the package."""
        return "" if isinstance(self.implementation, str) else source_hash(self.implementation)

    def implements(self, constants: type[Any]) -> bool:
        """Whether its constants are of this class; loads nothing."""
        if isinstance(self.implementation, str):
            return f"{constants.__module__}:{constants.__qualname__}" == self.implementation
        return constants is self.implementation

    def lacks(self) -> list[str]:
        """What keeps it from being used, a phrase for each; empty where nothing does."""
        problems = []
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]*", self.name):
            problems.append("has a name with other characters than letters, digits, '_' and '-'")
        fields = getattr(self.constants_class, "_fields", None)
        if fields is None:
            problems.append(f"is implemented by {self.constants_class!r}, which is no NamedTuple of constants")
        elif self.constants is not None and {*self.constants.model_fields} != {*fields}:
            keys = ", ".join(self.constants.model_fields)
            problems.append(f"has the keys {keys or 'none'} for the constants {', '.join(fields) or 'none'}")
        return problems

    def checked(self, constants: Constants) -> Any:
        """The constants as floats, within their bounds.

        Raises:
            InputError: one is not a finite number, or is out of bounds.
        """
        values = []
        for key, value in constants._asdict().items():
            try:
                number = float(value)
            except (TypeError, ValueError):
                raise self.error(f"{self.name} {self.kind}: {key} must be a number, not {value!r}") from None
            if not math.isfinite(number):
                raise self.error(f"{self.name} {self.kind}: {key} must be finite, not {number}")
            values.append(number)
        return self._within_bounds(*values)

    @functools.cached_property
    def _within_bounds(self) -> Callable[..., Any]:
        # Asked for with each network and each evaluation, of which most have the same constants.
        return functools.lru_cache(maxsize=64)(self._bounded)

    def _bounded(self, *numbers: float) -> Any:
        from pydantic import ValidationError

        constants = self.constants_class(*numbers)
        try:
            self.table.model_validate(constants._asdict())
        except ValidationError as error:
            detail = error.errors(include_url=False)[0]
            key = str(detail["loc"][0])
            bound = detail["msg"].removeprefix("Value error, ").replace("Input should", "must")
            bound = bound.replace("be greater than or equal to 0", "not be negative")
            bound = bound.replace("greater than 0", "positive")
            raise self.error(f"{self.name} {self.kind}: {key} {bound}, not {getattr(constants, key)}") from None
        return constants


def missing(constants: type[Any], interface: Any, hooks: Sequence[str]) -> list[str]:
    """Those of the hooks of an interface that are not implemented for a ``NamedTuple`` of constants."""
    from landscape.neurons.interface import implementers

    return [hook for hook in hooks if constants not in implementers(getattr(interface, hook))]


def _table_of(name: str, constants: type[Any]) -> type[Table]:
    """The table of keys of a ``NamedTuple`` of constants."""
    from pydantic import create_model

    from landscape.tables import Finite, Scale, Table

    keys: dict[str, Any] = {
        key: (Scale if key.startswith("tau") else Finite, constants._field_defaults.get(key, ...))
        for key in getattr(constants, "_fields", ())
    }
    return create_model(f"{name}_constants", __base__=Table, __doc__=constants.__doc__, **keys)
