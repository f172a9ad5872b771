"""Find a data set by its name or in a file.

A module of this package offers data by defining ``SOURCE``, a :class:`Source` (data with a name), or
``LAYOUT``, a :class:`FileLayout` (files of one kind). It is found by being there: a new source is one new
file. A module from outside the package (:mod:`landscape.plugins`) offers data likewise.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import inspect
import os
import pkgutil
import sys
from collections.abc import Callable
from dataclasses import replace
from os import PathLike
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from landscape.datasets.dataset import Dataset
from landscape.datasets.hdf5_input import open_data, title_of
from landscape.datasets.sizes import DataSize
from landscape.errors import DataError
from landscape.paths import user_path
from landscape.plugins import plugin_modules

if TYPE_CHECKING:
    import h5py


class Source(NamedTuple):
    """Data that are had by name.

    Attributes:
        name: the name.
        load: ``load(**options)`` gives the data.
        summary: what they are, in a line.
        size: how large they are, for estimates of what computing with them costs; None if it is not known.
        generated: whether they are drawn anew, as many as wanted: ``load(n_samples, seed=seed)``.
    """

    name: str
    load: Callable[..., Dataset]
    summary: str
    size: DataSize | None = None
    generated: bool = False


class FileLayout(NamedTuple):
    """A kind of HDF5 file: what to call it, how to tell it, ``read(file, **options)``, and what a file that is not
    recognized lacks, in words.
    """

    description: str
    recognize: Callable[[h5py.File], bool]
    read: Callable[..., Dataset]
    missing: Callable[[h5py.File], str]


def sources() -> dict[str, Source]:
    """Return every named source by name, in alphabetical order; of one name, that of the package.

    Raises:
        ConfigError: a plugin cannot be loaded.
    """
    others = [module.SOURCE for module in plugin_modules() if hasattr(module, "SOURCE")]
    return _by_name([*others, *_own_sources(_folders()).values()]) if others else dict(_own_sources(_folders()))


def _by_name(found: list[Source]) -> dict[str, Source]:
    return {source.name: source for source in sorted(found, key=lambda source: source.name)}


def load_dataset(source: str | bytes | PathLike[str], **options: Any) -> Dataset:
    """Return the data set called ``source``, or the one in the file ``source``.

    Args:
        source: A name (``"digits"``, ``"yin-yang"``; :func:`sources` lists them) or the path of an HDF5 file, gzipped
            or not, in SHD layout or written by :meth:`Dataset.save`; which of them is told by content. A name goes
            before a file called the same: write ``"./digits"`` for that.
        options: Passed to the source: the parameters of :func:`~landscape.datasets.yin_yang`, or of
            :func:`~landscape.datasets.load_shd` without the path.

    Raises:
        DataError: there is no such name or file, the file is damaged or of no known layout, or an option is
            unknown.
    """
    name = os.fsdecode(source)
    known = sources()
    if isinstance(source, str) and name in known:
        _check_options(f"the data set {name!r}", known[name].load, options)
        return known[name].load(**options)
    # An empty name is no file, and not the working directory as for a Path.
    if not name or not os.path.exists(user_path(name)):
        raise DataError(_unknown(name, list(known)))
    with open_data(name) as file:
        layouts = [module.LAYOUT for module in _modules(_folders()) if hasattr(module, "LAYOUT")]
        for layout in layouts:
            if layout.recognize(file):
                _check_options(layout.description, layout.read, options)
                data: Dataset = layout.read(file, **options)
                return data if data.name else replace(data, name=title_of(name))
        kinds = [f"{layout.description} (lacks {layout.missing(file)})" for layout in layouts]
        raise DataError(f"is neither {' nor '.join(kinds)}: add what is missing or give another file")


def _folders() -> tuple[str, ...]:
    return tuple(sys.modules[__package__].__path__)


@functools.lru_cache
def _modules(folders: tuple[str, ...]) -> tuple[ModuleType, ...]:
    return tuple(importlib.import_module(f"{__package__}.{info.name}") for info in pkgutil.iter_modules(folders))


# Asked for by every estimate of cost, of which a plan takes thousands.
@functools.lru_cache
def _own_sources(folders: tuple[str, ...]) -> dict[str, Source]:
    return _by_name([module.SOURCE for module in _modules(folders) if hasattr(module, "SOURCE")])


def _check_options(what: str, function: Callable[..., Dataset], options: dict[str, Any]) -> None:
    accepted = [name for name in inspect.signature(function).parameters if name != "file"]
    for option in options:
        if option not in accepted:
            raise DataError(f"{what} takes no option {option!r}: its options are {', '.join(accepted) or 'none'}")


def _unknown(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(name.lower(), names, n=1)
    hint = f"did you mean {near[0]!r}?" if near else "check the path"
    return (
        f"{name or repr(name)}: there is no such file, and no data set of this name "
        f"(there are {', '.join(names)}): {hint}"
    )
