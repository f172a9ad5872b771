"""Writing and reading the datasets and attributes of one group as the schema lays them out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import InputError, ResultFileError
from landscape.hdf5 import read_array
from landscape.storage.layout import AXES, Entry
from landscape.storage.schema import LAYOUT


def write_entries(
    group: h5py.Group,
    kind: str,
    values: Mapping[str, ArrayLike],
    further_units: Mapping[str, str] | None = None,
    axes: tuple[str, ...] = (),
) -> None:
    """Write datasets with the type, unit, description and dimension scales that the schema gives them.

    Args:
        group: an HDF5 group.
        kind: the kind of group, a key of ``LAYOUT``.
        values: arrays by dataset name; a name beyond the schema is written where the layout allows further
            datasets.
        further_units: units of such further datasets; "1" where not given.
        axes: names of the axes of the slice, which stand for ``AXES`` in the dimensions.

    Raises:
        InputError: a name that the layout does not know, a missing coordinate, or a shape that does not fit.
    """
    layout = LAYOUT[kind]
    entries: dict[str, Entry] = {}
    for name in values:
        entry = layout.entry(name)
        if entry is None:
            if layout.further_dims is None:
                raise InputError(f"{group.name}: {name!r} is no dataset of the format; see the file format page")
            unit = (further_units or {}).get(name, "1")
            entry = Entry(name, layout.further_dims, "<f8", unit, False, name.replace("_", " "))
        entries[name] = entry
    # Scales first: a dataset can be given only scales that exist.
    for name in sorted(entries, key=lambda n: (not entries[n].is_scale, n)):
        entry = entries[name]
        array = np.asarray(values[name]).astype(entry.dtype)
        dims = expanded(entry.dims, axes)
        if array.ndim != len(dims):
            raise InputError(f"{group.name}: {name!r} has {array.ndim} dimensions, not {len(dims)}; check its shape")
        dataset = group.create_dataset(name, data=array, track_times=False, **_compression(array))
        dataset.attrs["units"] = entry.unit
        dataset.attrs["long_name"] = entry.description
        for flag, meaning in entry.flags.items():
            typed = np.array(meaning, dtype=entry.dtype) if flag == "flag_values" else meaning
            dataset.attrs[flag] = typed
        if entry.is_scale:
            dataset.make_scale(name)
            continue
        for number, dim in enumerate(dims):
            scale = group.get(dim)
            if not isinstance(scale, h5py.Dataset) or scale.shape != (array.shape[number],):
                found = "missing" if scale is None else f"of shape {scale.shape}"
                raise InputError(
                    f"{group.name}: {name!r} has {array.shape[number]} values along {dim!r}, but that "
                    f"coordinate is {found}"
                )
            dataset.dims[number].attach_scale(scale)


def read_required(group: h5py.Group, name: str) -> NDArray[Any]:
    """The values of a dataset, in the machine's byte order.

    Raises:
        ResultFileError: it is missing, or it is no dataset.
        RefusedFileError: it holds no numbers.
    """
    found = group.get(name)
    if not isinstance(found, h5py.Dataset):
        raise ResultFileError(
            f"{group.file.filename}: {group.name} has no dataset {name!r}; "
            "run 'landscape validate' on the file, or make it again"
        )
    return read_array(found)


def read_entry(group: h5py.Group, name: str) -> NDArray[Any] | None:
    """The values of a dataset; None where it is missing.

    Raises:
        ResultFileError: it is no dataset.
    """
    return read_required(group, name) if name in group else None


def expanded(dims: tuple[str, ...], axes: tuple[str, ...]) -> tuple[str, ...]:
    """The dimensions with the axes of the slice in place of ``AXES``."""
    return tuple(name for dim in dims for name in (axes if dim == AXES else (dim,)))


def scales_of(item: h5py.Dataset) -> list[list[h5py.Dataset]]:
    """The dimension scales attached to each dimension of a dataset, as far as they are there.

    Read from the references themselves: asked through the library, a scale that was deleted ends the process. One can
    also still be there without a name. They are not asked for theirs here: the library looks for it in the whole file.
    """
    found: list[list[h5py.Dataset]] = [[] for _ in item.shape or ()]
    try:
        listed = item.attrs.get("DIMENSION_LIST", ())
    except (OSError, RuntimeError, TypeError, ValueError):
        return found
    if np.shape(listed) != (len(found),):
        return found
    for scales, references in zip(found, listed, strict=True):
        for reference in np.atleast_1d(references):
            try:
                scale = item.file[reference] if isinstance(reference, h5py.Reference) else None
            except (OSError, RuntimeError, ValueError, KeyError):
                scale = None
            if isinstance(scale, h5py.Dataset):
                scales.append(scale)
    return found


def write_attributes(group: h5py.Group, values: Mapping[str, Any]) -> None:
    """Write attributes of plain types; None is left out.

    Raises:
        InputError: a value that is no text, number or list of them, or that HDF5 cannot hold as an attribute.
    """
    for name, value in values.items():
        if value is None:
            continue
        try:
            group.attrs[name] = _attribute(value)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(
                f"attribute {name!r} of {group.name}: {type(value).__name__} cannot be stored; give text or a number"
            ) from error


def _attribute(value: Any) -> Any:
    if isinstance(value, (bool, np.bool_)):
        # HDF5 has no boolean; h5py would make an enumeration, which MATLAB does not read as a number.
        return np.int64(value)
    if isinstance(value, int):
        return np.int64(value)
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(item, str) for item in value):
            return np.array(list(value), dtype=h5py.string_dtype())
        if all(isinstance(item, (int, np.integer)) for item in value):
            return np.asarray(value, dtype=np.int64)
        return np.asarray(value, dtype=np.float64)
    if isinstance(value, (float, np.integer, np.floating, np.ndarray)):
        return value
    raise TypeError(type(value))


def read_attributes(group: h5py.Group, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The attributes of a group as Python values: text, int, float, or lists of them."""
    return {name: _plain(value) for name, value in group.attrs.items() if name not in without}


def read_attribute(group: h5py.Group, name: str) -> Any:
    """One attribute of a group as a Python value; None if there is none."""
    return _plain(group.attrs.get(name))


def _plain(value: Any) -> Any:
    if isinstance(value, h5py.Empty):
        return []
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    if isinstance(value, np.ndarray):
        return [_plain(item) for item in value.tolist()]
    if isinstance(value, np.generic):
        return _plain(value.item())
    return value


def _compression(values: NDArray[Any]) -> dict[str, Any]:
    # gzip, because every HDF5 reader has it; small datasets stay contiguous, a chunk would cost more than it
    # saves.
    if values.ndim == 0 or values.nbytes < 2048:
        return {}
    return {"compression": "gzip", "compression_opts": 4, "shuffle": True}
