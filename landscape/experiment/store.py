"""The files of pieces: where they are, what they hold, and whether that is whole and still what it was made from.

All kinds have one format: root attributes that say which piece it is, where it comes from and what it was made from,
and the result, as the fields of its type lay it out; a part has bare arrays instead.

A file's name says which experiment it belongs to, not that the network that it was computed around is today's: a
trained network whose file was lost and computed anew, on a machine that rounds otherwise, need not be the same to the
last bit. So every file keeps a hash of the content of what it was made from (``made_from``). One that does not fit what
is there now is stale: it is computed again and put into no result.
"""

from __future__ import annotations

import enum
import functools
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from landscape.errors import ResultFileError
from landscape.experiment.piece import Piece, Skipped, Values
from landscape.h5.files import DamagedFileError, open_for_reading, replace_file
from landscape.h5.records import load_attributes, read_attributes, read_record, write_attributes, write_record
from landscape.hdf5 import member, read_array

FORMAT = "landscape-piece"
FORMAT_VERSION = 2

#: How arrays are stored that are worth it.
_PACKED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}

#: What every file says of itself; further what one says that holds no result.
_SAID = {"host": str, "data_hash": str}
_SAID_INSTEAD = {"reason": str, "order": int}

REMEDY = "it is left as it is: choose another --out or remove it"

#: What is said of a piece that was not made from what is there today.
STALE = "made from another network or census than is there now"


class State(enum.Enum):
    """What became of the file of a piece."""

    MISSING = "missing"
    DAMAGED = "damaged"
    STALE = STALE
    GOOD = "there"


