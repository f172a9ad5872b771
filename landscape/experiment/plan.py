"""What an experiment consists of: pieces with names that say exactly what they depend on.

A piece is one file: a trained network, a swept slice, the discontinuities on a slice, the spikes of an example sample.
Its id is a hash of those parts of the experiment that its content depends on, of the content of the data files, and of
the release of this package: what another release computed may differ. So a piece
whose file is there is done, a changed key makes new pieces of exactly those that depend on it, and pieces can
be computed in any order and anywhere as long as those they need are there.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landscape import __version__
from landscape.config import Config, ModelConfig, SliceConfig
from landscape.errors import ConfigError, DirectionError

#: To be raised when pieces of the same config come out differently, so that older ones are not taken for
#: them.
PIECE_VERSION = 1


@dataclass(frozen=True)
class Piece:
    """One file of results.

    Attributes:
        kind: ``"train"``, ``"sweep"``, ``"census"`` or ``"raster"``.
        model: the model's name.
        slice: the slice's name for a sweep or a census, else empty.
        id: hash of what the content depends on, 16 hexadecimal digits.
        needs: file names of the pieces that have to be there first.
    """

    kind: str
    model: str
    slice: str
    id: str
    needs: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        """Name of the finished file."""
        return f"{'-'.join(filter(None, (self.kind, self.model, self.slice)))}-{self.id}.h5"

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
        return Piece("train", model.name, "", _hash(part))

    def sweep(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with one slice around a model."""
        trained = self.train(model)
        part = {
            "network": trained.id,
            "slice": entry.model_dump(exclude={"name", "directions", "census", "census_samples"}),
            "directions": [self._direction_part(entry, number) for number in range(len(entry.directions))],
            "seed": self.config.seed_of(entry),
        }
        return Piece("sweep", model.name, entry.name, _hash(part), (trained.file_name,))

    def census(self, model: ModelConfig, entry: SliceConfig) -> Piece:
        """Return the piece with the discontinuities on a slice around a model.

        It does not depend on the points of the slice, and so not on its sweep.
        """
        from landscape.experiment.geometry import line_of

        trained = self.train(model)
        part = {
            "network": trained.id,
            "slice": entry.model_dump(include={"normalization", "centre", "data", "samples", "census_samples"}),
            "bounds": line_of(entry),
            "directions": [self._direction_part(entry, number) for number in range(len(entry.directions))],
            "seed": self.config.seed_of(entry),
        }
        return Piece("census", model.name, entry.name, _hash(part), (trained.file_name,))

    def raster(self, model: ModelConfig) -> Piece:
        """Return the piece with the spikes of the example sample."""
        trained = self.train(model)
        part = {"network": trained.id, "sample": self.config.figures.raster_sample}
        return Piece("raster", model.name, "", _hash(part), (trained.file_name,))

    def pieces(self) -> list[Piece]:
        """Return all pieces, each after those it needs."""
        models = self.config.model
        trained = [self.train(model) for model in models]
        rasters = [self.raster(model) for model in models]
        swept = [self.sweep(model, entry) for model in models for entry in self.config.slice]
        censuses = [self.census(model, entry) for model in models for entry in self.config.slice if entry.census]
        return trained + rasters + swept + censuses

    @property
    def result_id(self) -> str:
        """Hash of everything that the assembled result file depends on, the experiment's wording included."""
        return _hash({"pieces": [piece.file_name for piece in self.pieces()], "config": self.config.to_toml()})

    def _direction_part(self, entry: SliceConfig, number: int) -> Any:
        direction = entry.directions[number]
        if direction.path is None:
            return direction.model_dump()
        where = f"{self.config.origin}: slice.{entry.name}.directions.{number}: {direction.path}"
        path = Path(direction.path).expanduser()
        if not path.is_file():
            raise DirectionError(f"{where}: no such file (relative to the working directory); check the path")
        try:
            return {"kind": "file", "content": file_hash(path)}
        except OSError as error:
            raise DirectionError(f"{where}: cannot be read ({error.strerror}); change its permissions") from error


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
        if not path.is_file():
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
