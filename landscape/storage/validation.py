"""Checking a result file against the schema, down to the numbers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from landscape.errors import LandscapeError
from landscape.storage.census_checks import check_census
from landscape.storage.comparison import check_comparison
from landscape.storage.curves import check_curves_group
from landscape.storage.files import check_format, open_for_reading
from landscape.storage.fragments import check_fragments
from landscape.storage.layout import AXES, Entry, Layout
from landscape.storage.networks import read_network
from landscape.storage.reading import models_in, skipped_in, slices_in
from landscape.storage.schema import LAYOUT, SLICE_PARTS, SUBGROUPS
from landscape.storage.tables import expanded, scales_of

#: Inner products of directions are stored as they were computed; summing in another order moves them by
#: rounding.
_GRAM_TOLERANCE = 1e-9

_DONE = 1

#: Attributes of a training group that count a part of what another one counts.
_PARTS_OF_INPUT = [
    (f"{which}_{part}", f"{which}_{whole}")
    for which in ("train", "test")
    for part, whole in (("spikes_cut", "spikes"), ("samples_silent", "samples"))
]


def validate(path: str | os.PathLike[str]) -> list[str]:
    """Check a result file: names, types, shapes, dimension scales, attributes, and the values themselves.

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
    yield from _check_attributes(file, LAYOUT["root"])
    listed = [str(name) for name in np.atleast_1d(file.attrs.get("models", []))]
    for name in listed:
        if not isinstance(file.get(name), h5py.Group):
            yield f"/: the attribute 'models' names {name!r}, but there is no such group"
    for name, item in file.items():
        if not isinstance(item, h5py.Group):
            yield f"/{name}: is no group; a result file has only groups of models at its root"
        elif name in SUBGROUPS["root"]:
            yield from _check_group(item, SUBGROUPS["root"][name])
        elif name not in listed:
            yield f"/{name}: is not named in the attribute 'models'"
    for name in models_in(file):
        yield from _check_model(file[name])


def _check_model(group: h5py.Group) -> Iterator[str]:
    # Names that cannot be names are refused where they are read.
    slices_in(group)
    skipped_in(group)
    own = "slice" in group.attrs
    if own:
        yield from _check_slice(group)
    else:
        for name, item in group.items():
            if isinstance(item, h5py.Dataset):
                yield (f"{group.name}/{name}: a dataset, but the group has no attribute 'slice' that makes it a slice")
    for name, item in group.items():
        if not isinstance(item, h5py.Group):
            continue
        if own and name in SUBGROUPS["slice"]:
            continue
        if name in SUBGROUPS["model"]:
            yield from _check_group(item, SUBGROUPS["model"][name])
        elif "slice" in item.attrs:
            yield from _check_slice(item)
            for extra in item:
                if isinstance(item[extra], h5py.Group) and extra not in SUBGROUPS["slice"]:
                    yield f"{item.name}/{extra}: unknown group"
            if item.attrs["slice"] != name:
                yield f"{item.name}: the attribute 'slice' says {item.attrs['slice']!r}"
        else:
            yield f"{item.name}: unknown group"


def _check_group(group: h5py.Group, kind: str) -> Iterator[str]:
    """Check a group other than a slice, and its subgroups."""
    layout = LAYOUT[kind]
    problems = [*_check_attributes(group, layout), *_check_entries(group, layout, ())]
    yield from problems
    known = SUBGROUPS.get(kind, {})
    for name, item in group.items():
        if isinstance(item, h5py.Group):
            if name in known:
                yield from _check_group(item, known[name])
            else:
                yield f"{item.name}: unknown group"
    for name, sub in known.items():
        if LAYOUT[sub].required and name not in group:
            yield f"{group.name}: the group {name!r} is missing"
    if kind == "network" and not problems:
        try:
            read_network(group)
        except LandscapeError as error:
            yield f"{group.name}: {error}"
    if kind == "directions" and not problems:
        yield from _check_directions(group)
    if kind == "discontinuities" and not problems:
        yield from check_census(group)
    if kind == "curves" and not problems:
        yield from check_curves_group(group)
    if kind == "fragments" and not problems:
        yield from check_fragments(group)
    if kind == "comparison" and not problems:
        yield from check_comparison(group)
    if kind == "training" and "epoch" in group and isinstance(group["epoch"], h5py.Dataset):
        best = group.attrs.get("best_epoch")
        if best is not None and best not in group["epoch"][()]:
            yield f"{group.name}: best_epoch is {best}, which is none of the epochs"
    if kind == "training" and not problems:
        for part, whole in _PARTS_OF_INPUT:
            if part in group.attrs and not 0 <= group.attrs[part] <= group.attrs.get(whole, -1):
                yield f"{group.name}: {part} is {group.attrs[part]}, of {whole} {group.attrs.get(whole, 'unknown')}"


