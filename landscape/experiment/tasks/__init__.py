"""The kinds of tasks that experiments consist of: each module beside defines one or more, and is found by being there.

How to add one: ``CONTRIBUTING.md``.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil

from landscape.config import Config
from landscape.experiment.plan import Plan, Task


@functools.cache
def kinds() -> tuple[type[Task], ...]:
    """Return the kinds of tasks that there are, by the names of their modules and in their order there."""
    found: dict[type[Task], None] = {}
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda module: module.name):
        content = importlib.import_module(f"{__name__}.{module.name}")
        for value in vars(content).values():
            if isinstance(value, type) and issubclass(value, Task) and value.__module__ == content.__name__:
                found[value] = None
    return tuple(found)


def plan_of(config: Config) -> Plan:
    """Return the tasks of an experiment.

    Raises:
        ConfigError: a data file of the experiment is missing.
        DirectionError: a file with directions is missing.
    """
    return Plan(config, kinds())