class Store:
    """The files of pieces in one folder.

    Args:
        folder: the folder; made when something is written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, piece: Piece) -> Path:
        """Return where the file of a piece is, or will be."""
        return self.folder / piece.file_name

    def stamp(self, piece: Piece) -> tuple[int, ...]:
        """Return numbers of which one changes when the file of a piece is replaced or written to.

        Raises:
            DamagedFileError: there is no such file.
        """
        try:
            state = self.path(piece).stat()
        except OSError as error:
            raise DamagedFileError(f"{self.path(piece)}: cannot be read ({error.strerror})") from error
        return state.st_ino, state.st_size, state.st_mtime_ns

    # --- what is there ---

    def state(self, piece: Piece) -> State:
        """Return what became of the file of a piece. It is stale only by what is there: what is missing cannot be
        asked.

        Raises:
            ResultFileError: it is no file of this package, or that of another piece or format version, or cannot be
                read.
        """
        path = self.path(piece)
        if not os.path.lexists(path):
            return State.MISSING
        try:
            found = self.attributes(piece)
        except DamagedFileError:
            return State.DAMAGED
        except ResultFileError as error:
            raise ResultFileError(f"{error}; {REMEDY}") from error
        if any(self.state(source) is State.STALE for source in piece.made_from):
            return State.STALE
        now = self.made_from(piece)
        return State.GOOD if now is None or found.get("made_from") == now else State.STALE

    def is_good(self, piece: Piece) -> bool:
        """Whether the file of a piece is there, whole and made from what is there today; False for a foreign one
        too.
        """
        try:
            return self.state(piece) is State.GOOD
        except ResultFileError:
            return False

    def is_spared(self, piece: Piece) -> bool:
        """Whether a piece is a part of a task that is there as a whole, and good."""
        return piece.whole is not None and self.is_good(piece.whole)

    def attributes(self, piece: Piece) -> dict[str, Any]:
        """Return what the file of a piece says of itself.

        Raises:
            DamagedFileError: it is damaged, or there is none.
            ResultFileError: it is no file of this package, or that of another piece or format version.
        """
        path = self.path(piece)
        found = _attributes(path, self.stamp(piece))
        if found.get("piece") != piece.file_name:
            raise ResultFileError(f"{path}: belongs to another experiment or version (it is {found.get('piece')})")
        for name, kind in _SAID.items() if "reason" not in found else (_SAID | _SAID_INSTEAD).items():
            if not isinstance(found.get(name), kind):
                raise ResultFileError(
                    f"{path}: its attribute {name!r} is {found.get(name)!r}, not of type {kind.__name__}"
                )
        return found

    def skipped(self, piece: Piece) -> Skipped | None:
        """Return what takes the place of a result that could not be made; None if the result is there.

        Raises:
            DamagedFileError: the file is damaged, or there is none.
            ResultFileError: it is no file of this package, or that of another piece or format version.
        """
        found = self.attributes(piece)
        return _skipped(found) if "reason" in found else None

    def made_from(self, piece: Piece) -> str | None:
        """Return a hash of the content of what a piece is made from, as it is now; None if some is missing or
        damaged.
        """
        digest = hashlib.sha256()
        for source in piece.made_from:
            try:
                digest.update(_content_hash(self.path(source), self.stamp(source)).encode("ascii"))
            except DamagedFileError:
                return None
        return digest.hexdigest()[:16]

    # --- reading and writing ---

    def read(self, piece: Piece) -> Any:
        """Return what the file of a piece holds: a result, a :class:`Skipped`, or the :class:`Values` of a part.

        Raises:
            DamagedFileError: it is damaged, or there is none.
            ResultFileError: it is no file of this package, or that of another piece or format version.
        """
        attributes = self.attributes(piece)
        if "reason" in attributes:
            return _skipped(attributes)
        with open_for_reading(self.path(piece)) as file:
            content = file["content"]
            if piece.part is None:
                return read_record(content, piece.record)
            arrays = {name: read_array(member(content, name), "iufb") for name in content}
            return Values(arrays, read_attributes(content))

    def write(self, piece: Piece, content: Any, origin: Mapping[str, Any]) -> None:
        """Write the file of a piece; it appears when it is complete.

        Args:
            piece: the piece.
            content: as :meth:`read` returns it.
            origin: where it comes from: further root attributes.

        Raises:
            InputError: nothing may be written there.
            WriteError: the disk is full, or fails.
        """
        own: dict[str, Any] = {"format": FORMAT, "format_version": FORMAT_VERSION, "piece": piece.file_name}
        own["made_from"] = self.made_from(piece)
        with replace_file(self.path(piece)) as file:
            if isinstance(content, Skipped):
                own |= {"reason": content.reason, "order": content.order}
            elif piece.part is None:
                write_record(file.create_group("content"), content, piece.record)
            else:
                part = file.create_group("content")
                write_attributes(part, content.attributes)
                for name, values in content.arrays.items():
                    packed = _PACKED if values.nbytes > 4096 else {}
                    part.create_dataset(name, data=values, track_times=False, **packed)
            write_attributes(file, dict(origin) | own)

    def check(self, pieces: Iterable[Piece]) -> None:
        """Refuse to work with files that a run would have to replace or read, but cannot make out.

        A damaged one is no reason: it is computed again.

        Raises:
            ResultFileError: one is of another format, format version or piece, or cannot be read.
        """
        for piece in pieces:
            self.state(piece)


class Parts(Mapping[int, Any]):
    """What parts of a task hold, by number; read one at a time, when it is asked for.

    Args:
        store: where their files are.
        pieces: the parts.
    """

    def __init__(self, store: Store, pieces: Iterable[Piece]) -> None:
        self._store = store
        self._pieces = {piece.part or 0: piece for piece in pieces}

    def __getitem__(self, part: int) -> Any:
        """Read a part."""
        return self._store.read(self._pieces[part])

    def __iter__(self) -> Iterator[int]:
        """Go through the numbers of the parts."""
        return iter(self._pieces)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._pieces)

    def skips(self) -> list[Skipped]:
        """Return what some parts hold in place of what could not be computed."""
        found = [self._store.skipped(piece) for piece in self._pieces.values()]
        return [skip for skip in found if skip is not None]

    def attributes(self) -> list[dict[str, Any]]:
        """Return what the files of the parts say of themselves."""
        return [self._store.attributes(piece) for piece in self._pieces.values()]


def _skipped(attributes: Mapping[str, Any]) -> Skipped:
    return Skipped(attributes["reason"], attributes["order"])


# Asked for again and again; a file that is replaced or written to changes its stamp.
@functools.lru_cache(maxsize=4096)
def _attributes(path: Path, stamp: tuple[int, ...]) -> dict[str, Any]:
    return load_attributes(path, FORMAT, FORMAT_VERSION)


# Asked for by every piece of a model; a file that is replaced or written to changes its stamp.
@functools.lru_cache(maxsize=1024)
def _content_hash(path: Path, stamp: tuple[int, ...]) -> str:
    """Hash of the result in a file: of what does not change when the same is computed again."""
    digest = hashlib.sha256()

    def visit(name: str, item: Any) -> None:
        digest.update(name.encode())
        if isinstance(item, h5py.Dataset):
            values = np.asarray(item[()])
            digest.update(f"{values.dtype.str} {values.shape}".encode())
            digest.update(repr(values.tolist()).encode() if values.dtype.hasobject else values.tobytes())

    with open_for_reading(path) as file:
        digest.update(str(file.attrs.get("reason")).encode())
        file.visititems(visit)
    return digest.hexdigest()
