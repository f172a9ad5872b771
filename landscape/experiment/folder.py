"""The results folder of an experiment: its paths, its lock, and files that are replaced in one step."""

from __future__ import annotations

import errno
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from landscape.errors import InputError, LandscapeError, cannot_write
from landscape.experiment.activity import BEAT, Activity, is_alive, this_process

#: How a file system says that it has no locks.
_NO_LOCKS = (errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK)


class FolderInUseError(LandscapeError):
    """Raised when another run is at work in the same results folder."""


class ResultsFolder:
    """Paths inside one results folder, and the right to write there.

    Attributes:
        path: the folder itself; it need not exist yet.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)
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
            owner = self.path / ".lock-owner"
            if holder := _living_owner(owner):
                raise self._in_use(holder)
            stop = threading.Event()
            try:
                write_atomically(owner, json.dumps(this_process()))
            except OSError as error:
                raise self._cannot_write(error) from error
            threading.Thread(target=_keep_fresh, args=(owner, stop), daemon=True).start()
            self._depth = 1
            try:
                yield
            finally:
                self._depth = 0
                stop.set()
                with suppress(OSError):
                    owner.unlink(missing_ok=True)

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
            self.pieces.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.path / name, os.O_RDWR | os.O_CREAT, 0o666)
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
                        raise self._in_use(_owner_text(self.path / ".lock-owner")) from None
                    time.sleep(0.05)
            yield
        finally:
            # Closing lets go of the lock. The file stays: to remove it would let two others lock two files.
            os.close(handle)

    def _in_use(self, holder: str) -> FolderInUseError:
        return FolderInUseError(
            f"{self.path}: another run is at work in this folder ({holder or self._workers_text()}); "
            "wait until it ends, or choose another folder with --out"
        )

    def _workers_text(self) -> str:
        workers = Activity(self.jobs).workers()
        text = ", ".join(f"host {worker.host}, process {worker.pid}" for worker in workers[:3])
        return text + (f" and {len(workers) - 3} more" if len(workers) > 3 else "") or "which one is not known"

    def _cannot_write(self, error: OSError) -> LandscapeError:
        said = cannot_write(self.path, error)
        if not isinstance(said, InputError):
            return said
        return InputError(
            f"{self.path}: cannot write to this results folder ({error.strerror or error}); "
            "change its permissions, or choose another folder with --out"
        )


def write_atomically(path: Path, text: str) -> None:
    """Write a text file so that readers see the old content or the new one and never a part.

    Raises:
        OSError: the file cannot be written; the old content is still there.
    """
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex[:12]}.partial")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _living_owner(owner: Path) -> str:
    """Who holds a folder by what its file says, if that is somebody else who lives; else empty."""
    try:
        known = json.loads(owner.read_text(encoding="utf-8"))
        mine = known["host"] == socket.gethostname() and known["pid"] == os.getpid()
        return "" if mine or not is_alive(known, owner) else _owner_text(owner)
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _owner_text(owner: Path) -> str:
    try:
        known = json.loads(owner.read_text(encoding="utf-8"))
        return f"host {known['host']}, process {known['pid']}, since {known['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _keep_fresh(path: Path, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        with suppress(OSError):
            os.utime(path)
