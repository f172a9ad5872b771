"""The results folder of an experiment: its paths and its lock."""

from __future__ import annotations

import errno
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from landscape.errors import InputError, LandscapeError, cannot_write
from landscape.experiment.activity import Activity, is_at_work, keep_fresh, this_process
from landscape.filesystem import open_to_lock, read_record, write_text
from landscape.paths import user_path

#: How a file system says that it has no locks.
_NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)

#: How it says that what should be a file is something else.
_NO_FILE = (errno.EISDIR, errno.ELOOP, errno.EINVAL)


class FolderInUseError(LandscapeError):
    """Raised when another run is at work in the same results folder."""


class ResultsFolder:
    """Paths inside one results folder, and the right to write there.

    Attributes:
        path: the folder itself; it need not exist yet.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = user_path(path)
        self._depth = 0
        self._result_depth = 0

    @property
    def result_file(self) -> Path:
        """The assembled result, ``landscape.h5``."""
        return self.path / "landscape.h5"

    @property
    def config_file(self) -> Path:
        """The experiment with every default spelled out, ``config.toml``."""
        return self.path / "config.toml"

    @property
    def figures(self) -> Path:
        """Folder of the figures."""
        return self.path / "figures"

    @property
    def pieces(self) -> Path:
        """Folder of the pieces that the result is assembled from."""
        return self.path / "pieces"

    @property
    def is_locked(self) -> bool:
        """Whether the block of :meth:`locked` is running."""
        return self._depth > 0

    @property
    def jobs(self) -> Path:
        """Folder of what is about the work and not its results: who is at work, batch scripts and their output."""
        return self.path / "jobs"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of the folder while the block runs; blocks may be nested.

        The lock is the operating system's, so that a run that was killed leaves none behind. A second file says who
        holds it; it also tells where the file system has no locks, or keeps them on one machine.

        Raises:
            FolderInUseError: another run holds the lock.
            InputError: the folder cannot be made or written to.
            WriteError: the disk is full, or fails.
        """
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        with self._held(exclusive=True):
            if (holder := self._owner()) is not None and not _is_mine(holder) and is_at_work(holder, self._owner_file):
                raise self._in_use()
            stop = threading.Event()
            try:
                write_text(self._owner_file, json.dumps(this_process()))
            except OSError as error:
                raise self._cannot_write(error) from error
            threading.Thread(target=keep_fresh, args=(self._owner_file, stop), daemon=True).start()
            self._depth = 1
            try:
                yield
            finally:
                self._depth = 0
                stop.set()
                with suppress(OSError):
                    self._owner_file.unlink(missing_ok=True)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Keep out runs that want the folder for themselves while the block runs, but not others that share it.

        For processes to which different pieces were given.

        Raises:
            FolderInUseError: a run has the folder for itself.
            InputError: the folder cannot be made or written to.
            WriteError: the disk is full, or fails.
        """
        with self._held(exclusive=False):
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1

    @contextmanager
    def result_locked(self, patience: float = 600.0) -> Iterator[None]:
        """Be the only one that replaces the result file and the figures, also while others compute pieces.

        Args:
            patience: seconds to wait for another one that does.

        Raises:
            FolderInUseError: it took longer.
            InputError: the folder cannot be made or written to.
            WriteError: the disk is full, or fails.
        """
        if self._result_depth:
            yield
            return
        with self._held(exclusive=True, name=".lock-result", patience=patience):
            self._result_depth = 1
            try:
                yield
            finally:
                self._result_depth = 0

    @contextmanager
    def _held(self, *, exclusive: bool, name: str = ".lock", patience: float = 0.0) -> Iterator[None]:
        # Not at the top of the file: reading results needs no lock.
        import fcntl

        until = time.monotonic() + patience
        handle = -1
        try:
            self.refuse_links()
            self.pieces.mkdir(parents=True, exist_ok=True)
            handle = open_to_lock(self.path / name)
        except OSError as error:
            raise self._cannot_write(error) from error
        try:
            while True:
                try:
                    fcntl.flock(handle, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
                    break
                except OSError as error:
                    if error.errno in _NO_LOCKS:
                        break
                    if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                        raise self._cannot_write(error) from error
                    if time.monotonic() >= until:
                        raise self._in_use() from None
                    time.sleep(0.05)
            yield
        finally:
            # Closing lets go of the lock. The file stays: to remove it would let two others lock two files.
            os.close(handle)

    def refuse_links(self) -> None:
        """Refuse folders that lead elsewhere: what is written and removed here is to be in the results folder.

        Raises:
            InputError: there is one.
            OSError: a folder cannot be looked into.
        """
        for folder in (self.figures, self.pieces, self.jobs, *_links_in(self.pieces), *_links_in(self.jobs)):
            if os.path.islink(folder) and os.path.isdir(folder):
                raise InputError(
                    f"{folder}: leads to another folder, and runs write inside of the results folder only; remove the "
                    "link, or choose another folder with --out"
                )

    @property
    def _owner_file(self) -> Path:
        return self.path / ".lock-owner"

    def _owner(self) -> dict[str, Any] | None:
        """What the file says that tells who holds the folder; None if it says nothing of the kind."""
        return read_record(self._owner_file, host=str, pid=int, since=str)

    def _in_use(self) -> FolderInUseError:
        return FolderInUseError(
            f"{self.path}: another run is at work in this folder ({self._holder_text()}); "
            "wait until it ends, or choose another folder with --out"
        )

    def _holder_text(self) -> str:
        if (owner := self._owner()) is not None:
            return f"host {owner['host']}, process {owner['pid']}, since {owner['since']}"
        workers = Activity(self.jobs).workers()
        text = ", ".join(f"host {worker.host}, process {worker.pid}" for worker in workers[:3])
        return text + (f" and {len(workers) - 3} more" if len(workers) > 3 else "") or "which one is not known"

    def _cannot_write(self, error: OSError) -> LandscapeError:
        said = cannot_write(self.path, error)
        if not isinstance(said, InputError):
            return said
        if error.errno in _NO_FILE:
            return InputError(
                f"{error.filename2 or error.filename}: {error.strerror}; remove it, or choose another folder with --out"
            )
        return InputError(
            f"{self.path}: cannot write to this results folder ({error.strerror or error}); "
            "change its permissions, or choose another folder with --out"
        )


def _is_mine(owner: dict[str, Any]) -> bool:
    return bool(owner["host"] == socket.gethostname() and owner["pid"] == os.getpid())


def _links_in(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry) for entry in entries if entry.is_symlink()]
    except (FileNotFoundError, NotADirectoryError):
        return []
