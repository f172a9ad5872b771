"""The kinds of records that a result file may have, found by being there.

Every module of the package that is called ``record``, or whose name ends with ``_record``, is loaded when kinds are
first asked for, and so are plugins (:mod:`landscape.plugins`); the classes in them that
:func:`landscape.h5.fields.record` is given a place for (``of``) are kinds. A class of another package is one as well,
once its module is loaded.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from landscape.h5.fields import RECORDS
from landscape.h5.layout import layout_of
from landscape.plugins import plugin_modules

__all__ = ["group_names", "kinds", "kinds_of"]


def kinds() -> list[type]:
    """All kinds of records with a place in a result file, in the order of places and names."""
    _load()
    return sorted(
        (kind for kind in RECORDS if layout_of(kind).of), key=lambda kind: (layout_of(kind).of, layout_of(kind).group)
    )


def kinds_of(*places: str) -> dict[str, type]:
    """The kinds of records whose place is one of these, by their names in Python."""
    return {layout_of(kind).name: kind for kind in kinds() if layout_of(kind).of in places}


def group_names() -> frozenset[str]:
    """Names of all groups of records, which nothing else can have."""
    _load()
    return frozenset(layout_of(kind).group for kind in RECORDS) - {""}


def _load() -> None:
    _load_own()
    plugin_modules()


@functools.cache
def _load_own() -> None:
    package, _, _ = __name__.partition(".")
    for name in _modules([str(Path(__file__).parents[1])], package):
        importlib.import_module(name)


def _modules(path: Sequence[str], package: str) -> Iterator[str]:
    for found in pkgutil.iter_modules(path):
        name = f"{package}.{found.name}"
        if found.ispkg:
            yield from _modules([f"{folder}/{found.name}" for folder in path], name)
        elif found.name == "record" or found.name.endswith("_record"):
            yield name
