"""What an experiment consists of: pieces with names that say exactly what they depend on.

A piece is one file: a trained network, a swept slice, the discontinuities on a slice, the spikes of an example sample,
the measures of one line of the comparison.
Its id is a hash of those parts of the experiment that its content depends on, of the content of the data files, and of
the release of this package: what another release computed may differ. So a piece
whose file is there is done, a changed key makes new pieces of exactly those that depend on it, and pieces can
be computed in any order and anywhere as long as those they need are there.

A slice or a census whose estimated cost exceeds ``jobs.shard_cost`` is cut into shards
(:mod:`landscape.experiment.shards`, :mod:`landscape.experiment.census_shards`): a piece with its directions, one per
shard, and the slice or census itself, which is then put together from them.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from landscape import __version__
from landscape.config import ComparisonConfig, Config, ModelConfig, SliceConfig
from landscape.experiment import cost
from landscape.experiment.inputs import data_part, direction_part
from landscape.experiment.piece import Piece
from landscape.experiment.shards import blocks_of
from landscape.neurons import MODELS
from landscape.readouts import READOUTS
from landscape.training.optimizers import OPTIMIZERS

#: To be raised when pieces of the same config come out differently, so that older ones are not taken for
#: them.
PIECE_VERSION = 3


#: To be raised when more is measured of a census, so that what older versions measured is measured again.
_MEASURES_VERSION = 2

#: Exact lines along each axis of the census of a plane, where the experiment does not say.
CENSUS_LINES = 9

#: Keys of a slice that only its census depends on.
_OF_CENSUS = ("census", "census_samples", "census_points")

Method = TypeVar("Method", bound=Callable[..., Any])


def _once(method: Method) -> Method:
    """Have a method of a plan do its work once for each model and slice; what it returns is not to be changed."""

    @functools.wraps(method)
    def kept(plan: Plan, *of: ModelConfig | SliceConfig) -> Any:
        key = (method.__name__, *(entry.name for entry in of))
        if key not in plan._kept:
            plan._kept[key] = method(plan, *of)
        return plan._kept[key]

    return cast(Method, kept)


class Plan:
    """The pieces of an experiment.

    Args:
        config: the experiment.

    Raises:
        ConfigError: a data file of the experiment is missing.
        DirectionError: a file with directions is missing.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        versions = {"version": PIECE_VERSION, "release": __version__}
        self.data_id = _hash({"data": data_part(config), "seed": config.seed} | versions)
        self._kept: dict[tuple[str, ...], Any] = {}

    @_once
    def train(self, model: ModelConfig) -> Piece:
        """Return the piece with the trained network of a model."""
        config = self.config
        part = {
            "data": self.data_id,
            "trial": config.trial.model_dump(),
            "objective": config.objective_of(model).model_dump(),
            "training": config.training_of(model).model_dump(),
            "model": model.model_dump(include={"neuron", "hidden", "initialization", *model.constants}),
            "seed": config.seed_of(model),
        }
        # Code from outside the package has no release: it is told by its source.
        used = (
            MODELS[model.neuron],
            READOUTS[config.objective_of(model).kind],
            OPTIMIZERS[config.training_of(model).optimizer],
        )
        if any(outside := [thing.source_hash for thing in used]):
            part["outside"] = outside
        return Piece("train", model.name, "", _hash(part), cost=cost.of_training(config, model))

    def sweep(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with one slice around a model; it needs its shards where it has some."""
        shards = self.shards(model, entry)
        whole = self._whole_sweep(model, entry)
        if not shards:
            return whole
        return _joined(whole, self.directions(model, entry), shards, cost.of_joining(len(shards)))

    def directions(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the directions that the shards of a slice share."""
        whole = self._whole_sweep(model, entry)
        return dataclasses.replace(
            whole, kind="directions", part_of=whole.file_name, cost=cost.of_directions(self.config, model, entry)
        )

    @_once
    def shards(self, model: ModelConfig, entry: SliceConfig) -> list[Piece]:
        """Return the shards of a slice; empty if it is swept as a whole."""
        per_point = cost.of_point(self.config, model, entry)
        jobs = self.config.jobs
        n_points = math.prod(entry.shape)
        if per_point * n_points <= jobs.shard_cost:
            return []
        most = max(int(jobs.shard_cost / per_point), -(-n_points // jobs.max_shards), 1)
        blocks = blocks_of(entry.shape, most)
        # Whole rows to a shard may make a few more.
        while len(blocks) > jobs.max_shards:
            most += entry.shape[-1]
            blocks = blocks_of(entry.shape, most)
        if len(blocks) == 1:
            return []
        whole = self._whole_sweep(model, entry)
        needs = (self.directions(model, entry).file_name,)
        identity = _hash({"sweep": whole.id, "shards": len(blocks)})
        return [
            Piece(
                "shard",
                model.name,
                entry.name,
                identity,
                needs,
                number,
                block,
                part_of=whole.file_name,
                cost=cost.SECONDS_PER_PIECE + per_point * block.n_points,
            )
            for number, block in enumerate(blocks)
        ]

    @_once
    def _whole_sweep(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        trained = self.train(model)
        part = {
            "network": trained.id,
            "slice": entry.model_dump(exclude={"name", "directions", "seeds", *_OF_CENSUS}),
            "directions": [direction_part(self.config, entry, number) for number in range(len(entry.directions))],
            "seed": self.config.seed_of(entry),
        }
        seconds = cost.SECONDS_PER_PIECE + cost.of_point(self.config, model, entry) * math.prod(entry.shape)
        return Piece("sweep", model.name, entry.name, _hash(part), (trained.file_name,), cost=seconds)

    def census(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the discontinuities on a slice around a model; it needs its shards where it has some.

        It does not depend on the points of the slice, and so not on its sweep.
        """
        whole = self._whole_census(model, entry)
        shards = self.census_shards(model, entry)
        if not shards:
            return whole
        seconds = cost.of_joining(len(shards)) + cost.of_confirming(self.config, model, entry)
        return _joined(whole, self.census_directions(model, entry), shards, seconds)

    def census_directions(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the direction that the shards of a census share."""
        whole = self._whole_census(model, entry)
        seconds = cost.of_directions(self.config, model, entry)
        return dataclasses.replace(whole, kind="census-directions", part_of=whole.file_name, cost=seconds)

    @_once
    def census_shards(self, model: ModelConfig, entry: SliceConfig) -> list[Piece]:
        """Return the shards of a census; empty if it is taken as a whole.

        How many there are depends on the experiment alone, how many samples each holds on the data.
        """
        whole = self._whole_census(model, entry)
        jobs = self.config.jobs
        # What follows when all samples are done is done once.
        seconds = whole.cost - cost.of_confirming(self.config, model, entry)
        if seconds <= jobs.shard_cost:
            return []
        samples = cost.census_samples(self.config, entry)
        count = math.ceil(min(seconds / jobs.shard_cost, samples, jobs.max_shards))
        if count == 1:
            return []
        needs = (self.census_directions(model, entry).file_name,)
        identity = _hash({"census": whole.id, "shards": count})
        each = cost.SECONDS_PER_PIECE + seconds / count
        shard = Piece("census-shard", model.name, entry.name, identity, needs, part_of=whole.file_name, cost=each)
        return [dataclasses.replace(shard, number=number, count=count) for number in range(count)]

    @_once
    def _whole_census(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        from landscape.experiment.geometry import line_of

        part = self._census_part(model, entry) | {"bounds": line_of(entry)}
        seconds = cost.of_census(self.config, model, entry)
        return Piece("census", model.name, entry.name, _hash(part), (self.train(model).file_name,), cost=seconds)

    def curves(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the discontinuity curves of a plane around a model."""
        from landscape.experiment.geometry import ends_of

        lines = census_lines(entry)
        part = self._census_part(model, entry) | {"bounds": ends_of(entry), "lines": lines}
        seconds = cost.of_curves(self.config, model, entry, lines)
        return Piece("curves", model.name, entry.name, _hash(part), (self.train(model).file_name,), cost=seconds)

    def _census_part(self, model: ModelConfig, entry: SliceConfig) -> dict[str, Any]:
        return {
            "network": self.train(model).id,
            "slice": entry.model_dump(include={"normalization", "centre", "data", "samples", "census_samples"}),
            "directions": [direction_part(self.config, entry, number) for number in range(len(entry.directions))],
            "seed": self.config.seed_of(entry),
        }

    def anatomy(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the anatomy of one sample on a line around a model.

        It needs the censuses of all models: the sample is the same for all, chosen by what was found.
        """
        censuses = [self._whole_census(other, entry) for other in self.config.model]
        part = {"anatomy": self._whole_census(model, entry).id, "censuses": [census.id for census in censuses]}
        needs = (self.train(model).file_name, *(census.file_name for census in censuses))
        return Piece("anatomy", model.name, entry.name, _hash(part), needs, cost=cost.of_anatomy(self.config, model))

    def fragments(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the measures of fragmentation along a line around a model."""
        census = self._whole_census(model, entry)
        needs = (self.train(model).file_name, census.file_name)
        seconds = cost.of_fragments(self.config, model, entry)
        identity = _hash({"fragments": census.id, "points": entry.shape, "measures": _MEASURES_VERSION})
        return Piece("fragments", model.name, entry.name, identity, needs, cost=seconds)

    def compared(self) -> list[Piece]:
        """Return the pieces with the measures of single lines of the comparison, pair by pair and line by line."""
        comparison = self.config.comparison
        if comparison is None:
            return []
        found = []
        for pair, models in enumerate(self.config.pairs):
            around = [self._around(model, pair, comparison) for model in models]
            for number in range(comparison.directions):
                found += [dataclasses.replace(piece, number=number) for piece in around]
        return found

    def _around(self, model: ModelConfig, pair: int, comparison: ComparisonConfig) -> Piece:
        """Return the first of the lines around a network; the others only have other numbers."""
        trained = self.train(model)
        part = {
            "network": trained.id,
            "line": comparison.model_dump(include={"range", "points", "normalization", "centre", "data", "samples"}),
            "pair": pair,
            "seed": self.config.seed_of(comparison),
        }
        seconds = cost.of_compared_line(self.config, model, comparison)
        return Piece("compared", model.name, "", _hash(part), (trained.file_name,), cost=seconds)

    def raster(self, model: ModelConfig) -> Piece:
        """Return the piece with the spikes of the example sample."""
        trained = self.train(model)
        part = {"network": trained.id, "sample": self.config.figures.raster_sample}
        return Piece("raster", model.name, "", _hash(part), (trained.file_name,))

    @_once
    def pieces(self) -> list[Piece]:
        """Return all pieces, each after those it needs."""
        models = self.config.model
        trained = [self.train(model) for model in self.config.trained_models]
        rasters = [self.raster(model) for model in models]
        swept: list[Piece] = []
        for model in models:
            for entry in self.config.slice:
                if shards := self.shards(model, entry):
                    swept += [self.directions(model, entry), *shards]
                swept.append(self.sweep(model, entry))
        return trained + rasters + swept + self.measures()

    def measures(self) -> list[Piece]:
        """Return the pieces with what is found out beyond the points of slices, each after those it needs."""
        entries = [entry for entry in self.config.slice if entry.census]
        asked = [(model, entry) for model in self.config.model for entry in entries if entry.dimension == 1]
        planes = [(model, entry) for model in self.config.model for entry in entries if entry.dimension == 2]
        censuses: list[Piece] = []
        for model, entry in asked:
            if shards := self.census_shards(model, entry):
                censuses += [self.census_directions(model, entry), *shards]
            censuses.append(self.census(model, entry))
        anatomies = [self.anatomy(model, entry) for model, entry in asked]
        fragments = [self.fragments(model, entry) for model, entry in asked]
        curves = [self.curves(model, entry) for model, entry in planes]
        return censuses + anatomies + fragments + curves + self.compared()

    def parts_of(self, whole: Piece) -> tuple[Piece, list[Piece]]:
        """Return the directions and the shards of a slice or census that is put together from shards."""
        model, entry = self.model_of(whole), self.slice_of(whole)
        assert entry is not None
        if whole.kind == "census":
            return self.census_directions(model, entry), self.census_shards(model, entry)
        return self.directions(model, entry), self.shards(model, entry)

    def whole_of(self, part: Piece) -> Piece:
        """Return the slice or census that a piece is only a step towards, without what it needs of its shards."""
        model, entry = self.model_of(part), self.slice_of(part)
        assert entry is not None
        return self._whole_census(model, entry) if part.kind.startswith("census") else self._whole_sweep(model, entry)

    def model_of(self, piece: Piece) -> ModelConfig:
        """Return the model that a piece belongs to."""
        return next(model for model in self.config.trained_models if model.name == piece.model)

    def slice_of(self, piece: Piece) -> SliceConfig | None:
        """Return the slice that a piece belongs to; None for a piece of a model as a whole or of the comparison."""
        return next((entry for entry in self.config.slice if entry.name == piece.slice), None)

    @property
    def result_id(self) -> str:
        """Hash of everything that the assembled result file depends on, the experiment's wording included."""
        names = [piece.file_name for piece in self.pieces() if not piece.part_of]
        return _hash({"pieces": names, "config": self.config.to_toml()})


def _joined(whole: Piece, directions: Piece, shards: list[Piece], seconds: float) -> Piece:
    """Return the piece of a slice or census that is put together from shards."""
    needs = (*whole.needs, directions.file_name, *(shard.file_name for shard in shards))
    return dataclasses.replace(whole, needs=needs, cost=seconds)


def census_lines(entry: SliceConfig) -> int:
    """Return the number of exact lines along each axis of the census of a plane."""
    return CENSUS_LINES if entry.census_points is None else entry.census_points


def _hash(part: Mapping[str, Any]) -> str:
    text = json.dumps(part, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
