"""The census of a line in an HDF5 group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import InputError, ResultFileError
from landscape.storage.layout import KIND_FLAGS, MECHANISM_FLAGS
from landscape.storage.schema import LAYOUT
from landscape.storage.tables import read_attributes, read_required, write_attributes, write_entries

if TYPE_CHECKING:
    from landscape.fragmentation.census.result import Census

_OWN_ATTRIBUTES = tuple(attribute.name for attribute in LAYOUT["discontinuities"].attributes)

#: Datasets that are attributes of a census of the same name, with the types that they have there.
_AS_THEY_ARE = {
    "position": np.float64,
    "bracket": np.float64,
    "loss": np.float64,
    "jump": np.float64,
    "error": np.float64,
    "sample": np.int64,
    "layer": np.int64,
    "neuron": np.int64,
    "number": np.int64,
    "time": np.float64,
    "partner": np.int64,
    "partner_time": np.float64,
    "downstream": np.bool_,
    "difference": np.float64,
    "confirmed": np.int8,
    "change_of": np.int64,
    "change_layer": np.int64,
    "change_neuron": np.int64,
    "change_time": np.float64,
    "change_count": np.int64,
    "silent_neuron": np.int64,
    "silent_interval": np.float64,
}
_WORDS = {"kind": KIND_FLAGS, "mechanism": MECHANISM_FLAGS}
_MECHANISMS = str(MECHANISM_FLAGS["flag_meanings"]).split()


def write_census(group: h5py.Group, census: Census) -> None:
    """Write a census into an empty group.

    Raises:
        InputError: an array does not fit, an attribute cannot be stored, or a kind or mechanism is none of the format.
    """
    own = {
        "low": float(census.low),
        "high": float(census.high),
        "n_samples": int(census.n_samples),
        "minimum": census.attributes.get("minimum"),
        "largest_continuous": float(census.largest_continuous),
    } | {f"transitions_{name}": int(census.transitions.get(name, 0)) for name in _MECHANISMS}
    further = {key: value for key, value in census.attributes.items() if key not in (*own, "samples")}
    write_attributes(group, own | further)
    values: dict[str, ArrayLike] = {name: getattr(census, name) for name in _AS_THEY_ARE}
    values |= {name: _numbers(getattr(census, name), flags, name) for name, flags in _WORDS.items()}
    unresolved = np.asarray(census.unresolved).reshape(-1, 3)
    values |= {
        "discontinuity": np.arange(len(census)),
        "side": np.arange(2),
        "end": np.arange(2),
        "widths": np.asarray(census.widths, np.float64),
        "change": np.arange(census.change_of.size),
        "silent": np.arange(census.silent_neuron.size),
        "unresolved": np.arange(unresolved.shape[0]),
        "unresolved_sample": unresolved[:, 0],
        "unresolved_interval": unresolved[:, 1:],
    }
    if "samples" in census.attributes:
        samples = np.asarray(census.attributes["samples"])
        values |= {"census_sample": np.arange(samples.size), "samples": samples}
    write_entries(group, "discontinuities", values)


def read_census(group: h5py.Group) -> Census:
    """Read what :func:`write_census` wrote.

    Raises:
        ResultFileError: a part is missing or is none of the format.
    """
    # The type belongs to a layer above, as that of a surface does.
    from landscape.fragmentation.census.result import Census

    attributes = read_attributes(group)
    values: dict[str, Any] = {name: read_required(group, name).astype(kind) for name, kind in _AS_THEY_ARE.items()}
    values |= {name: _words(group, name, flags) for name, flags in _WORDS.items()}
    further = {name: value for name, value in attributes.items() if name not in _OWN_ATTRIBUTES or name == "minimum"}
    if "hidden_sizes" in further:
        further["hidden_sizes"] = np.atleast_1d(np.asarray(further["hidden_sizes"], np.int64))
    if "samples" in group:
        further["samples"] = read_required(group, "samples").astype(np.int64)
    sample = read_required(group, "unresolved_sample").astype(np.float64)
    try:
        return Census(
            low=float(attributes["low"]),
            high=float(attributes["high"]),
            n_samples=int(attributes["n_samples"]),
            widths=tuple(float(width) for width in read_required(group, "widths")),
            transitions={name: int(attributes[f"transitions_{name}"]) for name in _MECHANISMS},
            largest_continuous=float(attributes["largest_continuous"]),
            unresolved=np.column_stack([sample, read_required(group, "unresolved_interval")]),
            attributes=further,
            **values,
        )
    except KeyError as error:
        raise ResultFileError(
            f"{group.file.filename}: {group.name} has no attribute {error}; make the file again"
        ) from error


def _numbers(words: ArrayLike, flags: Mapping[str, Any], name: str) -> NDArray[np.uint8]:
    """Texts as the numbers that the format has for them."""
    known = dict(zip(str(flags["flag_meanings"]).split(), flags["flag_values"], strict=True))
    try:
        return np.array([known[str(word)] for word in np.asarray(words)], np.uint8)
    except KeyError as error:
        raise InputError(f"{name} {error} of a discontinuity is none of {', '.join(known)}") from None


def _words(group: h5py.Group, name: str, flags: Mapping[str, Any]) -> NDArray[np.str_]:
    known = str(flags["flag_meanings"]).split()
    numbers = read_required(group, name)
    if numbers.size and numbers.max() >= len(known):
        raise ResultFileError(
            f"{group.file.filename}: {group.name}/{name} holds {numbers.max()}, which means nothing; "
            "run 'landscape validate' on the file, or make it again"
        )
    return np.array(known)[numbers]
