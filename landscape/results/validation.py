"""Checking a result file against what its records say of themselves, down to the numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

import h5py

from landscape.h5.checks import check_record
from landscape.h5.files import open_for_reading
from landscape.h5.kinds import kinds_of
from landscape.h5.layout import layout_of
from landscape.h5.tree import Model, Root, check_format, models_in, names_in, parts_of_slices, skipped_in
from landscape.results.reading import is_sampled
from landscape.results.writing import AXES
from landscape.slices.surface import Surface

__all__ = ["validate"]


def validate(path: str | os.PathLike[str]) -> list[str]:
    """Check a result file: names, types, shapes, dimension scales, attributes, and the values themselves.

    Args:
        path: the file.

    Returns:
        What is wrong, one line each, the place first; empty for a valid file.

    Raises:
        ResultFileError: the file cannot be looked into at all: it is missing, no HDF5, damaged as a whole, or
            of another format or format version.
    """
    with open_for_reading(path) as file:
        check_format(file)
        return list(_check_file(file))


def _check_file(file: h5py.File) -> Iterator[str]:
    models = names_in(file, "models")
    kinds = _by_group(kinds_of("root"))
    yield from check_record(file, Root, beside=(*models, *file))[0]
    for name in models:
        if not isinstance(file.get(name), h5py.Group):
            yield f"/: the attribute 'models' names {name!r}, but there is no such group"
    for name, item in file.items():
        if name in kinds and isinstance(item, h5py.Group):
            yield from check_record(item, kinds[name])[0]
        elif name not in models and isinstance(item, h5py.Group):
            yield f"/{name}: is not named in the attribute 'models'"
    for name in models_in(file):
        yield from _check_model(file[name])


def _check_model(group: h5py.Group) -> Iterator[str]:
    # Names that cannot be names are refused where they are read.
    slices = [*names_in(group, "slices"), *skipped_in(group)]
    kinds = _by_group(kinds_of("model"))
    yield from check_record(group, Model, beside=(*slices, *kinds))[0]
    for name, item in group.items():
        if isinstance(item, h5py.Group) and name in slices:
            yield from _check_slice(item)
        elif isinstance(item, h5py.Group) and name in kinds:
            yield from check_record(item, kinds[name])[0]


def _check_slice(group: h5py.Group) -> Iterator[str]:
    kinds = _by_group(parts_of_slices())
    problems, surface = check_record(group, Surface, beside=tuple(kinds)) if is_sampled(group) else ([], None)
    yield from problems
    for name, kind in kinds.items():
        if not isinstance(group.get(name), h5py.Group):
            continue
        problems, content = check_record(group[name], kind)
        yield from problems
        if surface is None:
            continue
        if AXES.get(layout_of(kind).of, len(surface.axes)) != len(surface.axes):
            yield f"{group.name}/{name}: the slice has {len(surface.axes)} axes, and this is of a {layout_of(kind).of}"
        elif hasattr(content, "problems_on"):
            yield from (f"{group.name}/{name}: {line}" for line in content.problems_on(surface))


def _by_group(kinds: Mapping[str, type]) -> dict[str, type]:
    return {layout_of(kind).group: kind for kind in kinds.values()}
