"""A census in shards: some of its samples in each, and the direction that they share.

The census of a sample does not depend on the others. Shard ``k`` of ``n`` holds every ``n``-th sample from number ``k``
on, so that all take about as long however the samples are sorted. Put together they are what a census that was not cut
up has in hand when its last sample is done, and from there on the work is the same.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landscape.config import ModelConfig, SliceConfig
from landscape.errors import ResultFileError
from landscape.experiment.assembly import StaleShardError
from landscape.experiment.census import census_samples, say_taken, write_census, write_skipped
from landscape.experiment.geometry import line_of
from landscape.experiment.lineage import piece_attributes
from landscape.experiment.piece import Piece
from landscape.experiment.sample_censuses import CensusShard, read_census_shard, write_census_shard
from landscape.experiment.shards import around_hash
from landscape.experiment.work import surroundings
from landscape.parallel import thread_count

if TYPE_CHECKING:
    from landscape.experiment.stages import Experiment
    from landscape.fragmentation.census.sample import SampleCensus


@dataclass(frozen=True)
class Gathered:
    """What the shards of a census hold.

    Attributes:
        finished: the censuses of samples, by number.
        unfit: the first sample that cannot be simulated on the whole line; None if there is none.
        hosts: the machines that the shards were made on.
    """

    finished: dict[int, SampleCensus]
    unfit: int | None
    hosts: str


def take_census_shard(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Take the census of the samples of a shard and write its piece; nothing to do if the slice cannot be made.

    Raises:
        KeyboardInterrupt: it was interrupted; nothing of this shard is kept.
    """
    from landscape.fragmentation.census.samples import UnfitSampleError, censuses_of_samples

    (made,) = piece.needs
    shared = experiment.shared_directions(made)
    if shared.directions is None:
        return
    around = surroundings(experiment, model, entry)
    if around_hash(around.centre, shared.directions) != shared.around:
        raise ResultFileError(f"{made}: was made around another network; remove it")
    data, _ = census_samples(experiment, entry, around.data)
    start = time.perf_counter()
    already = experiment.parts_done
    finished: dict[int, SampleCensus] = {}
    unfit = None
    try:
        finished = censuses_of_samples(
            around.centre,
            shared.directions,
            line_of(entry),
            data,
            around.objective,
            samples_of_shard(piece, len(data)),
            threads=experiment.threads,
            progress=lambda done, total: experiment.progress.advance(already + done),
        )
    except UnfitSampleError as error:
        unfit = error.sample
    attributes = piece_attributes(experiment, piece) | {
        "piece": piece.file_name,
        "around": shared.around,
        "seconds": time.perf_counter() - start,
        "threads": thread_count(experiment.threads),
    }
    write_census_shard(experiment.piece_path(piece), CensusShard(finished, unfit, attributes))


def samples_of_shard(piece: Piece, n_samples: int) -> range:
    """Return the numbers of the samples of a shard of a census of ``n_samples``; of small data it may have none."""
    return range(piece.number, n_samples, piece.count)


def join_census(
    experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig, gathered: Gathered | None = None
) -> None:
    """Put a census together from its shards and write its piece.

    Args:
        experiment: the experiment.
        piece: the piece of the whole census.
        model: its model.
        entry: the slice.
        gathered: what the shards hold, if they were read already.

    Raises:
        DamagedFileError: a shard is damaged or missing.
        ResultFileError: a shard belongs to another experiment, or was made around another network.
        KeyboardInterrupt: it was interrupted; nothing is written.
    """
    from landscape.fragmentation.census.samples import UnfitSampleError

    shared = experiment.shared_directions(experiment.plan.census_directions(model, entry).file_name)
    if shared.directions is None:
        # The sweep of the slice has said it.
        write_skipped(experiment, piece, shared.reason)
        return
    start = time.perf_counter()
    if gathered is None:
        gathered = gather_census(experiment, model, entry)
    assert gathered is not None
    if gathered.unfit is not None:
        reason = str(UnfitSampleError(gathered.unfit))
        write_skipped(experiment, piece, reason)
        say_taken(experiment, piece, reason, 0.0)
        return
    around = surroundings(experiment, model, entry)
    attributes = {"hosts": gathered.hosts}
    found = write_census(experiment, piece, around, shared.directions, gathered.finished, attributes)
    say_taken(experiment, piece, found, time.perf_counter() - start)


def gather_census(
    experiment: Experiment, model: ModelConfig, entry: SliceConfig, problems: dict[str, str] | None = None
) -> Gathered | None:
    """Return what the shards of a census hold.

    Args:
        experiment: the experiment.
        model: the model.
        entry: a slice whose census is cut into shards and whose direction is made.
        problems: if given, what is wrong with shards that are there is put in here, by file name. If not, all must be
            there.

    Returns:
        None if a shard is missing, damaged or stale.

    Raises:
        DamagedFileError: a shard is damaged or missing.
        StaleShardError: a shard was made around another network or along another direction.
        ResultFileError: a shard belongs to another experiment or version.
    """
    shards = experiment.plan.census_shards(model, entry)
    found = list(_shards(experiment, shards, problems))
    if len(found) < len(shards):
        return None
    finished = {sample: census for shard in found for sample, census in shard.finished.items()}
    unfit = min((shard.unfit for shard in found if shard.unfit is not None), default=None)
    hosts = ", ".join(sorted({str(shard.attributes.get("host")) for shard in found}))
    return Gathered(finished, unfit, hosts)


def _shards(experiment: Experiment, shards: list[Piece], problems: dict[str, str] | None) -> Iterator[CensusShard]:
    from landscape.results import DamagedFileError

    for piece in shards:
        path = experiment.piece_path(piece)
        if problems is not None and not path.exists():
            continue
        try:
            shard = read_census_shard(path, piece.file_name)
            if shard.attributes.get("around") != experiment.shared_directions(piece.needs[0]).around:
                raise StaleShardError(f"{path}: was made around another network or along another direction")
        except (DamagedFileError, StaleShardError) as error:
            if problems is None:
                raise
            problems[piece.file_name] = str(error)
            continue
        yield shard
