"""Slices and censuses that are cut into shards, computed from the first shard to what is put together from all."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from landscape.config import ModelConfig, SliceConfig
from landscape.experiment.piece import Piece

if TYPE_CHECKING:
    from landscape.experiment.stages import Experiment


def finish_in_shards(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Compute what is missing of the shards of a slice or a census, and put it together.

    Args:
        experiment: the experiment.
        piece: the piece of the whole slice or census.
        model: its model.
        entry: the slice.

    Raises:
        KeyboardInterrupt: the shard under way was abandoned.
    """
    from landscape.experiment.work import duration_text

    made, shards = experiment.plan.parts_of(piece)
    experiment.finish(made)
    if experiment.shared_directions(made.file_name).directions is None:
        join(experiment, piece, model, entry)
        return
    start = time.perf_counter()
    sizes = [_size(experiment, shard, entry) for shard in shards]
    what = (f"census of {entry.name}", "samples") if piece.kind == "census" else (entry.name, "points")
    experiment.progress.begin(f"{model.name}: {what[0]}", sum(sizes), what[1])
    experiment.parts_done = 0
    for shard, size in zip(shards, sizes, strict=True):
        experiment.finish(shard)
        experiment.parts_done += size
        experiment.progress.advance(experiment.parts_done)
    with experiment.activity.at(piece.file_name):
        join(experiment, piece, model, entry)
    if piece.kind == "sweep":
        shape = " x ".join(str(n) for n in entry.shape)
        seconds = duration_text(time.perf_counter() - start)
        said = f"{model.name}: slice {entry.name}, {shape} points in {len(shards)} shards, {seconds}"
        experiment.progress.end(said)


def join(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Put a slice or a census together from its shards, all of which are there, and write its piece."""
    if piece.kind == "census":
        from landscape.experiment.census_shards import join_census

        join_census(experiment, piece, model, entry)
    else:
        from landscape.experiment.work import join_slice

        join_slice(experiment, piece, model, entry)


def _size(experiment: Experiment, shard: Piece, entry: SliceConfig) -> int:
    """Points of a shard of a slice, samples of one of a census."""
    if shard.block is not None:
        return shard.block.n_points
    from landscape.experiment.census import census_samples
    from landscape.experiment.census_shards import samples_of_shard
    from landscape.experiment.work import samples_of

    data, _ = census_samples(experiment, entry, samples_of(experiment, entry))
    return len(samples_of_shard(shard, len(data)))
