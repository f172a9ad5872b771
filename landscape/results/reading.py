"""Reading result files."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from typing import Any, TypeVar

import h5py

from landscape.errors import ResultFileError
from landscape.h5.files import open_for_reading
from landscape.h5.kinds import kinds_of
from landscape.h5.layout import layout_of
from landscape.h5.records import read_attributes, read_record
from landscape.h5.tree import (
    Model,
    check_format,
    model_group,
    models_in,
    parts_of_slices,
    skipped_in,
    slice_group,
    slices_in,
)
from landscape.network_record import NetworkData
from landscape.paths import user_path
from landscape.results.content import ModelResult, SliceResult
from landscape.slices.surface import Surface

__all__ = ["ResultFile", "open_results"]

Read = TypeVar("Read")
Kind = TypeVar("Kind")


class ResultFile:
    """A result file. It holds the path, not an open file, so it can be pickled and the file be replaced
    meanwhile.

    Every kind of record that the file may have is read by its name. One that is not there is None::

        file.comparison                     # of the experiment
        file.training("lif")                # of a model
        file.census("lif", "line")          # of a slice; of the model's first one where none is named

    Args:
        path: the file.

    Raises:
        ResultFileError: there is no such file, it is no HDF5 file, it is damaged, or it is of another format
            or format version. Every other method raises it too, where what is asked for is not in the file.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = user_path(path)
        self._read(lambda file: None)

    def __repr__(self) -> str:
        return f"ResultFile({str(self.path)!r})"

    def __getattr__(self, name: str) -> Any:
        if not name.startswith("_"):
            if name in kinds_of("root"):
                return self.find(kinds_of("root")[name])
            kind = (kinds_of("model") | parts_of_slices()).get(name)
            if kind is not None:
                return functools.partial(self.find, kind)
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *kinds_of("root"), *kinds_of("model"), *parts_of_slices()]

    @property
    def attributes(self) -> dict[str, Any]:
        """The root attributes: format, configuration, seeds, versions, ..."""
        return self._read(read_attributes)

    @property
    def models(self) -> list[str]:
        """Names of the models, in the order of the experiment."""
        return self._read(models_in)

    def slices(self, model: str) -> list[str]:
        """Names of a model's slices, in the order of the experiment."""
        return self._read(lambda file: slices_in(model_group(file, model)))

    def skipped(self, model: str) -> dict[str, str]:
        """Why slices of a model could not be sampled, by their names; empty where all could."""
        return self._read(lambda file: skipped_in(model_group(file, model)))

    def about(self, model: str) -> dict[str, Any]:
        """What else is known of a model, as when and with what it was trained."""
        return self._read(lambda file: read_record(model_group(file, model), Model).further)

    def surface(self, model: str, name: str | None = None) -> Surface:
        """A model's surface; the first one where no slice is named."""
        return self._read(lambda file: read_record(slice_group(file, model, name), Surface))

    def network(self, model: str) -> NetworkData:
        """A model's network as plain numbers: neuron, constants, weights, duration.

        Raises:
            ResultFileError: the file does not hold it.
        """
        found = self.find(NetworkData, model)
        if found is None:
            raise ResultFileError(f"{self.path}: /{model} has no group 'network'; see 'landscape info'")
        return found

    def find(self, kind: type[Kind], model: str = "", name: str | None = None) -> Kind | None:
        """The record of a class at its place; None where there is none.

        Args:
            kind: the class, as :class:`landscape.Census`.
            model: the model, for a record of a model or of a slice.
            name: the slice, for a record of a slice; the model's first one where not given.
        """

        def read(file: h5py.File) -> Kind | None:
            of = layout_of(kind).of
            if of == "root":
                return _part(file, kind)
            return _part(model_group(file, model) if of == "model" else slice_group(file, model, name), kind)

        return self._read(read)

    def model(self, model: str) -> ModelResult:
        """Everything that the file holds of a model, such that it can be changed and written again."""
        return self._read(lambda file: _read_model(model_group(file, model)))

    def read(self) -> dict[str, ModelResult]:
        """Everything that the file holds of all models, in the order of the experiment."""
        return self._read(lambda file: {name: _read_model(file[name]) for name in models_in(file)})

    def _read(self, what: Callable[[h5py.File], Read]) -> Read:
        with open_for_reading(self.path) as file:
            check_format(file)
            return what(file)


def open_results(path: str | os.PathLike[str]) -> ResultFile:
    """Open a result file, as ``landscape run`` leaves it in the results folder (``landscape.h5``).

    Args:
        path: the file.

    Raises:
        ResultFileError: there is no such file, it is damaged, or it is of another format or format version.
    """
    return ResultFile(path)


def _part(group: h5py.Group, kind: type[Kind]) -> Kind | None:
    found = group.get(layout_of(kind).group)
    return read_record(found, kind) if isinstance(found, h5py.Group) else None


def _read_model(group: h5py.Group) -> ModelResult:
    about = read_record(group, Model)
    # A slice that is listed but not sampled yet keeps its place.
    slices = {name: _read_slice(group[name]) if name in group else None for name in about.slices}
    records = {name: _part(group, kind) for name, kind in ModelResult.kinds().items()}
    return ModelResult(slices, attributes=about.further, skipped=skipped_in(group), **records)


def _read_slice(group: h5py.Group) -> SliceResult:
    surface = read_record(group, Surface) if is_sampled(group) else None
    return SliceResult(surface, **{name: _part(group, kind) for name, kind in SliceResult.kinds().items()})


def is_sampled(group: h5py.Group) -> bool:
    """Whether a slice holds a surface, and not only what was measured along it."""
    return any(isinstance(item, h5py.Dataset) for item in group.values()) or len(group.attrs) > 0
