"""Things found by being there: neuron models, readouts, kinds of directions, figures, sections of the report.

One of the package is a module in a folder, named as the thing, that defines one attribute. Modules are loaded when
their name is asked for, so that nobody pays for what is not used. Others come from outside the package: modules that
the user names in ``LANDSCAPE_PLUGINS`` or has installed (:mod:`landscape.plugins`), or by a call of ``register``.
"""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from landscape.errors import InputError
from landscape.plugins import PLUGINS_VARIABLE, plugin_modules

if TYPE_CHECKING:
    from landscape.tables import Table

__all__ = ["Named", "Registry", "WithTable"]


class Named(Protocol):
    """What a registry holds."""

    @property
    def name(self) -> str:
        """What configurations and files call it."""
        ...

    def lacks(self) -> list[str]:
        """What keeps it from being used, a phrase for each."""
        ...


class WithTable(Named, Protocol):
    """What is registered and has keys of its own in an experiment file."""

    @property
    def table(self) -> type[Table]:
        """The keys with their types, bounds, units, defaults and meanings."""
        ...


T = TypeVar("T", bound=Named)


class Registry(Generic[T]):
    """Named things of one kind.

    Args:
        package: the package of whose modules each defines one of the package's own.
        attribute: the name under which a module defines one; one from outside may define several, in a tuple.
        kind: what they are, for messages: ``"neuron model"``.
        error: raised for an unknown name.
        several: whether modules of the package define several as well, so that it takes all modules to find a name.
    """

    def __init__(
        self, package: str, attribute: str, kind: str, error: type[InputError], *, several: bool = False
    ) -> None:
        self.kind = kind
        self._package = package
        self._attribute = attribute
        self._error = error
        self._several = several
        self._loaded: dict[str, T] = {}
        self._reserved: frozenset[str] = frozenset()

    def reserve(self, keys: Iterable[str]) -> None:
        """Have no thing's table have these keys, which mean something else in the table that it becomes a part of.

        Raises:
            InputError: one that was registered has such a key.
        """
        self._reserved = frozenset(keys)
        for thing in self._loaded.values():
            self._refuse(thing, self._clashes(thing))

    def __getitem__(self, name: str) -> T:
        """The thing of a name.

        Raises:
            InputError: there is none, or a plugin cannot be loaded.
        """
        self._load(name)
        if name not in self._loaded:
            raise self._error(f"{self.kind} {name!r} is unknown; {self._advice(name)}")
        return self._loaded[name]

    def __contains__(self, name: object) -> bool:
        if isinstance(name, str):
            self._load(name)
        return name in self._loaded

    def find(self, fits: Callable[[T], bool]) -> T | None:
        """The first thing that fits; those that were asked for before come first."""
        for thing in self._loaded.values():
            if fits(thing):
                return thing
        return next((self[name] for name in self.names() if fits(self[name])), None)

    def own(self) -> list[str]:
        """Names of the package's own, in alphabetical order; those of its modules unless these define several."""
        if self._several:
            return sorted(thing.name for module in self._modules() for thing in self._defined(self._import(module)))
        return self._modules()

    def names(self) -> list[str]:
        """All names: those of the package, then others; each in alphabetical order."""
        own = self.own()
        self._load_plugins()
        return own + sorted(set(self._loaded) - set(own))

    def all(self) -> list[T]:
        """All things, in the order of their names."""
        return [self[name] for name in self.names()]

    def add(self, thing: T) -> None:
        """Register a thing under its name.

        Raises:
            InputError: it lacks something (all that it lacks is named), or the package has one of that name.
        """
        self._refuse(thing, thing.lacks() or self._clashes(thing))
        if thing.name in self.own():
            raise self._error(f"{self.kind} {thing.name!r} has the name of one of the package; take another")
        self._loaded[thing.name] = thing

    def _advice(self, name: str) -> str:
        """What there is in place of an unknown name, and where others are found."""
        known = self.names()
        near = difflib.get_close_matches(str(name).lower(), known, n=1)
        hint = f", did you mean {near[0]!r}?" if near else ""
        return f"there are {', '.join(known)}{hint}; {PLUGINS_VARIABLE} names modules with others"

    def _clashes(self, thing: T) -> list[str]:
        table = getattr(thing, "table", None)
        twice = sorted(self._reserved & {*table.model_fields}) if table is not None else []
        return [f"has the keys {', '.join(twice)}, which mean something else in their table"] if twice else []

    def _refuse(self, thing: T, problems: list[str]) -> None:
        if problems:
            raise self._error(f"{self.kind} {thing.name!r} {'; '.join(problems)}")

    def _load(self, name: str) -> None:
        if name in self._loaded:
            return
        for module in self._modules() if self._several else [name] if name in self.own() else []:
            self._loaded |= {thing.name: thing for thing in self._defined(self._import(module))}
        if name not in self._loaded:
            self._load_plugins()

    def _modules(self) -> list[str]:
        folder = importlib.import_module(self._package).__path__
        return sorted(info.name for info in pkgutil.iter_modules(folder))

    def _import(self, module: str) -> ModuleType:
        return importlib.import_module(f"{self._package}.{module}")

    def _defined(self, module: ModuleType) -> Iterable[T]:
        found = getattr(module, self._attribute, ())
        return found if isinstance(found, tuple) else (found,)

    def _load_plugins(self) -> None:
        for module in plugin_modules():
            for thing in self._defined(module):
                if self._loaded.get(thing.name) is not thing:
                    self.add(thing)
