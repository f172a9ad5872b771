"""Checksums over whole files.

The last 80 bytes of a file that this package wrote are a seal: a mark and the SHA-256 of everything before it. HDF5
readers stop at the end that the file itself names and do not see it; a program that opens the file to change it cuts
the seal off, and the file counts as unsealed from then on. A file that has a seal must fit it.
"""

from __future__ import annotations

import functools
import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from landscape.filesystem import open_regular

_MARK = b"\nlandscape-seal\n"
_SIZE = len(_MARK) + 64


def sealed(content: bytes) -> bytes:
    """Return ``content`` with its seal behind it."""
    return content + _MARK + hashlib.sha256(content).hexdigest().encode("ascii")


def unsealed(content: bytes) -> bytes:
    """Return ``content`` without a seal; as it is where it has none."""
    return content[:-_SIZE] if content[-_SIZE:].startswith(_MARK) else content


def seal_is_broken(path: Path) -> bool:
    """Whether a file has a seal that does not fit; False for a file without one.

    Raises:
        OSError: it cannot be read.
    """
    state = path.stat()
    return _checked(path, state.st_ino, state.st_size, state.st_mtime_ns) is False


def is_sealed(path: Path) -> bool:
    """Whether a file has a seal and fits it.

    Raises:
        OSError: it cannot be read.
    """
    state = path.stat()
    return _checked(path, state.st_ino, state.st_size, state.st_mtime_ns) is True


def seal_of(path: Path) -> str:
    """Return the checksum that a file ends with, unchecked; empty where it has none.

    Raises:
        OSError: it cannot be read.
    """
    with open_regular(path) as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _SIZE))
        end = file.read(_SIZE)
    return end[len(_MARK) :].decode("ascii", errors="replace") if end.startswith(_MARK) else ""


# Of one result file many things are read one after another; a file that is replaced or written to changes a number.
@functools.lru_cache(maxsize=1024)
def _checked(path: Path, inode: int, size: int, changed: int) -> bool | None:
    """True if the seal fits, False if not, None if there is none."""
    if size < _SIZE:
        return None
    with open_regular(path) as file:
        file.seek(-_SIZE, os.SEEK_END)
        seal = file.read(_SIZE)
        if not seal.startswith(_MARK):
            return False if _is_cut_off(seal) or size > _named_end(file, size) else None
        digest = hashlib.sha256()
        file.seek(0)
        left = size - _SIZE
        while left > 0 and (part := file.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
    return seal[len(_MARK) :] == digest.hexdigest().encode("ascii")


def _named_end(file: BinaryIO, size: int) -> int:
    """The end of an HDF5 file that its own first bytes name; ``size`` where they name none.

    Nobody but this package leaves anything behind that end, so what is there without being a seal was one.
    """
    file.seek(0)
    start = file.read(52)
    if not start.startswith(b"\x89HDF\r\n\x1a\n") or len(start) < 52:
        return size
    # Versions 0 and 1 say the width of an address elsewhere than those after them; 8 bytes everywhere.
    place, width = (40 + 4 * start[8], start[13]) if start[8] < 2 else (28, start[9])
    return int.from_bytes(start[place : place + 8], "little") if width == 8 else size


def _is_cut_off(end: bytes) -> bool:
    """Whether the end of a file holds a seal that lacks its own end."""
    return _MARK in end or any(end.endswith(_MARK[:size]) for size in range(6, len(_MARK)))
