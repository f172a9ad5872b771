"""The kinds of tasks that experiments consist of: each module beside defines one or more, and is found by being there;
others come from plugins (:mod:`landscape.plugins`).

How to add one: ``CONTRIBUTING.md``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from landscape.config import Config
from landscape.errors import ConfigError
from landscape.experiment.plan import Plan, Task
from landscape.plugins import plugin_modules


def kinds() -> list[type[Task]]:
    """Return the kinds of tasks that there are, in their order in their modules; those of plugins come last.

    Raises:
        ConfigError: a plugin cannot be loaded, or has a kind of the name of another one.
    """
    found: dict[str, type[Task]] = {}
    for module in (*_own_modules(), *plugin_modules()):
        for kind in _kinds_in(module):
            if found.setdefault(kind.kind, kind) is not kind:
                raise ConfigError(
                    f"plugin {module.__name__}: the kind of task {kind.kind!r} has the name of one of "
                    f"{found[kind.kind].__module__}; take another"
                )
    return list(found.values())


@functools.cache
def _own_modules() -> list[ModuleType]:
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [importlib.import_module(f"{__name__}.{name}") for name in names]


def _kinds_in(module: ModuleType) -> Iterator[type[Task]]:
    for value in vars(module).values():
        is_own = isinstance(value, type) and issubclass(value, Task) and value.__module__ == module.__name__
        # A class without a name is what others derive from.
        if is_own and hasattr(value, "kind"):
            yield value


def plan_of(config: Config) -> Plan:
    """Return the tasks of an experiment.

    Raises:
        ConfigError: a data file of the experiment is missing.
        DirectionError: a file with directions is missing.
    """
    return Plan(config, kinds())
