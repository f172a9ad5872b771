"""The measures of fragmentation of a line in an HDF5 group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike

from landscape.errors import ResultFileError
from landscape.storage.schema import LAYOUT
from landscape.storage.tables import read_attributes, read_required, write_attributes, write_entries

if TYPE_CHECKING:
    from landscape.fragmentation.fidelity import Fidelity
    from landscape.fragmentation.fragments import Fragments

#: Datasets that are no measure.
_FIDELITY = ("step", "quantile", "fidelity_error", "fidelity_downhill")
_OTHERS = ("estimate", "discontinuity", "position", "jump", "fragment", "size", *_FIDELITY)


def write_fragments(group: h5py.Group, fragments: Fragments) -> None:
    """Write measures into an empty group.

    Raises:
        InputError: an array does not fit.
    """
    write_attributes(group, {name: getattr(fragments, name) for name in ("level", "resamples", "seed")})
    values: dict[str, ArrayLike] = {name: list(estimate) for name, estimate in fragments.estimates.items()}
    values |= {
        "estimate": np.arange(3),
        "discontinuity": np.arange(fragments.position.size),
        "position": fragments.position,
        "jump": fragments.jump,
        "fragment": np.arange(fragments.size.size),
        "size": fragments.size,
    }
    found = fragments.fidelity
    if found is not None:
        write_attributes(group, {"fidelity_points": found.n_points})
        values |= {
            "step": found.step,
            "quantile": np.array(found.quantiles),
            "fidelity_error": np.concatenate([found.error[..., None], found.interval], axis=-1),
            "fidelity_downhill": np.concatenate([found.downhill[..., None], found.downhill_interval], axis=-1),
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
            fidelity=_read_fidelity(group, attributes) if "step" in group else None,
        )
    except KeyError as error:
        raise ResultFileError(
            f"{group.file.filename}: {group.name} has no attribute {error}; make the file again"
        ) from error


def _read_fidelity(group: h5py.Group, attributes: dict[str, Any]) -> Fidelity:
    from landscape.fragmentation.fidelity import Fidelity

    step, quantile, error, downhill = (read_required(group, name) for name in _FIDELITY)
    whole = error.shape == (step.size, quantile.size, 3) and downhill.shape == (step.size, 3)
    if not whole or "fidelity_points" not in attributes:
        raise ResultFileError(f"{group.file.filename}: {group.name} holds no gradient fidelity; make the file again")
    return Fidelity(
        step=step,
        quantiles=tuple(float(value) for value in quantile),
        error=error[..., 0],
        interval=error[..., 1:],
        downhill=downhill[..., 0],
        downhill_interval=downhill[..., 1:],
        n_points=int(attributes["fidelity_points"]),
    )


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
    parts = [name in group for name in _FIDELITY] + ["fidelity_points" in group.attrs]
    if any(parts) and not all(parts):
        yield f"{group.name}: of the gradient fidelity only a part is there"
    elif all(parts):
        step = group["step"][()]
        if np.any(step <= 0.0) or np.any(np.diff(step) <= 0.0):
            yield f"{group.name}/step: is not positive and ascending"
        for name, most in (("fidelity_error", 2.0), ("fidelity_downhill", 1.0)):
            values = group[name][()]
            if np.any((values < 0.0) | (values > most * (1.0 + 1e-12))):
                yield f"{group.name}/{name}: holds a value outside [0, {most:g}]"
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
