"""The anatomy of one sample on a line in an HDF5 group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import NDArray

from landscape.errors import ResultFileError
from landscape.storage.schema import LAYOUT
from landscape.storage.tables import read_attributes, read_required, write_attributes, write_entries

if TYPE_CHECKING:
    from landscape.fragmentation.anatomy import Anatomy
    from landscape.fragmentation.both_sides import BothSides

#: Datasets that only count.
_COUNTERS = ("curve", "vertex", "point", "spike", "input")


def write_anatomy(group: h5py.Group, anatomy: Anatomy) -> None:
    """Write an anatomy into an empty group.

    Raises:
        InputError: an array does not fit.
    """
    _write(group, "anatomy", anatomy)
    if anatomy.both_sides is not None:
        _write(group.create_group("both_sides"), "both_sides", anatomy.both_sides)


def read_anatomy(group: h5py.Group) -> Anatomy:
    """Read what :func:`write_anatomy` wrote.

    Raises:
        ResultFileError: a part is missing.
    """
    # The types belong to a layer above, as that of a surface does.
    from landscape.fragmentation.anatomy import Anatomy
    from landscape.fragmentation.both_sides import BothSides

    values = _read(group, "anatomy")
    values["sizes"] = tuple(int(size) for size in np.atleast_1d(values["sizes"]))
    values["spiking_output"] = bool(values["spiking_output"])
    part = group.get("both_sides")
    sides = BothSides(**_read(part, "both_sides")) if isinstance(part, h5py.Group) else None
    return Anatomy(**values, both_sides=sides)


def _write(group: h5py.Group, kind: str, content: Anatomy | BothSides) -> None:
    layout = LAYOUT[kind]
    values = {entry.name: getattr(content, entry.name) for entry in layout.entries if entry.name not in _COUNTERS}
    dims = {entry.dims[0]: values[entry.name].size for entry in layout.entries if entry.name in values}
    values |= {name: np.arange(size) for name, size in dims.items() if name in _COUNTERS}
    write_attributes(group, {a.name: getattr(content, a.name) for a in layout.attributes})
    write_entries(group, kind, values)


def _read(group: h5py.Group, kind: str) -> dict[str, Any]:
    layout = LAYOUT[kind]
    attributes = read_attributes(group)
    values: dict[str, Any] = {}
    for entry in layout.entries:
        if entry.name not in _COUNTERS:
            found: NDArray[Any] = read_required(group, entry.name)
            values[entry.name] = found.astype(np.float64 if entry.dtype == "<f8" else np.int64)
    for attribute in layout.attributes:
        if attribute.name not in attributes:
            raise ResultFileError(
                f"{group.file.filename}: {group.name} has no attribute {attribute.name!r}; make the file again"
            )
        values[attribute.name] = attributes[attribute.name]
    return values
