"""Reading and writing records in HDF5 groups, and in files of their own."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, TypeVar

import h5py
import numpy as np
from numpy.typing import NDArray

from landscape.errors import InputError, ResultFileError
from landscape.h5.coding import Plain, Variable, decode, encode
from landscape.h5.files import DamagedFileError, open_for_reading, replace_file
from landscape.h5.sealing import is_sealed
from landscape.hdf5 import read_array
from landscape.paths import user_path

__all__ = [
    "load_attributes",
    "load_record",
    "read_attributes",
    "read_record",
    "save_record",
    "save_records",
    "write_attributes",
    "write_record",
]

Record = TypeVar("Record")

#: The group of a record in a file of its own.
CONTENT = "content"


def write_record(group: h5py.Group, content: Any, kind: type | None = None) -> None:
    """Write a record into a group, which holds no datasets of these names yet.

    Args:
        group: where.
        content: the record.
        kind: the class of records to write it as, where it is of a class that such a record stands in for.

    Raises:
        InputError: its arrays do not fit one another, or hold what the format does not have.
    """
    try:
        _write(group, encode(content, kind))
    except InputError as error:
        raise type(error)(f"{group.name}: {error}") from error


def read_record(group: h5py.Group, kind: type[Record]) -> Record:
    """Read the record of a class from a group.

    Raises:
        ResultFileError: a part is missing or does not fit the others. Classes may raise errors of their own.
    """
    return decode(kind, _Group(group))


def save_record(path: str | os.PathLike[str], content: Any, attributes: Mapping[str, Any]) -> None:
    """Write a file that holds one record; see :func:`save_records`."""
    save_records(path, {CONTENT: content}, attributes)


def save_records(path: str | os.PathLike[str], records: Mapping[str, Any], attributes: Mapping[str, Any]) -> None:
    """Write a file that holds records, in place of an earlier one; it appears when it is complete.

    Args:
        path: the file; its folder is made where it is missing.
        records: records by the names of their groups.
        attributes: attributes of the file: text, numbers, lists of them; None is left out. ``format`` and
            ``format_version`` should be among them.

    Raises:
        InputError: the file cannot be written, or the content does not fit.
        WriteError: the disk is full, or fails.
    """
    with replace_file(path) as file:
        write_attributes(file, attributes)
        for name, content in records.items():
            write_record(file.create_group(name), content)


def load_record(
    path: str | os.PathLike[str], kind: type[Record], file_format: str, version: int = 1, *, name: str = CONTENT
) -> tuple[Record, dict[str, Any]]:
    """Read a record, and the attributes of its file, from what :func:`save_record` wrote.

    Args:
        path: the file.
        kind: the class of the record.
        file_format: what its attribute ``format`` must be.
        version: what its attribute ``format_version`` must be.
        name: the group of the record, for a file with several.

    Raises:
        DamagedFileError: there is no such file, or it is damaged or has no checksum.
        ResultFileError: it is of another format or version, or a part is missing.
    """
    with _opened(path, file_format, version) as (file, attributes):
        if name not in file:
            raise ResultFileError(f"{path}: holds no record {name!r}; make the file again")
        return read_record(file[name], kind), attributes


def load_attributes(path: str | os.PathLike[str], file_format: str, version: int = 1) -> dict[str, Any]:
    """Read the attributes of a file that :func:`save_record` wrote; raises as :func:`load_record` does."""
    with _opened(path, file_format, version) as (_, attributes):
        return attributes


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


def read_attributes(group: h5py.Group) -> dict[str, Any]:
    """The attributes of a group as Python values: text, int, float, or lists of them."""
    return {name: _plain(value) for name, value in group.attrs.items()}


class _Group:
    """A group of a file as the source of a record."""

    def __init__(self, group: h5py.Group) -> None:
        self._group = group

    @property
    def where(self) -> str:
        return f"{self._group.file.filename}: {self._group.name}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, item in self._group.items() if isinstance(item, h5py.Dataset))

    @cached_property
    def attributes(self) -> dict[str, Any]:
        return read_attributes(self._group)

    def array(self, name: str) -> NDArray[Any]:
        return read_array(self._group[name])

    def group(self, name: str) -> _Group | None:
        found = self._group.get(name)
        return _Group(found) if isinstance(found, h5py.Group) else None


def _write(group: h5py.Group, content: Plain) -> None:
    write_attributes(group, content.attributes)
    # Coordinates first: a dataset can be given only those that exist.
    for name in sorted(content.variables, key=lambda n: (content.variables[n].dims != (n,), n)):
        _write_variable(group, name, content.variables[name])
    for name, part in content.groups.items():
        _write(group.create_group(name), part)


def _write_variable(group: h5py.Group, name: str, variable: Variable) -> None:
    dataset = group.create_dataset(name, data=variable.values, track_times=False, **_compression(variable.values))
    for key, value in variable.attributes.items():
        dataset.attrs[key] = value
    if variable.dims == (name,):
        dataset.make_scale(name)
        return
    for number, dim in enumerate(variable.dims):
        dataset.dims[number].attach_scale(group[dim])


def _compression(values: NDArray[Any]) -> dict[str, Any]:
    # gzip, because every HDF5 reader has it; small datasets stay contiguous, a chunk would cost more than it saves.
    if values.ndim == 0 or values.nbytes < 2048:
        return {}
    return {"compression": "gzip", "compression_opts": 4, "shuffle": True}


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


@contextmanager
def _opened(path: str | os.PathLike[str], file_format: str, version: int) -> Iterator[tuple[h5py.File, dict[str, Any]]]:
    """Open a file that ends with a checksum that fits, of a format and version; give its attributes too."""
    if not os.path.exists(user_path(path)):
        raise DamagedFileError(f"{path}: cannot be read (no such file)")
    with open_for_reading(path) as file:
        attributes = _checked_attributes(file, file_format, version)
        # After the format: a file of somebody else is not a damaged one of this package.
        if not is_sealed(user_path(path)):
            raise DamagedFileError(f"{path}: damaged or truncated file (its checksum does not fit)")
        yield file, attributes


def _checked_attributes(file: h5py.File, file_format: str, version: int) -> dict[str, Any]:
    attributes = read_attributes(file)
    if attributes.get("format") != file_format:
        raise ResultFileError(f"{file.filename}: is of the format {attributes.get('format')!r}, not {file_format!r}")
    if attributes.get("format_version") != version:
        found = attributes.get("format_version")
        raise ResultFileError(f"{file.filename}: is of format version {found}, but this release reads {version}")
    return attributes
