"""Opening and replacing HDF5 files.

A result file is never changed in place. A writer builds the whole file beside the old one and then renames it
over the old one, which the operating system does at once or not at all. So a reader never meets a
half-written file, an interrupted or failed write leaves the old file as it was, and no file needs a lock: the
HDF5 lock is switched off for readers because it fails on file systems without locking (many cluster folders)
and guards against nothing here.

A file is built in memory, sealed with a checksum (:mod:`landscape.h5.sealing`) and written in one go: a full
disk is met by a plain write, which fails cleanly, and not inside the HDF5 library. A file whose bytes changed since
is told before the library, which trusts what it reads, is given any of it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import h5py

from landscape.errors import InputError, LandscapeError, ResultFileError, cannot_write
from landscape.filesystem import open_regular, replacing
from landscape.h5.sealing import seal_is_broken, sealed, unsealed
from landscape.hdf5 import BusyFileError, RefusedFileError, is_hdf5, open_hdf5, refuse_if_busy
from landscape.paths import user_path


class DamagedFileError(ResultFileError):
    """A file that cannot be opened as HDF5, or not be read to its end, whatever it was meant to be."""


@contextmanager
def open_for_reading(path: str | os.PathLike[str]) -> Iterator[h5py.File]:
    """Open an HDF5 file for reading.

    Raises:
        ResultFileError: there is no such file, it may not be read, or another program is writing to it.
        DamagedFileError: it is not HDF5, it is damaged (for example truncated), or its content is in other files.
    """
    path = user_path(path)
    try:
        if seal_is_broken(path):
            refuse_if_busy(path)
            raise DamagedFileError(
                f"{path}: damaged or truncated file (its checksum does not fit); restore a copy or make it again"
            )
        file = open_hdf5(path)
    except BusyFileError as error:
        raise ResultFileError(f"{path}: {error}") from error
    except RefusedFileError as error:
        raise DamagedFileError(f"{path}: {error}") from error
    except FileNotFoundError as error:
        raise ResultFileError(f"{path}: no such file; check the path, or make the file with 'landscape run'") from error
    except IsADirectoryError as error:
        raise ResultFileError(f"{path}: is a folder, not a file; name the .h5 file inside it") from error
    except PermissionError as error:
        raise ResultFileError(f"{path}: cannot be read (permission denied); change its permissions") from error
    except OSError as error:
        if _has_signature(path):
            raise DamagedFileError(
                f"{path}: damaged or truncated HDF5 file; restore a copy or make it again ({_short(error)})"
            ) from error
        reason = f" ({error.strerror})" if error.strerror else ""
        raise DamagedFileError(f"{path}: not an HDF5 file{reason}; give a file that this package wrote") from error
    except DamagedFileError:
        raise
    except Exception as error:
        # A header that is damaged in the wrong place makes the library report all kinds of errors.
        raise DamagedFileError(
            f"{path}: damaged HDF5 file; restore a copy or make it again ({_short(error)})"
        ) from error
    try:
        yield file
    except RefusedFileError as error:
        raise DamagedFileError(f"{path}: {error}") from error
    except (OSError, RuntimeError) as error:
        # h5py reports a chunk that cannot be read or unpacked as OSError (RuntimeError from the low-level
        # calls).
        if isinstance(error, LandscapeError):
            raise
        raise DamagedFileError(
            f"{path}: damaged HDF5 file; restore a copy or make it again ({_short(error)})"
        ) from error
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OverflowError, MemoryError) as error:
        # A group where a dataset should be, text where a number should be: there is no end of such files.
        if isinstance(error, LandscapeError):
            raise
        raise DamagedFileError(
            f"{path}: is not laid out as a file of this package; restore a copy or make it again "
            f"({type(error).__name__}: {_short(error)})"
        ) from error
    finally:
        file.close()


@contextmanager
def replace_file(path: str | os.PathLike[str], *, copy: bool = False) -> Iterator[h5py.File]:
    """Open an HDF5 file that takes the place of ``path`` when the block ends without an exception.

    The folder is made where it is missing. Whatever fails, the old file stays as it was and nothing else is
    left.

    Args:
        path: the file to make or replace.
        copy: start from a copy of the old file instead of an empty one.

    Raises:
        InputError: the folder cannot be made, or nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    path = user_path(path)
    if "\0" in str(path):
        raise InputError(f"{path}: cannot write there (a null character); choose another name")
    begun = False
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened before there is anything to write: a folder that cannot be written to is told at once.
        with replacing(path) as written:
            begun = True
            image = io.BytesIO(_content(path) if copy else b"")
            # The oldest layout that holds the content: every HDF5 library since 1.8 reads it.
            with h5py.File(image, "r+" if copy else "w", libver=("earliest", "v110")) as file:
                yield file
            written.write(sealed(image.getvalue()))
            written.flush()
            os.fsync(written.fileno())
    except OSError as error:
        if isinstance(error, LandscapeError):
            raise
        raise cannot_write(path, error, begun=begun) from error


def _content(path: Path) -> bytes:
    with open_regular(path) as file:
        return unsealed(file.read())


def _has_signature(path: Path) -> bool:
    with suppress(OSError), open_regular(path) as file:
        return is_hdf5(file)
    return False


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 160 else text[:157] + "..."
