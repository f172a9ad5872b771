"""The results folder of an experiment: its paths, its lock, and files that are replaced in one step."""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from landscape.errors import InputError, LandscapeError


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

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other runs out of the folder while the block runs; blocks may be nested.

        The lock is the operating system's, so that a run that was killed leaves none behind; a second file
        says who holds it.

        Raises:
            FolderInUseError: another run holds the lock.
            InputError: the folder cannot be made or written to.
        """
        if self._depth:
            self._depth += 1
            try:
                yield
            finally:
                self._depth -= 1
            return
        # Not at the top of the file: reading results needs no lock.
        import filelock

        lock = filelock.FileLock(self.path / ".lock", timeout=0)
        owner = self.path / ".lock-owner"
        try:
            self.pieces.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            write_atomically(owner, json.dumps(_this_process()))
        except filelock.Timeout:
            raise FolderInUseError(
                f"{self.path}: another run is at work in this folder ({_owner_text(owner)}); "
                "wait until it ends, or choose another folder with --out"
            ) from None
        except OSError as error:
            lock.release()
            raise InputError(
                f"{self.path}: cannot write to this results folder ({error.strerror or error}); "
                "change its permissions, or choose another folder with --out"
            ) from error
        self._depth = 1
        try:
            yield
        finally:
            self._depth = 0
            with suppress(OSError):
                owner.unlink(missing_ok=True)
            lock.release()


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


def _this_process() -> dict[str, str | int]:
    return {"host": socket.gethostname(), "pid": os.getpid(), "since": time.strftime("%Y-%m-%d %H:%M:%S")}


def _owner_text(owner: Path) -> str:
    try:
        known = json.loads(owner.read_text(encoding="utf-8"))
        return f"host {known['host']}, process {known['pid']}, since {known['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        return "which one is not known"
