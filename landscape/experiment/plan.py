"""What an experiment consists of: pieces with names that say exactly what they depend on.

A piece is one file: a trained network, a swept slice, the discontinuities on a slice, the spikes of an example sample,
the measures of one line of the comparison.
Its id is a hash of those parts of the experiment that its content depends on, of the content of the data files, and of
the release of this package: what another release computed may differ. So a piece
whose file is there is done, a changed key makes new pieces of exactly those that depend on it, and pieces can
be computed in any order and anywhere as long as those they need are there.

A slice whose estimated cost exceeds ``jobs.shard_cost`` is cut into shards (:mod:`landscape.experiment.shards`): a
piece with its directions, one per shard, and the slice itself, which is then put together from them.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import json
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from landscape import __version__
from landscape.config import ComparisonConfig, Config, ModelConfig, SliceConfig
from landscape.errors import ConfigError, DirectionError
from landscape.experiment import cost
from landscape.experiment.shards import Block, blocks_of

#: To be raised when pieces of the same config come out differently, so that older ones are not taken for
#: them.
PIECE_VERSION = 2


#: Exact lines along each axis of the census of a plane, where the experiment does not say.
CENSUS_LINES = 9

#: Keys of a slice that only its census depends on.
_OF_CENSUS = ("census", "census_samples", "census_points")


@dataclass(frozen=True)
class Piece:
    """One file of results.

    Attributes:
        kind: ``"train"``, ``"raster"``, ``"sweep"``, ``"directions"``, ``"shard"``, ``"census"``, ``"anatomy"``,
            ``"fragments"``, ``"curves"`` or ``"compared"``.
        model: the model's name.
        slice: the slice's name for what belongs to a slice, else empty.
        id: hash of what the content depends on, 16 hexadecimal digits.
        needs: file names of the pieces that have to be there first.
        number: number of a shard in its slice, or of a line of the comparison around its network, else 0.
        block: the points of a shard, else None.
        part_of: file name of the piece that this one is only a step towards: once that is there, this one is not
            needed any more. Empty for all others.
        cost: estimated core seconds.
    """

    kind: str
    model: str
    slice: str
    id: str
    needs: tuple[str, ...] = ()
    number: int = 0
    block: Block | None = None
    part_of: str = ""
    cost: float = field(default=cost.SECONDS_PER_PIECE, compare=False)

    @property
    def file_name(self) -> str:
        """Name of the finished file, for what there may be many of with its folder, which keeps all folders small."""
        if self.kind == "shard":
            return f"shards-{self.model}-{self.slice}-{self.id}/{self.number:05d}.h5"
        if self.kind == "compared":
            return f"compared-{self.model}-{self.id}/{self.number:05d}.h5"
        return f"{'-'.join(filter(None, (self.kind, self.model, self.slice)))}-{self.id}.h5"

    @property
    def is_result_file(self) -> bool:
        """Whether its file is a result file, as opposed to those of which there may be very many."""
        return self.kind not in ("directions", "shard", "compared")

    @property
    def partial_name(self) -> str:
        """Name of the file that an interrupted run leaves."""
        return self.file_name.removesuffix(".h5") + ".partial.h5"


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
        self.data_id = _hash({"data": _data_part(config), "seed": config.seed} | versions)

    def train(self, model: ModelConfig) -> Piece:
        """Return the piece with the trained network of a model."""
        config = self.config
        part = {
            "data": self.data_id,
            "trial": config.trial.model_dump(),
            "objective": config.objective_of(model).model_dump(),
            "training": config.training_of(model).model_dump(),
            "model": model.model_dump(include={"neuron", "tau", "threshold", "hidden", "initialization"}),
            "seed": config.seed_of(model),
        }
        return Piece("train", model.name, "", _hash(part), cost=cost.of_training(config, model))

    def sweep(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with one slice around a model; it needs its shards where it has some."""
        shards = self.shards(model, entry)
        if not shards:
            return self._whole_sweep(model, entry)
        needs = (self.directions(model, entry).file_name, *(shard.file_name for shard in shards))
        return dataclasses.replace(
            self._whole_sweep(model, entry), needs=needs, cost=cost.SECONDS_PER_PIECE * (1 + 0.1 * len(shards))
        )

    def directions(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the directions that the shards of a slice share."""
        whole = self._whole_sweep(model, entry)
        return dataclasses.replace(
            whole, kind="directions", part_of=whole.file_name, cost=cost.of_directions(self.config, model, entry)
        )

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
                whole.file_name,
                cost.SECONDS_PER_PIECE + per_point * block.n_points,
            )
            for number, block in enumerate(blocks)
        ]

    def _whole_sweep(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        trained = self.train(model)
        part = {
            "network": trained.id,
            "slice": entry.model_dump(exclude={"name", "directions", "seeds", *_OF_CENSUS}),
            "directions": [self._direction_part(entry, number) for number in range(len(entry.directions))],
            "seed": self.config.seed_of(entry),
        }
        seconds = cost.SECONDS_PER_PIECE + cost.of_point(self.config, model, entry) * math.prod(entry.shape)
        return Piece("sweep", model.name, entry.name, _hash(part), (trained.file_name,), cost=seconds)

    def census(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the discontinuities on a slice around a model.

        It does not depend on the points of the slice, and so not on its sweep.
        """
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
            "directions": [self._direction_part(entry, number) for number in range(len(entry.directions))],
            "seed": self.config.seed_of(entry),
        }

    def anatomy(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the anatomy of one sample on a line around a model.

        It needs the censuses of all models: the sample is the same for all, chosen by what was found.
        """
        censuses = [self.census(other, entry) for other in self.config.model]
        part = {"anatomy": self.census(model, entry).id, "censuses": [census.id for census in censuses]}
        needs = (self.train(model).file_name, *(census.file_name for census in censuses))
        return Piece("anatomy", model.name, entry.name, _hash(part), needs, cost=cost.SECONDS_PER_ANATOMY)

    def fragments(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the measures of fragmentation along a line around a model."""
        census = self.census(model, entry)
        needs = (self.train(model).file_name, census.file_name)
        seconds = cost.of_fragments(self.config, model, entry)
        identity = _hash({"fragments": census.id, "points": entry.shape})
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
        censuses = [self.census(model, entry) for model, entry in asked]
        anatomies = [self.anatomy(model, entry) for model, entry in asked]
        fragments = [self.fragments(model, entry) for model, entry in asked]
        curves = [self.curves(model, entry) for model, entry in planes]
        return censuses + anatomies + fragments + curves + self.compared()

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

    def _direction_part(self, entry: SliceConfig, number: int) -> Any:
        direction = entry.directions[number]
        if direction.path is None:
            return direction.model_dump()
        where = f"{self.config.origin}: slice.{entry.name}.directions.{number}: {direction.path}"
        path = Path(direction.path).expanduser()
        if not os.path.isfile(path):
            raise DirectionError(f"{where}: no such file (relative to the working directory); check the path")
        try:
            return {"kind": "file", "content": file_hash(path)}
        except OSError as error:
            raise DirectionError(f"{where}: cannot be read ({error.strerror}); change its permissions") from error


def census_lines(entry: SliceConfig) -> int:
    """Return the number of exact lines along each axis of the census of a plane."""
    return CENSUS_LINES if entry.census_points is None else entry.census_points


def data_files(config: Config) -> dict[str, Path]:
    """Return the data files of an experiment by the key that names them; none for data that come with the
    package.

    Raises:
        ConfigError: a file is missing; the message names the key and how to give another path.
    """
    from landscape.datasets import sources

    files = {}
    for key in ("source", "test_source"):
        value = getattr(config.data, key)
        if value is None or value in sources():
            continue
        path = Path(value).expanduser()
        if not os.path.isfile(path):
            raise ConfigError(
                f"{config.origin}: data.{key}: no file {value!r} (relative to the working directory), and no "
                f"data set of that name ({', '.join(sources())}); give the file with --set data.{key}=PATH"
            )
        files[key] = path
    return files


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    state = path.stat()
    return _file_hash(os.fspath(path.resolve()), state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _file_hash(path: str, size: int, changed: int) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _data_part(config: Config) -> Mapping[str, Any]:
    """Return the data section with the content of files in place of their paths: a moved file is the same
    data."""
    part = config.data.model_dump()
    for key, path in data_files(config).items():
        part[key] = file_hash(path)
    return part


def _hash(part: Mapping[str, Any]) -> str:
    text = json.dumps(part, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]
