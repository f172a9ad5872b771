"""Writing and reading what :meth:`landscape.datasets.Dataset.save` keeps: its layout is in README.md beside."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from landscape.datasets.checks import frozen
from landscape.errors import DataError

if TYPE_CHECKING:
    import h5py

FORMAT = "landscape-dataset"
FORMAT_VERSION = 1


def write_saved(data: Any, path: str | PathLike[str]) -> None:
    """Write ``data`` to ``path``, whole or not at all; InputError where that is impossible."""
    from landscape.h5.files import replace_file

    with replace_file(path) as file:
        _write(data, file)


def read_saved(file: h5py.File) -> tuple[dict[str, Any], str]:
    """Read the arguments of a data set from an open file, and the hash of its content; DataError if it has another
    format or version."""
    from landscape.hdf5 import member, read_texts

    if not is_saved(file):
        raise DataError(f"is no saved data set (no attribute format={FORMAT!r}): use load_dataset for others")
    version = _attribute(file, "format_version")
    if version != FORMAT_VERSION:
        raise DataError(f"has format version {version}, this package reads {FORMAT_VERSION}: save the data set again")
    arguments = {
        "times": _array(file, "times"),
        "channels": _array(file, "channels"),
        "offsets": _array(file, "offsets"),
        "labels": _array(file, "labels"),
        "n_channels": _attribute(file, "n_channels"),
        "n_classes": _attribute(file, "n_classes"),
        "speakers": _array(file, "speakers") if "speakers" in file else None,
        "name": str(_attribute(file, "name")),
        "class_names": read_texts(member(file, "class_names")) if "class_names" in file else (),
    }
    return arguments, str(_attribute(file, "content_hash"))


def is_saved(file: h5py.File) -> bool:
    """Tell whether :func:`write_saved` wrote the open file."""
    from landscape.hdf5 import read_scalar

    return bool(read_scalar(file, "format") == FORMAT)


def _write(data: Any, file: h5py.File) -> None:
    import h5py

    file.attrs["format"] = FORMAT
    file.attrs["format_version"] = FORMAT_VERSION
    file.attrs["name"] = data.name
    file.attrs["n_channels"] = data.n_channels
    file.attrs["n_classes"] = data.n_classes
    file.attrs["content_hash"] = data.content_hash()
    for name in ("times", "channels", "offsets", "labels", "speakers"):
        array = getattr(data, name)
        if array is not None:
            # The fastest level: higher ones gain a few percent of the size and take several times as long.
            file.create_dataset(name, data=array, compression="gzip", compression_opts=1, shuffle=True)
    if data.class_names:
        file.create_dataset("class_names", data=list(data.class_names), dtype=h5py.string_dtype())


def _array(file: h5py.File, name: str) -> npt.NDArray[Any]:
    from landscape.hdf5 import member, read_array

    return frozen(read_array(member(file, name), ndim=1))


def _attribute(file: h5py.File, name: str) -> Any:
    from landscape.hdf5 import read_scalar

    value = read_scalar(file, name)
    if value is None:
        raise DataError(f"lacks the attribute {name!r}: save the data set again")
    return value
