"""What a piece was made from, and whether that is still what is there.

A piece's name says which experiment it belongs to, not that the network it was computed around is today's: a trained
network whose file was lost and computed anew, on a machine that rounds otherwise, need not be the same to the last bit.
So every piece keeps a hash of the content of the pieces it was made from (``made_from``; a shard one of its network and
directions, ``around``). One that does not fit what is there now is computed again and put into no result.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.experiment.assembly import root_attributes
from landscape.experiment.piece import Piece
from landscape.experiment.shards import FORMATS, read_identity

if TYPE_CHECKING:
    from landscape.experiment.stages import Experiment

#: What is said of a piece that was not made from what is there today.
STALE = "made from another network or census than is there now"


def made_from(experiment: Experiment, piece: Piece) -> str | None:
    """Return a hash of the content of what a piece is made from, as it is there now; None if some of it is missing.

    Raises:
        DamagedFileError: some of it is damaged.
    """
    digest = hashlib.sha256()
    for name in piece.sources:
        path = experiment.folder.pieces / name
        if not path.is_file():
            return None
        digest.update(content_hash(path).encode("ascii"))
    return digest.hexdigest()[:16]


def piece_attributes(experiment: Experiment, piece: Piece, data_hash: str | None = None) -> dict[str, Any]:
    """Return where a piece comes from, for the root of its file.

    Args:
        experiment: the experiment.
        piece: the piece.
        data_hash: hash of the samples, where they are not loaded.
    """
    attributes = root_attributes(experiment, data_hash or experiment.data_hash)
    source = made_from(experiment, piece) if piece.sources else None
    return attributes if source is None else attributes | {"made_from": source}


def is_current(experiment: Experiment, piece: Piece) -> bool:
    """Whether a finished piece was made from what is there today; True where that is missing and cannot be asked.

    Raises:
        ResultFileError: the piece, or what it was made from, is damaged or of another experiment.
    """
    path = experiment.piece_path(piece)
    if piece.is_shard:
        (made,) = piece.needs
        found = read_identity(path, FORMATS[piece.kind], piece.file_name)
        return bool(found["around"] == experiment.shared_directions(made).around)
    if not piece.sources:
        return True
    now = made_from(experiment, piece)
    return now is None or _attribute(path, "made_from") == now


def content_hash(path: Path) -> str:
    """Return a hash of all datasets in a file; of what does not change when the same is computed again.

    Raises:
        DamagedFileError: the file is damaged, or there is none.
    """
    state = path.stat()
    return _content_hash(path, state.st_ino, state.st_size, state.st_mtime_ns)


# Asked for by every piece of a model; a file that is replaced or written to changes a number.
@functools.lru_cache(maxsize=1024)
def _content_hash(path: Path, inode: int, size: int, changed: int) -> str:
    import h5py

    from landscape.h5.files import open_for_reading

    digest = hashlib.sha256()

    def visit(name: str, item: Any) -> None:
        digest.update(name.encode())
        if isinstance(item, h5py.Dataset):
            values = np.asarray(item[()])
            digest.update(f"{values.dtype.str} {values.shape}".encode())
            digest.update(repr(values.tolist()).encode() if values.dtype.hasobject else values.tobytes())

    with open_for_reading(path) as file:
        file.visititems(visit)
    return digest.hexdigest()


def _attribute(path: Path, name: str) -> Any:
    from landscape.h5.files import open_for_reading
    from landscape.h5.records import read_attribute

    with open_for_reading(path) as file:
        return read_attribute(file, name)
