"""A result file as text."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

import h5py
import numpy as np

from landscape.h5.files import open_for_reading
from landscape.h5.scales import scales_of
from landscape.text import natural_order, visible

_CONNECTORS = {False: ("├── ", "│   "), True: ("└── ", "    ")}


def info(path: str | os.PathLike[str]) -> str:
    """The tree of groups and datasets of an HDF5 file, with shapes, types, units and short attributes.

    It also shows files of other formats and versions, since that is when one wants to look.

    Raises:
        ResultFileError: there is no such file, or it is no HDF5 file or damaged.
    """
    with open_for_reading(path) as file:
        return "\n".join(visible(line) for line in [str(path), *_lines(file, "")])


def _lines(group: h5py.Group, indent: str) -> Iterator[str]:
    attributes = [(name, _text(value)) for name, value in group.attrs.items()]
    found = sorted(group.items(), key=lambda named: natural_order(named[0]))
    items = [*attributes, *((name, item) for name, item in found if not _is_numbering(item))]
    names = {item: name for name, item in found if isinstance(item, h5py.Dataset)}
    for number, (name, item) in enumerate(items):
        branch, below = _CONNECTORS[number == len(items) - 1]
        if isinstance(item, str):
            yield f"{indent}{branch}@{name} = {item}"
        elif isinstance(item, h5py.Group):
            yield f"{indent}{branch}{name}/"
            yield from _lines(item, indent + below)
        else:
            yield f"{indent}{branch}{name}  {_dataset(item, names)}"


def _dataset(item: h5py.Dataset, names: Mapping[h5py.Dataset, str]) -> str:
    """What a dataset holds.

    Args:
        item: the dataset.
        names: names of those in its group.
    """
    unit = item.attrs.get("units")
    tail = "" if unit in (None, "1") else f"  [{unit}]"
    if item.shape is None:
        return f"{_type(item)}{tail}, empty"
    if item.shape == ():
        return f"{_type(item)}{tail} = {_text(_plain(item[()]))}"
    dims = [names.get(scales[0]) or _name(scales[0]) if scales else "" for scales in scales_of(item)]
    sizes = [f"{dim}: {n}" if dim else str(n) for dim, n in zip(dims, item.shape, strict=True)]
    return f"({', '.join(sizes)})  {_type(item)}{tail}"


def _name(scale: h5py.Dataset) -> str:
    """The name of a scale anywhere; empty where it was deleted. It takes a while: the library looks for it."""
    return str(scale.name or "").rsplit("/", 1)[-1]


def _type(item: h5py.Dataset) -> str:
    """The type of the entries; that of variable-length ones, which NumPy has none for, in HDF5's words."""
    if h5py.check_string_dtype(item.dtype) is not None:
        return "text"
    element = h5py.check_vlen_dtype(item.dtype)
    return str(item.dtype) if element is None else f"vlen {np.dtype(element)}"


def _plain(value: Any) -> Any:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _is_numbering(item: h5py.Dataset | h5py.Group) -> bool:
    """Whether it only counts the places along a dimension; then the shapes of the others tell all there
    is.
    """
    return isinstance(item, h5py.Dataset) and item.is_scale and item.dtype.kind == "i"


def _text(value: Any) -> str:
    if isinstance(value, np.ndarray):
        value = value.tolist()
    text = str(value)
    lines = text.count("\n")
    if lines:
        return f"text of {lines + 1} lines"
    return text if len(text) <= 100 else text[:97] + "..."
