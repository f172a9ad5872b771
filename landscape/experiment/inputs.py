"""The files that an experiment names, told by their content: a moved file is the same, a changed one is another."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from landscape.config import Config, SliceConfig
from landscape.datasets import sources
from landscape.errors import ConfigError, DirectionError, InputError
from landscape.filesystem import open_regular
from landscape.neurons import MODELS
from landscape.paths import user_path
from landscape.plugins import source_hash
from landscape.readouts import READOUTS
from landscape.slices.directions import KINDS
from landscape.training.optimizers import OPTIMIZERS
from landscape.version import __version__

#: To be raised when tasks of the same configuration come out differently, so that older ones are not taken for them.
TASK_VERSION = 4


def hash_of(inputs: Mapping[str, Any]) -> str:
    """Return a hash of plain data, 16 hexadecimal digits."""
    text = json.dumps(inputs, sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode("ascii")).hexdigest()[:16]


def data_id_of(config: Config) -> str:
    """Return a hash of what all tasks of an experiment depend on: its data, seed, and the release of this package.

    Raises:
        ConfigError: a data file is missing or cannot be read.
    """
    about = {"seed": config.seed, "version": TASK_VERSION, "release": __version__}
    return hash_of({"data": data_part(config)} | about)


def data_files(config: Config) -> dict[str, Path]:
    """Return the data files of an experiment by the key that names them; none for data that come with the
    package.

    Raises:
        ConfigError: a file is missing; the message names the key and how to give another path.
    """
    files = {}
    for key in ("source", "test_source"):
        value = getattr(config.data, key)
        if value is None or value in sources():
            continue
        path = _expanded(value, f"{config.origin}: data.{key}")
        if not os.path.exists(path):
            raise ConfigError(
                f"{config.origin}: data.{key}: no file {value!r} (relative to the working directory), and no "
                f"data set of that name ({', '.join(sources())}); give the file with --set data.{key}=PATH"
            )
        files[key] = path
    return files


def _expanded(path: str, where: str) -> Path:
    try:
        return user_path(path)
    except InputError as error:
        raise ConfigError(f"{where}: {error}") from error


def file_hash(path: Path) -> str:
    """Return the SHA-256 of a file's content."""
    state = path.stat()
    return _file_hash(os.fspath(path.resolve()), state.st_size, state.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _file_hash(path: str, size: int, changed: int) -> str:
    with open_regular(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def data_part(config: Config) -> Mapping[str, Any]:
    """Return the data section with the content of files in place of their paths.

    Raises:
        ConfigError: a file is missing or cannot be read.
    """
    part = config.data.model_dump()
    for key in ("source", "test_source"):
        source = sources().get(part[key])
        if source is not None and (outside := source_hash(source.load)):
            part[key] = outside
    for key, path in data_files(config).items():
        try:
            part[key] = file_hash(path)
        except OSError as error:
            where = f"{config.origin}: data.{key}: {path}"
            raise ConfigError(f"{where}: cannot be read ({error.strerror}); give a file that can be") from error
    return part


def direction_part(config: Config, entry: SliceConfig, number: int) -> Any:
    """Return an entry of a slice's directions with the content of a file in place of its path.

    Raises:
        DirectionError: the file is missing or cannot be read.
    """
    direction = entry.directions[number]
    kind = KINDS[direction.kind]
    # Code from outside the package has no release: it is told by its source.
    part = {"kind": kind.name, **direction.constants} | ({"source": kind.source_hash} if kind.source_hash else {})
    if not kind.file_key:
        return part
    name = part.pop(kind.file_key)
    where = f"{config.origin}: slice.{entry.name}.directions.{number}: {name}"
    path = _expanded(name, where)
    if not os.path.exists(path):
        raise DirectionError(f"{where}: no such file (relative to the working directory); check the path")
    try:
        return part | {"content": file_hash(path)}
    except OSError as error:
        raise DirectionError(f"{where}: cannot be read ({error.strerror}); give a file that can be") from error


def from_outside(config: Config) -> dict[str, str]:
    """Return what an experiment uses from outside the package: the SHA-256 of its source by what it is."""
    used: dict[str, str] = {}
    for model in config.trained_models:
        objective = config.objective_of(model)
        used[f"neuron model {model.neuron!r}"] = MODELS[model.neuron].source_hash
        used[f"readout {objective.kind!r}"] = READOUTS[objective.kind].source_hash
        optimizer = config.training_of(model).optimizer
        used[f"optimizer {optimizer!r}"] = OPTIMIZERS[optimizer].source_hash
    for entry in config.slice:
        used |= {f"direction {own.kind!r}": KINDS[own.kind].source_hash for own in entry.directions}
    for name in (config.data.source, config.data.test_source):
        if name in sources():
            used[f"data {name!r}"] = source_hash(sources()[name].load)
    return {name: source for name, source in used.items() if source}
