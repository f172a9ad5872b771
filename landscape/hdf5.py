"""Opening HDF5 files for reading, whoever wrote them.

An HDF5 file can lead to other files: by external links, by virtual datasets and by raw data kept outside. What is there
can change or be missing (the library then fills in zeros without a word), or wait for ever, as a named pipe does. So
every file that this package reads holds all of its content itself, and what leads elsewhere is refused by name. An
array can also claim any size without storing a byte of it: what is claimed is compared with what is stored before
anything is read.
"""

from __future__ import annotations

import math
import os
from contextlib import suppress
from typing import Any, BinaryIO

import h5py
import numpy as np
from h5py import h5d, h5g, h5l, h5o, h5p, h5z
from numpy.typing import NDArray

from landscape.errors import InputError
from landscape.filesystem import open_regular

__all__ = [
    "BusyFileError",
    "RefusedFileError",
    "is_hdf5",
    "member",
    "open_hdf5",
    "read_array",
    "read_ragged",
    "read_scalar",
    "read_texts",
    "refuse_if_busy",
]

_SIGNATURE = b"\x89HDF\r\n\x1a\n"

#: Deflate packs 1032 to 1 at best: an array that claims more than this times what is stored is not all there.
_MOST_PACKED = 1100
#: Bytes that an array may claim whatever is stored of it: one may have been left at its fill value.
_ALWAYS_READ = 64 << 20
#: Arrays of variable length that are read at once.
_AT_ONCE = 64

#: Files that are known to hold all of their content, by path and state.
_whole: set[tuple[str, int, int, int]] = set()


class RefusedFileError(InputError):
    """Raised for a file, or an array in it, that cannot be used as it is. The message lacks the path of the file."""


class BusyFileError(RefusedFileError):
    """Raised for a file that another program has open for writing."""


def is_hdf5(content: BinaryIO) -> bool:
    """Whether an open file is HDF5 by its first bytes, which may follow a block of the user's (MATLAB writes one)."""
    size = content.seek(0, os.SEEK_END)
    place = 0
    while place < size:
        content.seek(place)
        if content.read(len(_SIGNATURE)) == _SIGNATURE:
            return True
        place = 2 * place or 512
    return False


def open_hdf5(file: str | os.PathLike[str] | BinaryIO) -> h5py.File:
    """Open a file for reading.

    Args:
        file: a path, or the content of a file that has none.

    Raises:
        RefusedFileError: some of its content is in other files, or an array claims far more than is stored of it.
        BusyFileError: another program has it open for writing.
        OSError: it cannot be read, is no regular file, or is not HDF5. For one that is damaged h5py has many other
            errors.
    """
    if not isinstance(file, str | os.PathLike):
        opened = h5py.File(file, "r")
        known = None
    else:
        with open_regular(file) as content:
            _refuse_if_locked(content)
            state = os.fstat(content.fileno())
        known = (os.path.abspath(file), state.st_ino, state.st_size, state.st_mtime_ns)
        opened = _open(file)
    try:
        if known is None or known not in _whole:
            root = h5g.open(opened.id, b"/")
            _refuse_what_is_not_there(root, "", {h5o.get_info(root).addr})
    except BaseException:
        opened.close()
        raise
    if known is not None:
        if len(_whole) >= 10_000:
            _whole.clear()
        _whole.add(known)
    return opened


