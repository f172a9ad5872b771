"""The comparison of two models in an HDF5 group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import ResultFileError
from landscape.storage.fragments_layout import MEASURE_UNITS
from landscape.storage.schema import LAYOUT
from landscape.storage.tables import read_attributes, read_entry, read_required, write_attributes, write_entries

if TYPE_CHECKING:
    from landscape.fragmentation.comparison import Comparison

#: Attributes that are fields of a comparison, or follow from them; all others are what else is known of it.
_OWN = ("models", "measures", "units_of_measures", "primary", "verdict", "stated", "level", "resamples", "seed")

_NUMBERS = ("cohens_d", "cliffs_delta", "p_permutation", "p_wilcoxon")


def write_comparison(group: h5py.Group, comparison: Comparison) -> None:
    """Write a comparison into an empty group.

    Raises:
        InputError: an array does not fit, or an attribute cannot be stored.
    """
    rows = list(comparison.measures.values())
    own = {
        "models": list(comparison.models),
        "measures": [row.name for row in rows],
        "units_of_measures": [MEASURE_UNITS.get(row.name, "1") for row in rows],
        "primary": comparison.primary,
        "verdict": comparison.verdict,
        "stated": int(comparison.stated),
        "level": comparison.level,
        "resamples": comparison.resamples,
        "seed": comparison.seed,
    }
    write_attributes(group, comparison.attributes | own)
    _, n_networks, n_lines = comparison.values[comparison.primary].shape
    values: dict[str, ArrayLike] = {
        "measure": np.arange(len(rows)),
        "model": np.arange(2),
        "network": np.arange(n_networks),
        "line": np.arange(n_lines),
        "estimate": np.arange(3),
        "values": np.stack([comparison.values[row.name] for row in rows]),
        "mean": np.array([row.mean for row in rows]),
        "difference": np.array([row.difference for row in rows]),
        "ratio": np.array([row.ratio for row in rows]),
        "networks": np.array([row.networks for row in rows]),
        "lines": np.array([row.directions for row in rows]),
    }
    values |= {name: np.array([getattr(row, name) for row in rows]) for name in _NUMBERS}
    if comparison.status is not None:
        values["status"] = comparison.status
    write_entries(group, "comparison", values)


def read_comparison(group: h5py.Group) -> Comparison:
    """Read what :func:`write_comparison` wrote.

    Raises:
        ResultFileError: a part is missing or of another shape.
    """
    # The types belong to a layer above, as that of a surface does.
    from landscape.fragmentation.comparison import Comparison, MeasureComparison
    from landscape.fragmentation.resampling import Estimate

    attributes = read_attributes(group)
    try:
        names = [str(name) for name in attributes["measures"]]
        first, second = (str(name) for name in attributes["models"])
        table: dict[str, NDArray[Any]] = {
            entry.name: read_required(group, entry.name) for entry in LAYOUT["comparison"].entries if entry.required
        }
        measures = {
            name: MeasureComparison(
                name,
                (float(table["mean"][row, 0]), float(table["mean"][row, 1])),
                Estimate(*(float(number) for number in table["difference"][row])),
                Estimate(*(float(number) for number in table["ratio"][row])),
                **{column: float(table[column][row]) for column in _NUMBERS},
                networks=int(table["networks"][row]),
                directions=int(table["lines"][row]),
            )
            for row, name in enumerate(names)
        }
        return Comparison(
            models=(first, second),
            values={name: table["values"][row] for row, name in enumerate(names)},
            measures=measures,
            primary=str(attributes["primary"]),
            verdict=str(attributes["verdict"]),
            stated=bool(attributes["stated"]),
            level=float(attributes["level"]),
            resamples=int(attributes["resamples"]),
            seed=int(attributes["seed"]),
            status=read_entry(group, "status"),
            attributes={name: value for name, value in attributes.items() if name not in _OWN},
        )
    except KeyError as error:
        raise ResultFileError(
            f"{group.file.filename}: {group.name} has no attribute {error}; make the file again"
        ) from error


def check_comparison(group: h5py.Group) -> Iterator[str]:
    """Check the values of a comparison; its names, types and shapes are known to be right."""
    attributes = read_attributes(group)
    for name, size in (
        ("models", 2),
        ("measures", group["measure"].size),
        ("units_of_measures", group["measure"].size),
    ):
        if len(attributes[name]) != size:
            yield f"{group.name}: the attribute {name!r} has {len(attributes[name])} texts, not {size}"
    if group["model"].size != 2 or group["estimate"].size != 3:
        yield f"{group.name}: is not of two models, or an estimate has not three values"
        return
    if attributes["primary"] not in attributes["measures"]:
        yield f"{group.name}: the attribute 'primary' names {attributes['primary']!r}, which is no measure"
    if not 0.0 < float(attributes["level"]) < 1.0:
        yield f"{group.name}: level is {float(attributes['level']):g}, which is not between 0 and 1"
    for name in ("difference", "ratio"):
        if np.any(group[name][:, 1] > group[name][:, 2]):
            yield f"{group.name}/{name}: an interval ends before it begins"
    for name, low, high in (("cliffs_delta", -1.0, 1.0), ("p_permutation", 0.0, 1.0), ("p_wilcoxon", 0.0, 1.0)):
        known = group[name][()][~np.isnan(group[name][()])]
        if np.any((known < low) | (known > high)):
            yield f"{group.name}/{name}: holds a value outside [{low:g}, {high:g}]"
    n_networks, n_lines = group["network"].size, group["line"].size
    for name, most in (("networks", n_networks), ("lines", n_networks * n_lines)):
        if np.any((group[name][()] < 0) | (group[name][()] > most)):
            yield f"{group.name}/{name}: counts more than the {most} that there are, or less than none"
    for name in ("first_networks", "second_networks"):
        if name in attributes and len(attributes[name]) != n_networks:
            yield f"{group.name}: the attribute {name!r} has {len(attributes[name])} texts, not {n_networks}"
    if "status" not in group:
        return
    status = group["status"][()]
    if status.max(initial=0) > 2:
        yield f"{group.name}/status: holds {status.max()}, which is no status of a line"
    if not np.isnan(group["values"][()][:, status != 1]).all():
        yield f"{group.name}/values: there are values on lines that are not done"
