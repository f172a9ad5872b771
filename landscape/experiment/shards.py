"""A slice in shards: blocks of its points, one file each, and the directions that they share.

Which points belong together depends on the experiment alone (:func:`blocks_of`). The directions of a slice that is cut
up are made once and kept in a file of their own, so that all shards lie on the same plane to the last bit, wherever
they are computed. A shard holds the bare values at its points and says which piece it is and which network and
directions it was swept around; one that says otherwise, or does not fit its checksum, is never put into a result.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.errors import ResultFileError

if TYPE_CHECKING:
    from landscape.network import Network
    from landscape.slices.directions import Directions
    from landscape.slices.surface import Surface

SHARD_FORMAT = "landscape-shard"
CENSUS_SHARD_FORMAT = "landscape-census-shard"
DIRECTIONS_FORMAT = "landscape-directions"
FORMAT_VERSION = 1

#: Format of what is no result file, by the kind of the piece.
FORMATS = {
    "shard": SHARD_FORMAT,
    "directions": DIRECTIONS_FORMAT,
    "census-shard": CENSUS_SHARD_FORMAT,
    "census-directions": DIRECTIONS_FORMAT,
}

_VALUES = ("loss", "accuracy", "directional_derivative", "spike_count", "silent")
_OPTIONAL = ("gradient_norm", "sample_loss", "gradient")
_IDENTITY = ("format", "format_version", "piece", "around", "made_from", "host")
_ROOT = re.compile(
    r"format|format_version|piece|around|made_from|seconds|threads|config|data_hash|host|created|git_commit"
)
_ROOT_PREFIX = re.compile(r"(version|seed)_?.*")


@dataclass(frozen=True)
class Block:
    """A rectangle of points of a slice: along each axis from ``first`` up to, but not including, ``last``."""

    first: tuple[int, ...]
    last: tuple[int, ...]

    @property
    def shape(self) -> tuple[int, ...]:
        """Points along each axis."""
        return tuple(b - a for a, b in zip(self.first, self.last, strict=True))

    @property
    def n_points(self) -> int:
        """Number of points."""
        return math.prod(b - a for a, b in zip(self.first, self.last, strict=True))

    @property
    def index(self) -> tuple[slice, ...]:
        """What selects the block's points from an array over the slice."""
        return tuple(slice(a, b) for a, b in zip(self.first, self.last, strict=True))


