"""What is wrong with a group that should hold a record, down to the numbers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from landscape.errors import InputError, LandscapeError
from landscape.h5.coding import file_type, stored_values
from landscape.h5.layout import Array, Attribute, Group, Layers, Layout, Ragged, Settings, Table, layout_of
from landscape.h5.records import read_attributes, read_record
from landscape.h5.scales import scales_of
from landscape.hdf5 import read_array

__all__ = ["check_attributes", "check_record"]

#: What follows from other numbers is stored as it was computed; in another order it differs by rounding.
_TOLERANCE = 1e-9

_KINDS: dict[str, Any] = {
    "text": lambda v: isinstance(v, str),
    "integer": lambda v: isinstance(v, np.integer),
    "number": lambda v: isinstance(v, (np.integer, np.floating)),
    "boolean": lambda v: isinstance(v, np.integer) and v in (0, 1),
    "texts": lambda v: isinstance(v, np.ndarray) and (v.size == 0 or all(isinstance(t, str) for t in v.tolist())),
    "integers": lambda v: isinstance(v, np.ndarray) and (v.size == 0 or v.dtype.kind in "iu"),
}


def check_record(group: h5py.Group, kind: type, beside: Collection[str] = ()) -> tuple[list[str], Any]:
    """Check a group that should hold a record: names, types, shapes, coordinates, attributes, and the values.

    Args:
        group: the group.
        kind: the class of the record.
        beside: subgroups that do not belong to the record, which are not looked at.

    Returns:
        What is wrong, one line each, the place first; and the record, None where it cannot be read.
    """
    layout = layout_of(kind)
    problems = [*check_attributes(group, layout.attributes, layout.is_open), *_check_arrays(group, layout)]
    for name, item in group.items():
        if isinstance(item, h5py.Group) and name not in layout.groups and name not in beside:
            problems.append(f"{item.name}: unknown group")
    for name, part in layout.groups.items():
        found = group.get(name)
        if isinstance(found, h5py.Group):
            problems += _check_part(found, part)
        elif not getattr(part, "optional", isinstance(part, Settings)):
            problems.append(f"{group.name}: the group {name!r} is missing")
    if problems:
        return problems, None
    problems += _check_values(group, layout)
    try:
        content: Any = read_record(group, kind)
    except LandscapeError as error:
        # It names the file and the group. What it says of values was found above, if anything was.
        return problems or [str(error).removeprefix(f"{group.file.filename}: ")], None
    return [*problems, *_check_whole(group, kind, content)], content


def check_attributes(group: h5py.Group, known: Collection[Attribute], is_open: bool) -> Iterator[str]:
    """Check the attributes of a group; where ``is_open``, it may have others."""
    for attribute in known:
        if attribute.name not in group.attrs:
            if not attribute.optional:
                yield f"{group.name}: the attribute {attribute.name!r} is missing"
            continue
        if not _KINDS[attribute.kind](group.attrs[attribute.name]):
            yield f"{group.name}: the attribute {attribute.name!r} is not of the type {attribute.kind!r}"
    if not is_open:
        names = {attribute.name for attribute in known}
        for name in group.attrs:
            if name not in names:
                yield f"{group.name}: unknown attribute {name!r}"


def _check_part(group: h5py.Group, part: Group | Settings | Table) -> Iterator[str]:
    if isinstance(part, Table):
        for name, item in group.items():
            spec = part.item(name)
            if spec is None or not isinstance(item, h5py.Dataset):
                yield f"{item.name}: unknown dataset"
                continue
            problems = [*_check_array(group, item, spec, spec.dims)]
            yield from problems or _check_numbers(item.name, read_array(item), spec, None)
        yield from check_attributes(group, (), is_open=False)
    elif not isinstance(part, Settings):
        yield from check_record(group, part.type)[0]


def _check_arrays(group: h5py.Group, layout: Layout) -> Iterator[str]:
    numbered: dict[str, list[str]] = {}
    for field, spec in layout.items.items():
        if isinstance(spec, Layers):
            found = [name for name in group if spec.item.pattern.fullmatch(name)]
            numbered[field] = [spec.item.numbered(n).name for n in range(max(len(found), spec.least))]
            yield from (
                f"{group.name}: the dataset {name!r} is missing" for name in numbered[field] if name not in group
            )
            if spec.most is not None and len(found) > spec.most:
                yield f"{group.name}: there are {len(found)} datasets {spec.item.name!r}, not at most {spec.most}"
    for array in layout.arrays:
        if not array.optional and "{" not in array.name and array.name not in group:
            yield f"{group.name}: the dataset {array.name!r} is missing"
    for name, item in group.items():
        known = layout.find(name)
        if not isinstance(item, h5py.Dataset):
            if layout.named(name) is not None:
                yield f"{item.name}: is a group, not a dataset"
        elif known is None:
            yield f"{item.name}: unknown dataset"
        else:
            dims = tuple(dim for key in known.dims for dim in numbered.get(key, (key,)))
            yield from _check_array(group, item, known, dims)
            dim = layout.dims.get(name)
            if dim is not None and dim.size is not None and item.shape != (dim.size,):
                yield f"{item.name}: has not {dim.size} values"


def _check_array(group: h5py.Group, item: h5py.Dataset, spec: Array, dims: tuple[str, ...]) -> Iterator[str]:
    where = item.name
    if item.dtype.str != file_type(spec).str:
        yield f"{where}: is of type {item.dtype.str}, not {file_type(spec).str}"
        return
    if item.ndim != len(dims):
        yield f"{where}: has {item.ndim} dimensions, not {len(dims)} ({', '.join(dims) or 'scalar'})"
        return
    attributes = {name: item.attrs.get(name) for name in ("units", "long_name", "dtype")}
    for name in ("units", "long_name"):
        if not isinstance(attributes[name], str):
            yield f"{where}: has no text attribute {name!r}"
    if spec.unit and attributes["units"] != spec.unit:
        yield f"{where}: its units are {attributes['units']!r}, not {spec.unit!r}"
    if spec.dtype == "bool" and attributes["dtype"] != "bool":
        yield f"{where}: has no attribute dtype = 'bool'"
    if dims == (where.rpartition("/")[2],):
        if not item.is_scale:
            yield f"{where}: is no dimension scale"
        return
    attached = scales_of(item)
    for number, dim in enumerate(dims):
        scale = group.get(dim)
        if not isinstance(scale, h5py.Dataset):
            yield f"{where}: its coordinate {dim!r} is missing"
        elif scale.shape != (item.shape[number],):
            yield f"{where}: has {item.shape[number]} values along {dim!r}, but the coordinate has shape {scale.shape}"
        elif attached[number] != [scale]:
            yield f"{where}: the dimension scale {dim!r} is not attached to dimension {number}"


def _check_values(group: h5py.Group, layout: Layout) -> Iterator[str]:
    """Check the numbers by what the layout says of them; names, types and shapes are right."""
    attributes = read_attributes(group)
    for attribute in layout.attributes:
        value = attributes.get(attribute.name)
        if isinstance(value, (int, float)) and not attribute.allows(value):
            yield f"{group.name}: the attribute {attribute.name!r} is {value:g}, not {attribute.range}"

    def bound(value: float | str) -> float:
        return float(attributes.get(value, np.nan)) if isinstance(value, str) else value

    def count(name: str) -> int:
        return int(attributes[name]) if name in attributes else len(group[name])

    for name, item in group.items():
        spec = layout.find(name)
        if spec is None or not isinstance(item, h5py.Dataset):
            continue
        values = read_array(item)
        mask = None
        if spec.where is not None:
            other, wanted = spec.where
            mask = group[other][()] == wanted
        bounds = (0, count(spec.below) - 1) if spec.below else (bound(spec.lowest), bound(spec.highest))
        yield from _check_numbers(item.name, values, spec, bounds, mask, layout)
    for ends in (item for item in layout.items.values() if isinstance(item, Ragged)):
        total, wanted = int(group[ends.item.name][()].sum()), len(group[ends.of])
        if total != wanted:
            yield f"{group.name}/{ends.item.name}: does not add up to the {wanted} along {ends.of!r}"


def _check_numbers(
    where: str,
    values: NDArray[Any],
    spec: Array,
    bounds: tuple[float, float] | None,
    mask: NDArray[np.bool_] | None = None,
    layout: Layout | None = None,
) -> Iterator[str]:
    if values.dtype.kind == "f":
        bad = (np.isnan(values) & (not spec.nan)) | (np.isinf(values) & (not spec.inf))
        if mask is not None:
            bad = mask & bad.reshape(*mask.shape, -1).any(axis=-1)
            values = values[mask]
        if bad.any() and mask is not None:
            assert layout is not None
            assert spec.where is not None
            first = tuple(int(i) for i in np.argwhere(bad)[0])
            other = layout.named(spec.where[0])
            word = other.flags[spec.where[1]] if other is not None and other.flags else str(spec.where[1])
            yield f"{where}: not finite at {int(bad.sum())} points that are {word}, first at {first}"
        elif bad.any():
            inner = "no number" if spec.inf else "infinite" if spec.nan else "not finite"
            yield f"{where}: holds values that are {inner}"
    if spec.dtype == "bool":
        if np.any(values > 1):
            yield f"{where}: holds values other than 0 and 1"
    elif spec.flags is not None:
        wrong = np.setdiff1d(values, list(spec.flags))
        if wrong.size:
            yield f"{where}: holds {wrong[0]}, which means nothing"
    if bounds is not None and np.any((values < bounds[0]) | (values > bounds[1])):
        yield f"{where}: holds a value outside [{bounds[0]:g}, {bounds[1]:g}]"
    if spec.ascending:
        steps = np.diff(values)
        if np.any(steps < 0.0) or (spec.ascending == "strictly" and np.any(steps == 0.0)):
            yield f"{where}: is not ascending"


def _check_whole(group: h5py.Group, kind: type, content: Any) -> Iterator[str]:
    """Check what needs the whole record."""
    stored = content if isinstance(content, kind) else kind.of(content)  # type: ignore[attr-defined]
    for name, spec in layout_of(kind).derived.items():
        if isinstance(spec, Array):
            yield from _check_derived(group, spec, getattr(stored, name))
    try:
        yield from (f"{group.name}/{line}" for line in getattr(stored, "problems", tuple)())
    except (ValueError, IndexError) as error:
        yield f"{group.name}: its values do not fit together ({error})"


def _check_derived(group: h5py.Group, spec: Array, value: Any) -> Iterator[str]:
    values = group[spec.name][()]
    try:
        expected = stored_values(spec, value, group.name)
    except InputError:
        expected = np.empty(0)
    scale = float(np.max(np.abs(expected), initial=0.0))
    if expected.shape != values.shape or np.any(np.abs(values - expected.astype(float)) > _TOLERANCE * scale):
        yield f"{group.name}/{spec.name}: does not match what is stored beside it"