def refuse_if_busy(path: str | os.PathLike[str]) -> None:
    """Raise BusyFileError if another program has a file open for writing, as far as the file system knows.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    with open_regular(path) as content:
        _refuse_if_locked(content)


def member(group: h5py.Group, name: str) -> h5py.Dataset:
    """Return a dataset of a group.

    Raises:
        RefusedFileError: there is none of this name.
    """
    found = group.get(name)
    if not isinstance(found, h5py.Dataset):
        raise RefusedFileError(f"lacks the array {_path(group, name)}: add it")
    return found


def read_array(item: h5py.Dataset, kinds: str = "iuf", ndim: int | None = None) -> NDArray[Any]:
    """Return a whole dataset in the byte order of this machine.

    Args:
        item: the dataset.
        kinds: the kinds of NumPy types that it may have.
        ndim: number of its dimensions; any where not given.

    Raises:
        RefusedFileError: it is of another kind or number of dimensions, or packed with a filter that is not installed.
    """
    if ndim is not None and item.shape is not None and len(item.shape) != ndim:
        raise RefusedFileError(f"{item.name} has shape {item.shape}, not {ndim} dimensions: reshape it")
    if item.shape is None or item.dtype.kind not in kinds or item.dtype.subdtype:
        found = "nothing" if item.shape is None else item.dtype
        wanted = "integers" if kinds == "iu" else "numbers"
        raise RefusedFileError(f"{item.name} has dtype {found}, not {wanted}: convert it")
    _refuse_unknown_filters(item)
    values = np.asarray(item[()])
    return values.astype(values.dtype.newbyteorder("="), copy=False)


def read_ragged(item: h5py.Dataset, kinds: str = "iuf", only: int | None = None) -> list[NDArray[Any]]:
    """Return the arrays of a one-dimensional dataset of variable-length arrays, in the byte order of this machine.

    Args:
        item: the dataset.
        kinds: the kinds of NumPy types that they may have.
        only: the number of the one array to read; all where not given.

    Raises:
        RefusedFileError: as for :func:`read_array`, or its arrays together are larger than the file.
    """
    element = h5py.check_vlen_dtype(item.dtype)
    if element is None or np.dtype(element).kind not in kinds:
        wanted = "integers" if kinds == "iu" else "numbers"
        raise RefusedFileError(
            f"{item.name} has dtype {element or item.dtype}, not variable-length arrays of {wanted}: write it so"
        )
    _refuse_unknown_filters(item)
    element = np.dtype(element)
    arrays: list[NDArray[Any]] = _entries(item, (0, len(item)) if only is None else (only, only + 1))
    if not element.isnative:
        # h5py gives the bytes of the file, whatever their order, as if they were in this machine's.
        arrays = [array.view(element).astype(element.newbyteorder("=")) for array in arrays]
    return arrays


def read_texts(item: h5py.Dataset) -> tuple[str, ...]:
    """Return the entries of a one-dimensional dataset of strings, of fixed or variable length.

    Raises:
        RefusedFileError: as for :func:`read_ragged`.
    """
    kind = h5py.check_string_dtype(item.dtype)
    if kind is None or item.shape is None or len(item.shape) != 1:
        raise RefusedFileError(f"{item.name} has dtype {item.dtype}, not one text after another: write strings")
    _refuse_unknown_filters(item)
    entries = _entries(item, (0, len(item))) if kind.length is None else item[()].tolist()
    return tuple(entry.decode("utf-8", errors="replace") for entry in entries)


def read_scalar(place: h5py.Group, name: str) -> Any:
    """Return an attribute that is one text or one number, as a Python value; None where there is none.

    Other programs write such an attribute as an array of one (netCDF knows nothing else), and text as bytes. What is
    more than one value is returned as a list.
    """
    try:
        value = np.asarray(place.attrs[name]).tolist()
    except KeyError:
        return None
    while isinstance(value, list) and len(value) == 1:
        (value,) = value
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value


def _entries(item: h5py.Dataset, span: tuple[int, int]) -> list[Any]:
    """Return entries of variable length, which together are no larger than the file."""
    left = item.file.id.get_filesize()
    entries: list[Any] = []
    # In parts, because many entries can name the same stored one.
    for start in range(*span, _AT_ONCE):
        part = list(item[start : min(start + _AT_ONCE, span[1])])
        left -= sum(entry.nbytes if isinstance(entry, np.ndarray) else len(entry) for entry in part)
        if left < 0:
            raise RefusedFileError(f"{item.name} claims more than the whole file holds: write it again")
        entries += part
    return entries


def _path(group: h5py.Group, name: str) -> str:
    return f"{(group.name or '').rstrip('/')}/{name}"


def _open(path: str | os.PathLike[str]) -> h5py.File:
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        # Opened a second time in one process (say, by xarray), a file must be opened the same way as the
        # first time.
        if "locking" not in str(error):
            raise
        return h5py.File(path, "r")


def _refuse_if_locked(content: BinaryIO) -> None:
    """Raise BusyFileError if a program that writes HDF5 holds its lock on a file."""
    try:
        import fcntl
    except ImportError:
        return
    try:
        fcntl.flock(content, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BusyFileError("another program has it open for writing: close it there") from None
    except OSError:  # a file system without locks
        return
    with suppress(OSError):
        fcntl.flock(content, fcntl.LOCK_UN)


def _refuse_what_is_not_there(group: h5g.GroupID, path: str, seen: set[int]) -> None:
    """Raise RefusedFileError if content of a group is in other files, or nowhere, before the library looks for it."""
    entries: list[tuple[bytes, int]] = []
    group.links.iterate(lambda name, info: entries.append((name, info.type)), info=True)
    for name, kind in entries:
        where = f"{path}/{name.decode(errors='replace')}"
        if kind == h5l.TYPE_EXTERNAL:
            _refuse_link(where, "a link to", group.links.get_val(name)[0])
        if kind != h5l.TYPE_HARD:  # a soft one leads to what is met elsewhere
            continue
        item = h5o.open(group, name)
        if isinstance(item, h5d.DatasetID):
            made = item.get_create_plist()
            if made.get_layout() == h5d.VIRTUAL:
                _refuse_link(where, "a virtual dataset made of", _sources(made))
            # The library looks itself whether unchunked arrays that are there fit into the file.
            if made.get_layout() == h5d.CHUNKED or not item.get_storage_size():
                _refuse_claim(item, where)
            if made.get_external_count():
                _refuse_link(where, "its raw data are in", made.get_external(0)[0])
        elif isinstance(item, h5g.GroupID):
            info = h5o.get_info(item)
            if info.addr in seen:  # who walks through the groups might never end
                raise RefusedFileError(f"{where} is a group that is elsewhere in the file too: give it one name")
            seen.add(info.addr)
            _refuse_what_is_not_there(item, where, seen)


def _refuse_link(where: str, what: str, target: str | bytes) -> None:
    raise RefusedFileError(
        f"{where} is not in the file itself ({what} {os.fsdecode(target)!r}): copy all arrays into one file"
    )


def _sources(made: h5p.PropDCID) -> str:
    return made.get_virtual_filename(0) if made.get_virtual_count() else ""


def _refuse_unknown_filters(item: h5py.Dataset) -> None:
    """Raise RefusedFileError for an array that cannot be unpacked."""
    made = item.id.get_create_plist()
    for number in range(made.get_nfilters()):
        code, _, _, name = made.get_filter(number)
        if not h5z.filter_avail(code):
            called = name.decode(errors="replace").split("\0")[0] or f"number {code}"
            raise RefusedFileError(
                f"{item.name} is packed with the filter {called!r}, which is not installed here: store it with gzip or "
                "unpacked"
            )


def _refuse_claim(item: h5d.DatasetID, where: str) -> None:
    """Raise RefusedFileError for an array that claims far more than is stored of it."""
    shape = item.shape or ()
    claimed = math.prod(shape) * item.get_type().get_size()
    if claimed > _ALWAYS_READ and claimed > _MOST_PACKED * (stored := item.get_storage_size()):
        raise RefusedFileError(
            f"{where} claims to have shape {shape}, but only {stored} bytes of it are stored: write it again"
        )
