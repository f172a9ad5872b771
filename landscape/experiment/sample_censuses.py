"""Censuses of single samples in files: what an interrupted census had finished, and the shards of one cut up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.errors import InputError
from landscape.experiment.shards import CENSUS_SHARD_FORMAT, FORMAT_VERSION, check_origin, require_seal

if TYPE_CHECKING:
    import h5py

    from landscape.fragmentation.census.sample import SampleCensus

_PARTIAL_FORMAT = "landscape-partial-census"


@dataclass(frozen=True)
class CensusShard:
    """The censuses of some samples.

    Attributes:
        finished: by the number of the sample.
        unfit: number of the first sample that cannot be simulated on the whole line; those after it are missing. None
            if there is no such sample.
        attributes: where they come from.
    """

    finished: Mapping[int, SampleCensus]
    unfit: int | None
    attributes: Mapping[str, Any]


def write_census_shard(path: Path, shard: CensusShard) -> None:
    """Write a shard of a census.

    Raises:
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.h5.files import replace_file
    from landscape.h5.records import write_attributes

    own = {"format": CENSUS_SHARD_FORMAT, "format_version": FORMAT_VERSION}
    own |= {"unfit": -1 if shard.unfit is None else shard.unfit}
    with replace_file(path) as file:
        write_attributes(file, dict(shard.attributes) | own)
        _write_samples(file, shard.finished)


def read_census_shard(path: Path, name: str) -> CensusShard:
    """Read what :func:`write_census_shard` wrote as the piece ``name``.

    Raises:
        DamagedFileError: it is damaged, or there is none.
        ResultFileError: it is another piece, or of another format version.
    """
    from landscape.h5.files import open_for_reading
    from landscape.h5.records import read_attributes

    require_seal(path)
    with open_for_reading(path) as file:
        attributes = read_attributes(file)
        check_origin(path, attributes, CENSUS_SHARD_FORMAT, name)
        unfit = int(attributes["unfit"])
        return CensusShard(_read_samples(file), None if unfit < 0 else unfit, attributes)


def write_partial_census(path: Path, finished: Mapping[int, SampleCensus], origin: str) -> None:
    """Write what an interrupted census had finished.

    Args:
        path: the file.
        finished: by sample, as :class:`landscape.fragmentation.census.CensusInterrupted` carries it.
        origin: what the census depends on.

    Raises:
        InputError: nothing may be written there.
        WriteError: the disk is full, or fails.
    """
    from landscape.h5.files import replace_file

    if not finished:
        return
    with replace_file(path) as file:
        file.attrs["format"] = _PARTIAL_FORMAT
        file.attrs["origin"] = origin
        _write_samples(file, finished)


def read_partial_census(path: Path, origin: str) -> dict[int, SampleCensus] | None:
    """Return what an interrupted census of the same line and samples had finished, or None if there is none.

    It only saves time: one that is damaged or of another line must not keep the census from starting again.
    """
    if not path.is_file():
        return None
    from landscape.h5.files import open_for_reading

    try:
        with open_for_reading(path) as file:
            if (file.attrs["format"], file.attrs["origin"]) != (_PARTIAL_FORMAT, origin):
                return None
            return _read_samples(file)
    except (InputError, OSError, LookupError, ValueError, TypeError, AttributeError):
        return None


def _write_samples(file: h5py.File, finished: Mapping[int, SampleCensus]) -> None:
    """Write each field of all samples one after another, and where the part of each sample ends."""
    order = sorted(finished)
    file["sample"] = np.array(order, np.int64)
    for name in type(finished[order[0]])._fields if order else ():
        parts = [np.asarray(getattr(finished[sample], name)) for sample in order]
        rows = [part if part.ndim else part[None] for part in parts]
        group = file.create_group(name)
        group["ends"] = np.cumsum([len(part) for part in rows])
        group["values"] = np.concatenate(rows).astype(np.uint8 if rows[0].dtype == np.bool_ else rows[0].dtype)


def _read_samples(file: h5py.File) -> dict[int, SampleCensus]:
    """Read what :func:`_write_samples` wrote.

    Raises:
        LookupError, ValueError: it is not laid out so.
    """
    from landscape.fragmentation.census.sample import SampleCensus

    numbers = [int(number) for number in file["sample"][()]]
    if not numbers:
        return {}
    columns = {name: np.split(file[name]["values"][()], file[name]["ends"][()])[:-1] for name in SampleCensus._fields}
    if any(len(parts) != len(numbers) for parts in columns.values()):
        raise ValueError("a column is of other samples")
    found = {}
    for place, number in enumerate(numbers):
        # Contiguous copies, as a kernel gives them.
        fields: dict[str, Any] = {name: np.array(parts[place]) for name, parts in columns.items()}
        for name in ("active_first", "jumps", "settled"):
            fields[name] = fields[name].astype(np.bool_)
        found[number] = SampleCensus(**fields | {"fine": bool(fields["fine"][0])})
    return found
