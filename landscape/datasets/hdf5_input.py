"""Open an HDF5 file of data for reading, compressed or not, and say plainly what is wrong with a bad one."""

from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from os import PathLike
from typing import TYPE_CHECKING, BinaryIO

from landscape.errors import DataError
from landscape.filesystem import open_regular
from landscape.paths import user_path

if TYPE_CHECKING:
    import h5py

GZIP_MAGIC = b"\x1f\x8b"

#: Bytes that a compressed file may always have unpacked, and how many times its own size beyond them.
_ALWAYS_UNPACKED = 256 << 20
_MOST_PACKED = 100


@contextmanager
def open_data(path: str | bytes | PathLike[str]) -> Iterator[h5py.File]:
    """Open the HDF5 file at ``path`` for the duration of a ``with`` block.

    Gzip is recognised by content, not by name, and unpacked to an unnamed temporary file. Every problem, also
    one that shows while the block reads, becomes a DataError that starts with the path.
    """
    # here, so that data sets that come from no file do not wait for it
    from landscape.hdf5 import RefusedFileError, open_hdf5

    location = os.fspath(user_path(path))
    with ExitStack() as stack:
        plain = stack.enter_context(_plain(location))
        try:
            yield stack.enter_context(open_hdf5(plain))
        except (DataError, RefusedFileError) as error:
            raise DataError(f"{location}: {error}") from error
        # What HDF5 and h5py say of a damaged file; sizes and addresses in it may be any number.
        except (
            OSError,
            RuntimeError,
            ValueError,
            LookupError,
            TypeError,
            ArithmeticError,
            AttributeError,
            MemoryError,
        ) as error:
            reason = str(error).partition("\n")[0]
            raise DataError(f"{location}: is damaged or incomplete, fetch it again ({reason})") from error


def title_of(path: str | bytes | PathLike[str]) -> str:
    """Return the file's name without directory and endings, as text: what data are called that bring no name."""
    return os.fsencode(os.path.basename(os.fsdecode(path))).decode(errors="replace").partition(".")[0]


@contextmanager
def _plain(path: str) -> Iterator[str | BinaryIO]:
    """Look at the first bytes of a file; give its path, or its content where it is compressed with gzip."""
    from landscape.hdf5 import is_hdf5

    with ExitStack() as stack:
        try:
            file = stack.enter_context(open_regular(path))
            compressed = file.read(len(GZIP_MAGIC)) == GZIP_MAGIC
            file.seek(0)
        except FileNotFoundError:
            raise DataError(f"{path}: there is no such file: check the path") from None
        except (OSError, ValueError) as error:  # ValueError: a null character
            reason = getattr(error, "strerror", None) or str(error)
            raise DataError(f"{path}: cannot be read ({reason}): give a readable file") from None
        content = stack.enter_context(_unpacked(path, file)) if compressed else file
        if not is_hdf5(content):
            raise DataError(f"{path}: is not an HDF5 file: give a file in SHD layout or one of Dataset.save")
        yield content if compressed else path


@contextmanager
def _unpacked(path: str, file: BinaryIO) -> Iterator[BinaryIO]:
    limit = max(_ALWAYS_UNPACKED, _MOST_PACKED * os.fstat(file.fileno()).st_size)
    with ExitStack() as stack:
        try:
            unpacked = stack.enter_context(tempfile.TemporaryFile())
            stream = stack.enter_context(gzip.GzipFile(fileobj=file))
            while part := stream.read(1 << 20):
                if unpacked.tell() + len(part) > limit:
                    raise DataError(
                        f"{path}: unpacks to more than {limit >> 20} MiB, far more than data do: unpack it first"
                    )
                unpacked.write(part)
            unpacked.flush()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DataError(f"{path}: is damaged or incomplete, fetch it again ({error})") from None
        except OSError as error:
            raise DataError(f"{path}: cannot be unpacked ({error.strerror}): free temporary space") from None
        yield unpacked
