"""The measures of fragmentation of a line in an HDF5 group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import h5py
import numpy as np
from numpy.typing import ArrayLike

from landscape.errors import ResultFileError
from landscape.storage.schema import LAYOUT
from landscape.storage.tables import read_attributes, read_required, write_attributes, write_entries

if TYPE_CHECKING:
    from landscape.fragmentation.fragments import Fragments

#: Datasets that are no measure.
_OTHERS = ("estimate", "discontinuity", "position", "jump", "fragment", "size")


def write_fragments(group: h5py.Group, fragments: Fragments) -> None:
    """Write measures into an empty group.

    Raises:
        InputError: an array does not fit.
    """
    write_attributes(group, {a.name: getattr(fragments, a.name) for a in LAYOUT["fragments"].attributes})
    values: dict[str, ArrayLike] = {name: list(estimate) for name, estimate in fragments.estimates.items()}
    values |= {
        "estimate": np.arange(3),
        "discontinuity": np.arange(fragments.position.size),
        "position": fragments.position,
        "jump": fragments.jump,
        "fragment": np.arange(fragments.size.size),
        "size": fragments.size,
    }
    write_entries(group, "fragments", values)


def read_fragments(group: h5py.Group) -> Fragments:
    """Read what :func:`write_fragments` wrote.

    Raises:
        ResultFileError: a part is missing or of another shape.
    """
    # The types belong to a layer above, as that of a surface does.
    from landscape.fragmentation.fragments import Fragments
    from landscape.fragmentation.resampling import Estimate

    attributes = read_attributes(group)
    # In the order of the format, which is that of the tables of a report.
    known = [entry.name for entry in LAYOUT["fragments"].entries if entry.name in group and entry.name not in _OTHERS]
    names = known + [name for name in group if name not in known and name not in _OTHERS]
    estimates = {}
    for name in names:
        found = read_required(group, name)
        if found.shape != (3,):
            raise ResultFileError(f"{group.file.filename}: {group.name}/{name} is no measure; make the file again")
        estimates[name] = Estimate(*(float(value) for value in found))
    try:
        return Fragments(
            estimates=estimates,
            position=read_required(group, "position"),
            jump=read_required(group, "jump"),
            size=read_required(group, "size"),
            level=float(attributes["level"]),
            resamples=int(attributes["resamples"]),
            seed=int(attributes["seed"]),
        )
    except KeyError as error:
        raise ResultFileError(
            f"{group.file.filename}: {group.name} has no attribute {error}; make the file again"
        ) from error


def check_fragments(group: h5py.Group) -> Iterator[str]:
    """Check the values of a group of measures; its names, types and shapes are known to be right."""
    size, position, jump = (group[name][()] for name in ("size", "position", "jump"))
    if size.size != position.size + 1:
        yield f"{group.name}/size: {size.size} fragments do not lie between {position.size} discontinuities"
    if np.any(size < 0.0) or np.any(np.diff(position) < 0.0):
        yield f"{group.name}: a fragment has a negative size, or positions are not ascending"
    if np.isnan(jump).any():
        yield f"{group.name}/jump: holds what is no number"
    if not 0.0 < float(group.attrs["level"]) < 1.0:
        yield f"{group.name}: level is {float(group.attrs['level']):g}, which is not between 0 and 1"
    if "estimate" in group and group["estimate"].shape != (3,):
        yield f"{group.name}/estimate: has not three values"
        return
    for name, item in group.items():
        if name in _OTHERS:
            continue
        value, low, high = item[()]
        if low > high:
            yield f"{item.name}: its interval ends before it begins"
        if name in ("fragments", "discontinuities_per_length") and not value >= 0.0:
            yield f"{item.name}: is {value:g}, which is no such number"
