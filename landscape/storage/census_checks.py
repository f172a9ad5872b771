"""Checks of a census that need more than one dataset."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

#: A jump is stored beside the limits that it is the difference of.
_JUMP_TOLERANCE = 1e-12


def check_census(group: h5py.Group) -> Iterator[str]:
    """Check the values of a group of discontinuities; its names, types and shapes are known to be right."""
    values: dict[str, NDArray[Any]] = {name: item[()] for name, item in group.items()}
    low, high = float(group.attrs["low"]), float(group.attrs["high"])
    n_samples = int(group.attrs["n_samples"])
    if not low < high:
        yield f"{group.name}: low ({low:g}) is not below high ({high:g})"
    if n_samples < 1:
        yield f"{group.name}: n_samples is {n_samples}"
    for name in group.attrs:
        if name.startswith("transitions_") and group.attrs[name] < 0:
            yield f"{group.name}: the attribute {name!r} is negative"
    count = values["position"].size
    for name, bottom, top in (
        ("position", low, high),
        ("bracket", low, high),
        ("sample", 0, n_samples - 1),
        ("layer", 0, np.inf),
        ("neuron", 0, np.inf),
        ("number", 0, np.inf),
        ("error", 0.0, np.inf),
        ("partner", -1, np.inf),
        ("change_of", 0, count - 1),
        ("change_layer", 0, np.inf),
        ("change_neuron", 0, np.inf),
        ("change_count", 0, np.inf),
        ("silent_neuron", 0, np.inf),
        ("silent_interval", low, high),
        ("unresolved_sample", 0, n_samples - 1),
        ("unresolved_interval", low, high),
    ):
        found = values[name]
        # Written so that NaN is outside as well.
        if found.size and not np.all((found >= bottom) & (found <= top)):
            yield f"{group.name}/{name}: holds a value outside [{bottom:g}, {top:g}]"
    for name in ("kind", "mechanism", "downstream", "confirmed"):
        wrong = np.setdiff1d(values[name], np.atleast_1d(group[name].attrs.get("flag_values", (0, 1))))
        if wrong.size:
            yield f"{group.name}/{name}: holds {wrong[0]}, which means nothing"
    if np.any(np.diff(values["position"]) < 0.0):
        yield f"{group.name}/position: is not ascending"
    for name, place in (("bracket", values["position"]), ("silent_interval", None), ("unresolved_interval", None)):
        begin, end = values[name].T
        if np.any(begin > end) or (place is not None and np.any((place < begin) | (place > end))):
            yield f"{group.name}/{name}: holds an interval that ends before it begins, or that its position is not in"
    yield from _check_jumps(group, values)
    if "samples" in values and values["samples"].size != n_samples:
        yield f"{group.name}/samples: names {values['samples'].size} samples, but n_samples is {n_samples}"


def _check_jumps(group: h5py.Group, values: dict[str, NDArray[Any]]) -> Iterator[str]:
    left, right = values["loss"].T
    jump = values["jump"]
    if np.isnan(values["loss"]).any() or np.isnan(jump).any():
        yield f"{group.name}: a loss or a jump is no number"
        return
    finite = np.isfinite(left) & np.isfinite(right)
    scale = 1.0 + np.abs(left[finite]) + np.abs(right[finite])
    if np.any(np.abs(right[finite] - left[finite] - jump[finite]) > _JUMP_TOLERANCE * scale):
        yield f"{group.name}/jump: is not the difference of the limits in 'loss'"
    # Of two infinite limits of one sign there is no jump; of others it is infinite.
    if np.any(np.isfinite(jump[~finite])) or np.any(left[~finite] == right[~finite]):
        yield f"{group.name}/jump: does not fit the infinite limits in 'loss'"
    minimum = float(group.attrs.get("minimum", 0.0))
    if np.any(np.abs(jump) < minimum):
        yield f"{group.name}/jump: holds a jump below the attribute 'minimum', {minimum:g}"