def _check_slice(group: h5py.Group) -> Iterator[str]:
    layout = LAYOUT["slice"]
    axes = ("axis_0", "axis_1") if "axis_1" in group else ("axis_0",)
    problems = [*_check_attributes(group, layout), *_check_entries(group, layout, axes)]
    yield from problems
    for name, kind in SUBGROUPS["slice"].items():
        if isinstance(group.get(name), h5py.Group):
            yield from _check_group(group[name], kind)
        elif LAYOUT[kind].required:
            yield f"{group.name}: the group {name!r} is missing"
    if problems:
        return
    yield from _check_values(group)


def _check_values(group: h5py.Group) -> Iterator[str]:
    """The checks of a slice that need more than one dataset; its shapes are known to be right."""
    status = group["status"][()]
    shape = status.shape
    if 0 in shape:
        yield f"{group.name}: an axis has no points"
    n_directions = group["direction"].shape[0]
    if n_directions != len(shape):
        yield f"{group.name}: {len(shape)} axes but {n_directions} directions"
    wrong = np.setdiff1d(status, (0, 1, 2, 3))
    if wrong.size:
        yield f"{group.name}/status: holds {wrong[0]}, which is no status"
    done = status == _DONE
    for entry in LAYOUT["slice"].entries:
        if AXES not in entry.dims or entry.dtype != "<f8" or entry.name not in group:
            continue
        values = group[entry.name][()]
        bad = done & ~np.isfinite(values).reshape(*shape, -1).all(axis=-1)
        if bad.any():
            first = tuple(int(i) for i in np.argwhere(bad)[0])
            yield (f"{group.name}/{entry.name}: not finite at {int(bad.sum())} points that are done, first at {first}")
    for name, low, high in (
        ("accuracy", 0.0, 1.0),
        ("gradient_norm", 0.0, np.inf),
        ("spike_count", 0.0, np.inf),
    ):
        if name in group:
            values = group[name][()][done]
            if values.size and (np.nanmin(values) < low or np.nanmax(values) > high):
                yield f"{group.name}/{name}: holds a value outside [{low:g}, {high:g}]"
    if np.setdiff1d(group["silent"][()], (0, 1)).size:
        yield f"{group.name}/silent: holds values other than 0 and 1"
    sizes = np.atleast_1d(group.attrs["hidden_sizes"]).astype(int)
    layers = group["hidden_neuron_layer"][()]
    if not np.array_equal(layers, np.repeat(np.arange(1, sizes.size + 1), sizes)):
        yield f"{group.name}/hidden_neuron_layer: does not fit the attribute hidden_sizes {sizes.tolist()}"
    for name, (wanted, what) in SLICE_PARTS.items():
        if len(shape) != wanted and name in group:
            place = "line" if wanted == 1 else "plane"
            yield f"{group.name}/{name}: the slice has {len(shape)} axes, and {what} is of a {place}"
    yield from _check_point_counts(group, int(done.sum()), int(done.size))


def _check_point_counts(group: h5py.Group, n_done: int, n_points: int) -> Iterator[str]:
    regions, summary = group.get("regions"), group.get("summary")
    if isinstance(regions, h5py.Group) and {"points_used", "points_excluded"} <= set(regions.attrs):
        used, excluded = int(regions.attrs["points_used"]), int(regions.attrs["points_excluded"])
        if (used, excluded) != (n_done, n_points - n_done):
            yield (
                f"{regions.name}: counts {used} points used and {excluded} excluded, but the slice has "
                f"{n_done} done and {n_points - n_done} others; analyze it again"
            )
    if isinstance(summary, h5py.Group) and {"points_used", "points_excluded"} <= set(summary):
        used, excluded = int(summary["points_used"][()]), int(summary["points_excluded"][()])
        if used > n_done or used + excluded != n_points:
            yield (
                f"{summary.name}: counts {used} points used and {excluded} excluded, but the slice has "
                f"{n_done} done of {n_points}; analyze it again"
            )


def _check_directions(group: h5py.Group) -> Iterator[str]:
    parts = []
    level = 0
    while f"weights_{level}" in group:
        parts.append(group[f"weights_{level}"][()].reshape(group[f"weights_{level}"].shape[0], -1))
        level += 1
    if not parts:
        yield f"{group.name}: weights_0 is missing"
        return
    vectors = np.concatenate(parts, axis=1)
    gram = vectors @ vectors.T
    scale = max(float(np.abs(gram).max()), np.finfo(np.float64).tiny)
    if np.abs(gram - group["gram"][()]).max() > _GRAM_TOLERANCE * scale:
        yield f"{group.name}/gram: does not match the directions stored beside it"
    if np.abs(np.sqrt(np.diag(gram)) - group["norms"][()]).max() > _GRAM_TOLERANCE * np.sqrt(scale):
        yield f"{group.name}/norms: do not match the directions stored beside them"