def blocks_of(shape: tuple[int, ...], most: int) -> list[Block]:
    """Return the points of a slice in blocks of at most ``most`` points (at least one) and nearly equal size.

    Whole rows are kept together where a block can hold one.
    """
    most = max(1, most)
    if len(shape) == 1:
        return [Block((a,), (b,)) for a, b in _even_parts(shape[0], most)]
    rows, columns = shape
    if most >= columns:
        return [Block((a, 0), (b, columns)) for a, b in _even_parts(rows, most // columns)]
    parts = _even_parts(columns, most)
    return [Block((row, a), (row + 1, b)) for row in range(rows) for a, b in parts]


def _even_parts(n: int, most: int) -> list[tuple[int, int]]:
    count = -(-n // most)
    ends = [n * number // count for number in range(count + 1)]
    return list(itertools.pairwise(ends))


@dataclass(frozen=True)
class SharedDirections:
    """What the shards of a slice have in common.

    Attributes:
        directions: the directions; None where they cannot be made.
        reason: why they cannot be made; empty where they can.
        around: hash of the network at the centre and of the directions.
    """

    directions: Directions | None
    reason: str
    around: str


@dataclass(frozen=True)
class Shard:
    """The values at the points of a block, by the names of :class:`landscape.Surface`."""

    values: Mapping[str, NDArray[Any]]
    attributes: Mapping[str, Any]


def around_hash(centre: Network, directions: Directions | None) -> str:
    """Return a hash of what the points of a slice are made from: the network at its centre and its directions."""
    digest = hashlib.sha256(centre.parameters.tobytes())
    if directions is not None:
        digest.update(np.ascontiguousarray(directions.vectors).tobytes())
    return digest.hexdigest()[:16]


def write_directions_piece(path: Path, shared: SharedDirections, attributes: Mapping[str, Any]) -> None:
    """Write the directions of a slice.

    Raises:
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.h5.records import save_records
    from landscape.slices.directions_record import DirectionsRecord

    own = {"format": DIRECTIONS_FORMAT, "format_version": FORMAT_VERSION}
    own |= {"around": shared.around, "reason": shared.reason}
    records = {} if shared.directions is None else {"directions": DirectionsRecord.of(shared.directions)}
    save_records(path, records, dict(attributes) | own)


def read_directions_piece(path: Path, name: str) -> SharedDirections:
    """Read what :func:`write_directions_piece` wrote as the piece ``name``.

    Raises:
        DamagedFileError: it is damaged, or there is none.
        ResultFileError: it is another piece, or of another format version.
    """
    from landscape.h5.files import open_for_reading
    from landscape.h5.records import read_attributes, read_record
    from landscape.slices.directions_record import DirectionsRecord

    require_seal(path)
    with open_for_reading(path) as file:
        attributes = read_attributes(file)
        check_origin(path, attributes, DIRECTIONS_FORMAT, name)
        reason = str(attributes["reason"])
        directions: Any = None if reason else read_record(file["directions"], DirectionsRecord)
        return SharedDirections(directions, reason, str(attributes["around"]))


def write_shard(path: Path, surface: Surface, attributes: Mapping[str, Any]) -> None:
    """Write the values of a surface, without its axes and directions.

    Raises:
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.h5.files import replace_file
    from landscape.h5.records import write_attributes

    own = {"format": SHARD_FORMAT, "format_version": FORMAT_VERSION, "hidden_sizes": list(surface.hidden_sizes)}
    with replace_file(path) as file:
        write_attributes(file, surface.attributes | dict(attributes) | own)
        for name in ("status", *_VALUES, *_OPTIONAL):
            values = getattr(surface, name)
            if values is not None:
                packing = (
                    {"compression": "gzip", "compression_opts": 4, "shuffle": True} if values.nbytes > 4096 else {}
                )
                stored = values.astype(np.uint8) if values.dtype == np.bool_ else values
                file.create_dataset(name, data=stored, track_times=False, **packing)


def read_shard(path: Path, name: str, *, identity_only: bool = False) -> Shard:
    """Read what :func:`write_shard` wrote as the piece ``name``.

    Args:
        path: the file.
        name: file name of the piece that it must be.
        identity_only: of its attributes, read only those that tell what it belongs to; where there are very many
            shards, these are what takes the time.

    Raises:
        DamagedFileError: it is damaged, or there is none.
        ResultFileError: it is another piece, or of another format version.
    """
    from landscape.h5.files import open_for_reading
    from landscape.h5.records import read_attribute, read_attributes

    require_seal(path)
    with open_for_reading(path) as file:
        attributes = {key: read_attribute(file, key) for key in _IDENTITY} if identity_only else read_attributes(file)
        check_origin(path, attributes, SHARD_FORMAT, name)
        return Shard({key: np.asarray(item[()]) for key, item in file.items()}, attributes)


def read_identity(path: Path, format_name: str, name: str) -> dict[str, Any]:
    """Return what a shard, or a piece with directions, says that it belongs to, and where it was made.

    Args:
        path: the file.
        format_name: the format that it must be of, one of ``FORMATS``.
        name: file name of the piece that it must be.

    Raises:
        DamagedFileError: it is damaged, or there is none.
        ResultFileError: it is another piece, or of another format or format version.
    """
    from landscape.h5.files import open_for_reading
    from landscape.h5.records import read_attribute

    require_seal(path)
    with open_for_reading(path) as file:
        attributes = {key: read_attribute(file, key) for key in _IDENTITY}
    check_origin(path, attributes, format_name, name)
    return attributes


def require_seal(path: Path) -> None:
    """Raise DamagedFileError unless a piece is there and ends with a checksum that fits."""
    from landscape.h5.sealing import is_sealed
    from landscape.results import DamagedFileError

    try:
        fine = is_sealed(path)
    except OSError as error:
        raise DamagedFileError(f"{path}: cannot be read ({error.strerror})") from error
    if not fine:
        raise DamagedFileError(f"{path}: damaged or truncated file (its checksum does not fit)")


def join(
    axes: list[NDArray[np.float64]], directions: Directions, parts: Iterable[tuple[Block, Shard]]
) -> Surface | None:
    """Return the surface that shards are parts of; points without a shard are pending.

    Args:
        axes: coordinates of the whole slice.
        directions: its directions.
        parts: the shards that there are, with their blocks.

    Returns:
        None if there are no shards.

    Raises:
        ResultFileError: two shards do not belong together.
    """
    from landscape.slices.surface import Surface

    surface: Surface | None = None
    for block, shard in parts:
        values = shard.values
        if surface is None:
            surface = Surface.pending(
                axes,
                directions,
                [int(size) for size in shard.attributes["hidden_sizes"]],
                values["spike_count"].shape[-1],
                gradient_norm="gradient_norm" in values,
                n_samples=values["sample_loss"].shape[-1] if "sample_loss" in values else None,
                n_parameters=values["gradient"].shape[-1] if "gradient" in values else None,
                attributes={key: value for key, value in shard.attributes.items() if not _is_of_root(key)},
            )
        for name in (*_VALUES, *_OPTIONAL, "status"):
            whole = getattr(surface, name)
            if (whole is None) != (name not in values) or (
                whole is not None and whole[block.index].shape != values[name].shape
            ):
                raise ResultFileError(f"shards of one slice differ in {name!r}; remove its folder of shards")
            if whole is not None:
                whole[block.index] = values[name]
    return surface


def _is_of_root(name: str) -> bool:
    """Whether an attribute of a shard is about the file and not about the slice."""
    return name == "hidden_sizes" or bool(_ROOT.fullmatch(name) or _ROOT_PREFIX.fullmatch(name))


def check_origin(path: Path, found: Mapping[str, Any], format_name: str, name: str) -> None:
    """Refuse a file that is not the piece it should be.

    Args:
        path: the file.
        found: its root attributes.
        format_name: the format that it must be of.
        name: file name of the piece that it must be.

    Raises:
        ResultFileError: it is another piece, or of another format or format version.
    """
    if found.get("format") != format_name:
        raise ResultFileError(f"{path}: is of the format {found.get('format')!r}, not {format_name!r}")
    if found.get("format_version") != FORMAT_VERSION:
        raise ResultFileError(
            f"{path}: is of format version {found.get('format_version')}, but this release reads {FORMAT_VERSION}"
        )
    if found.get("piece") != name:
        raise ResultFileError(
            f"{path}: belongs to another experiment or version (it is the piece {found.get('piece')})"
        )
