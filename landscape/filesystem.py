"""Reading files that anybody may have made, and writing files that appear whole or not at all.

A results folder can come from somebody else, or be shared: what has the name of a file may be a named pipe, which keeps
its reader waiting for ever, and what has the name of a record may hold anything. Only regular files are opened here,
small ones are read up to a limit, and nothing is written under a name that can be foreseen.
"""

from __future__ import annotations

import errno
import json
import math
import os
import re
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import Any, BinaryIO

__all__ = [
    "LARGEST_TEXT",
    "is_plain_name",
    "is_regular",
    "open_regular",
    "open_to_lock",
    "read_json",
    "read_record",
    "read_text",
    "replacing",
    "write_text",
]

#: Most bytes of a record and of a text.
LARGEST_RECORD = 1 << 20
LARGEST_TEXT = 1 << 26

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")

_KINDS = {
    stat.S_IFLNK: (errno.ELOOP, "is a link, not a file"),
    stat.S_IFDIR: (errno.EISDIR, "is a folder, not a file"),
    stat.S_IFIFO: (errno.EINVAL, "is a pipe, not a file"),
    stat.S_IFSOCK: (errno.EINVAL, "is a socket, not a file"),
    stat.S_IFCHR: (errno.EINVAL, "is a device, not a file"),
    stat.S_IFBLK: (errno.EINVAL, "is a device, not a file"),
}


def is_plain_name(name: str) -> bool:
    """Whether a name that a file gives can be a part of the name of another file: it leads into no folder."""
    return _NAME.fullmatch(name) is not None


def is_regular(path: str | os.PathLike[str]) -> bool:
    """Whether there is a regular file of this name itself, as opposed to a link to one."""
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


def open_regular(path: str | os.PathLike[str]) -> BufferedReader:
    """Open a regular file, or a link to one, for reading.

    Raises:
        OSError: there is no such file, it cannot be read, or it is something else (a folder, pipe, socket or device);
            ``strerror`` says what.
    """
    # Looked at first, since opening a device may do something; and again when open, since it may be another one then.
    _require_regular(os.stat(path), path)
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        _require_regular(os.fstat(handle), path)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read_text(path: str | os.PathLike[str], largest: int = LARGEST_TEXT) -> str:
    """Return the content of a regular file of UTF-8 text.

    Args:
        path: the file, or a link to it.
        largest: most bytes that it may have.

    Raises:
        OSError: as in :func:`open_regular`, or the file is larger.
        UnicodeDecodeError: it is no UTF-8 text.
    """
    with open_regular(path) as file:
        content = file.read(largest + 1)
    if len(content) > largest:
        raise OSError(errno.EFBIG, f"is larger than {largest:,} bytes", os.fspath(path))
    return content.decode("utf-8")


def read_json(path: str | os.PathLike[str], largest: int = LARGEST_RECORD) -> Any:
    """Return the JSON value in a file, whose numbers are finite; None where there is no such file or it holds none.

    What comes back may be of any type and shape: the caller takes from it what is as it should be.

    Args:
        path: the file.
        largest: most bytes that it may have.
    """
    try:
        return json.loads(read_text(path, largest), parse_float=_finite, parse_constant=_finite)
    except (OSError, ValueError, RecursionError):
        return None


def read_record(path: str | os.PathLike[str], **kinds: type) -> dict[str, Any] | None:
    """Return the JSON object in a file; None where there is no such file or it holds none with the entries asked for.

    Args:
        path: the file.
        kinds: the type of each entry that it must have; ``int`` is not ``bool``.
    """
    record = read_json(path)
    if not isinstance(record, dict) or any(type(record.get(name)) is not kind for name, kind in kinds.items()):
        return None
    return record


def open_to_lock(path: str | os.PathLike[str]) -> int:
    """Open a regular file whose content nobody reads, for a lock; return its handle. It is made where it is missing.

    Raises:
        OSError: it cannot be written, or it is something else, be it a link to a regular file.
    """
    with suppress(FileNotFoundError):
        _require_regular(os.lstat(path), path)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, 0o666)
    try:
        _require_regular(os.fstat(handle), path)
    except BaseException:
        os.close(handle)
        raise
    return handle


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file for writing that takes the place of ``path`` when the block ends without an exception.

    It is made in the same folder, under a random name that nothing has yet, and renamed. So readers see the old content
    or the new one and never a part, whatever fails leaves the old content as it was, and where ``path`` is a link, the
    link is replaced and not what it leads to. The folder must be there.

    Raises:
        OSError: the file cannot be written.
    """
    path = Path(path)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.partial")
    handle = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(handle, "w+b") as file:
            yield file
        os.replace(temporary, path)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def write_text(path: str | os.PathLike[str], text: str) -> None:
    """Write a file of UTF-8 text, as :func:`replacing` does.

    Raises:
        OSError: the file cannot be written.
    """
    with replacing(path) as file:
        file.write(text.encode("utf-8"))


def _require_regular(state: os.stat_result, path: str | os.PathLike[str]) -> None:
    if not stat.S_ISREG(state.st_mode):
        number, what = _KINDS.get(stat.S_IFMT(state.st_mode), (errno.EINVAL, "is no regular file"))
        raise OSError(number, what, os.fspath(path))


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is not finite")
    return value