def _check_entries(group: h5py.Group, layout: Layout, axes: tuple[str, ...]) -> Iterator[str]:
    for entry in layout.entries:
        if entry.required is True and not entry.repeats and entry.name not in group:
            yield f"{group.name}: the dataset {entry.name!r} is missing"
    for name, item in group.items():
        if not isinstance(item, h5py.Dataset):
            if layout.entry(name) is not None:
                yield f"{item.name}: is a group, not a dataset"
            continue
        known = layout.entry(name)
        if known is None:
            if layout.further_dims is None:
                yield f"{item.name}: unknown dataset"
                continue
            known = Entry(name, layout.further_dims, "<f8", "", False, "", layout.further_finite)
        yield from _check_dataset(group, item, known, expanded(known.dims, axes))


def _check_dataset(group: h5py.Group, item: h5py.Dataset, entry: Entry, dims: tuple[str, ...]) -> Iterator[str]:
    where = item.name
    if item.dtype.str != entry.dtype:
        yield f"{where}: is of type {item.dtype.str}, not {entry.dtype}"
        return
    if item.ndim != len(dims):
        yield f"{where}: has {item.ndim} dimensions, not {len(dims)} ({', '.join(dims) or 'scalar'})"
        return
    attributes = dict(item.attrs) if entry.flags else {n: item.attrs.get(n) for n in ("units", "long_name")}
    for name in ("units", "long_name"):
        if not isinstance(attributes.get(name), str):
            yield f"{where}: has no text attribute {name!r}"
    if entry.unit and attributes.get("units") != entry.unit:
        yield f"{where}: its units are {attributes.get('units')!r}, not {entry.unit!r}"
    if "dtype" in entry.flags and attributes.get("dtype") != entry.flags["dtype"]:
        yield f"{where}: has no attribute dtype = {entry.flags['dtype']!r}"
    if entry.is_scale:
        if not item.is_scale:
            yield f"{where}: is no dimension scale"
    else:
        yield from _check_scales(group, item, dims)
    # Of the datasets over the points of a slice, only the points that are done must be finite: checked with
    # the status.
    if entry.finite and entry.dtype == "<f8" and AXES not in entry.dims:
        values = _read(item)
        if values is None:
            yield f"{where}: cannot be read; the file is damaged"
        elif not np.all(np.isfinite(values)):
            yield f"{where}: holds values that are not finite"


def _check_scales(group: h5py.Group, item: h5py.Dataset, dims: tuple[str, ...]) -> Iterator[str]:
    shape, attached = item.shape, scales_of(item)
    for number, dim in enumerate(dims):
        scale = group.get(dim)
        if not isinstance(scale, h5py.Dataset):
            yield f"{item.name}: its coordinate {dim!r} is missing"
        elif scale.shape != (shape[number],):
            yield (f"{item.name}: has {shape[number]} values along {dim!r}, but the coordinate has shape {scale.shape}")
        elif attached[number] != [scale]:
            yield f"{item.name}: the dimension scale {dim!r} is not attached to dimension {number}"


def _read(item: h5py.Dataset) -> NDArray[Any] | None:
    try:
        values: NDArray[Any] = item[()]
    except (OSError, RuntimeError):
        return None
    return values


_KINDS: dict[str, Any] = {
    "text": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, np.integer),
    "number": lambda v: isinstance(v, (np.integer, np.floating)),
    "texts": lambda v: isinstance(v, np.ndarray) and (v.size == 0 or all(isinstance(t, str) for t in v.tolist())),
    "integers": lambda v: isinstance(v, np.ndarray) and (v.size == 0 or v.dtype.kind in "iu"),
}


def _check_attributes(group: h5py.Group, layout: Layout) -> Iterator[str]:
    for attribute in layout.attributes:
        if attribute.name not in group.attrs:
            if attribute.required:
                yield f"{group.name}: the attribute {attribute.name!r} is missing"
            continue
        if not _KINDS[attribute.kind](group.attrs[attribute.name]):
            yield f"{group.name}: the attribute {attribute.name!r} is not of the type {attribute.kind!r}"
    if not layout.further_attributes:
        known = {attribute.name for attribute in layout.attributes}
        for name in group.attrs:
            if name not in known:
                yield f"{group.name}: unknown attribute {name!r}"
