"""Who compiles which kernel: processes of one machine that want the same one do not all compile it.

A claim is a file beside that of the kernel, with the host and the number of the process that compiles it. It keeps
nobody from doing so too; who finds one may wait for the kernel instead. A claim means nothing on another host, after
its process has ended, or after a few minutes.
"""

from __future__ import annotations

import atexit
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from landscape.filesystem import read_text, write_text
from landscape.processes import is_alive

__all__ = ["claim", "clear", "release", "release_all", "tell_that_compiling", "when_compiling"]

LONGEST = 300.0  # seconds
_held: set[Path] = set()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_held.clear)  # the parent's claims stay its own
_callbacks: list[Callable[[], None]] = []


@contextmanager
def when_compiling(callback: Callable[[], None]) -> Iterator[None]:
    """Call ``callback`` when this process finds the first kernel missing, if it does while the block runs."""
    _callbacks.append(callback)
    try:
        yield
    finally:
        _callbacks.remove(callback)


def tell_that_compiling() -> None:
    """Tell those who want to know that the first kernel is missing."""
    for callback in _callbacks:
        callback()


def claim(path: Path) -> bool:
    """Claim a file that is to be made; False if another process that runs here has done so.

    Where no claim can be written there is none to wait for either.
    """
    mark = _mark(path)
    try:
        with open(mark, "x", encoding="utf-8") as file:
            file.write(_name(os.getpid()))
    except FileExistsError:
        if _is_claimed(mark):
            return False
        with suppress(OSError):
            write_text(mark, _name(os.getpid()))
    except OSError:
        return True
    if not _held:
        atexit.register(release_all)
    _held.add(path)
    return True


def release(path: Path) -> None:
    """Give a claim up; nothing happens without one."""
    if path in _held:
        _held.discard(path)
        _remove(_mark(path), os.getpid())


def clear(folder: Path, process: int) -> None:
    """Remove what a process of this machine that has ended claimed in a folder."""
    for mark in folder.glob("*.claim"):
        _remove(mark, process)


def release_all() -> None:
    """Give all claims of this process up."""
    for path in list(_held):
        release(path)


def _name(process: int) -> str:
    return f"{socket.gethostname()} {process}"


def _remove(mark: Path, process: int) -> None:
    """Remove a mark if it is that of a process of this machine."""
    with suppress(OSError, ValueError):
        if read_text(mark) == _name(process):
            mark.unlink()


def _mark(path: Path) -> Path:
    return path.with_name(path.name + ".claim")


def _is_claimed(mark: Path) -> bool:
    try:
        age = time.time() - mark.stat().st_mtime
        text = read_text(mark)
    except FileNotFoundError:
        return True  # given up just now: the file is there, or the next attempt finds no claim
    except (OSError, ValueError):
        return False
    if not text:
        return age < 1.0  # its owner has not written it yet
    host, _, number = text.partition(" ")
    if host != socket.gethostname() or abs(age) > LONGEST:
        return False
    try:
        process = int(number)
    except ValueError:
        return False
    return process != os.getpid() and is_alive(process)
