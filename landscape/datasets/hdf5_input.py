"""Open an HDF5 file for reading, compressed or not, and say plainly what is wrong with a bad one."""

from __future__ import annotations

import gzip
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING

from landscape.errors import DataError

if TYPE_CHECKING:
    import h5py

GZIP_MAGIC = b"\x1f\x8b"
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


@contextmanager
def open_hdf5(path: str | PathLike[str]) -> Iterator[h5py.File]:
    """Open the HDF5 file at ``path`` for the duration of a ``with`` block.

    Gzip is recognised by content, not by name, and unpacked to an unnamed temporary file. Every problem, also
    one that shows while the block reads, becomes a DataError that starts with the path.
    """
    import h5py  # here, so that data sets that come from no file do not wait for it

    location = Path(path)
    with ExitStack() as stack:
        content = stack.enter_context(_open_plain(location))
        if content.read(len(HDF5_MAGIC)) != HDF5_MAGIC:
            raise DataError(f"{location}: is not an HDF5 file: give a file in SHD layout or one of Dataset.save")
        content.seek(0)
        try:
            yield stack.enter_context(h5py.File(content, "r"))
        except DataError as error:
            raise DataError(f"{location}: {error}") from error
        # What HDF5 and h5py say of a damaged file; sizes and addresses in it may be any number.
        except (OSError, RuntimeError, ValueError, KeyError, TypeError, OverflowError, MemoryError) as error:
            reason = str(error).partition("\n")[0]
            raise DataError(f"{location}: is damaged or incomplete, fetch it again ({reason})") from error


def title_of(path: str | PathLike[str]) -> str:
    """Return the file's name without directory and endings: what data are called that bring no name."""
    return Path(path).name.partition(".")[0]


def texts(values: h5py.Dataset) -> tuple[str, ...]:
    """Return the entries of an HDF5 data set of strings, of fixed or variable length."""
    entries = values[...].ravel().tolist()
    return tuple(entry.decode(errors="replace") if isinstance(entry, bytes) else str(entry) for entry in entries)


@contextmanager
def _open_plain(path: Path) -> Iterator[IO[bytes]]:
    """Open ``path``, unpacked if it is compressed with gzip."""
    with ExitStack() as stack:
        try:
            file: IO[bytes] = stack.enter_context(path.open("rb"))
        except FileNotFoundError:
            raise DataError(f"{path}: there is no such file: check the path") from None
        except OSError as error:
            raise DataError(f"{path}: cannot be read ({error.strerror}): give a readable file") from None
        compressed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
        file.seek(0)
        if compressed:
            unpacked = stack.enter_context(tempfile.TemporaryFile())
            try:
                with gzip.GzipFile(fileobj=file) as stream:
                    shutil.copyfileobj(stream, unpacked, 1 << 20)
            except (EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise DataError(f"{path}: is damaged or incomplete, fetch it again ({error})") from None
            except OSError as error:
                raise DataError(f"{path}: cannot be unpacked ({error.strerror}): free temporary space") from None
            unpacked.seek(0)
            file = unpacked
        yield file
