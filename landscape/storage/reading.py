"""Reading result files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar

import h5py
import numpy as np
from numpy.typing import NDArray

from landscape.errors import ResultFileError
from landscape.filesystem import is_plain_name
from landscape.paths import user_path
from landscape.storage.anatomy import read_anatomy
from landscape.storage.comparison import read_comparison
from landscape.storage.curves import read_curves
from landscape.storage.discontinuities import read_census
from landscape.storage.files import check_format, open_for_reading
from landscape.storage.fragments import read_fragments
from landscape.storage.networks import NetworkData, read_network
from landscape.storage.records import ModelResult, RasterData, SliceResult, TrainingData
from landscape.storage.schema import LAYOUT, SUBGROUPS
from landscape.storage.slices import read_surface
from landscape.storage.tables import read_attributes, read_entry, read_required
from landscape.text import natural_order

if TYPE_CHECKING:
    from landscape.fragmentation.anatomy import Anatomy
    from landscape.fragmentation.census.result import Census
    from landscape.fragmentation.comparison import Comparison
    from landscape.fragmentation.curves import Curves
    from landscape.fragmentation.fragments import Fragments
    from landscape.slices.surface import Surface

Read = TypeVar("Read")
Table = dict[str, NDArray[Any]]


class ResultFile:
    """A result file. It holds the path, not an open file, so it can be pickled and the file be replaced
    meanwhile.

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

    @property
    def attributes(self) -> dict[str, Any]:
        """The root attributes: format, configuration, seeds, versions, ..."""
        return self._read(read_attributes)

    @property
    def models(self) -> list[str]:
        """Names of the models, in the order of the experiment."""
        return self._read(models_in)

    @property
    def comparison(self) -> Comparison | None:
        """Two models compared over networks and directions; None where nothing was compared."""
        return self._read(_read_comparison)

    def slices(self, model: str) -> list[str]:
        """Names of a model's slices, in the order of the experiment."""
        return self._read(lambda file: slices_in(_model_group(file, model)))

    def skipped(self, model: str) -> dict[str, str]:
        """Why slices of a model could not be sampled, by their names; empty where all could."""
        return self._read(lambda file: skipped_in(_model_group(file, model)))

    def surface(self, model: str, name: str | None = None) -> Surface:
        """A model's surface; the first one where no slice is named."""
        return self._read(lambda file: read_surface(slice_group(file, model, name)))

    def regions(self, model: str, name: str | None = None) -> Table | None:
        """The table of silent regions of a slice, as arrays by dataset name; None where it was not
        analyzed.
        """
        return self._read(lambda file: _read_table(slice_group(file, model, name), "regions"))

    def summary(self, model: str, name: str | None = None) -> Table | None:
        """The measures of a slice, as arrays (some of shape ``()``) by name; None where it was not
        analyzed.
        """
        return self._read(lambda file: _read_table(slice_group(file, model, name), "summary"))

    def census(self, model: str, name: str | None = None) -> Census | None:
        """The discontinuities of a slice; None where they were not looked for."""
        return self._read(lambda file: _read_census(slice_group(file, model, name)))

    def anatomy(self, model: str, name: str | None = None) -> Anatomy | None:
        """Spike times of one sample along a slice, and what happens at one discontinuity; None where there are none."""
        return self._read(lambda file: _read_anatomy(slice_group(file, model, name)))

    def fragments(self, model: str, name: str | None = None) -> Fragments | None:
        """Measures of fragmentation along a slice, with intervals; None where there was no census."""
        return self._read(lambda file: _read_fragments(slice_group(file, model, name)))

    def curves(self, model: str, name: str | None = None) -> Curves | None:
        """Discontinuity curves of a plane and the fragments they bound; None where they were not traced."""
        return self._read(lambda file: _read_curves(slice_group(file, model, name)))

    def network(self, model: str) -> NetworkData:
        """A model's network as plain numbers: neuron, constants, weights, duration."""
        return self._read(lambda file: read_network(_part(_model_group(file, model), "network")))

    def about(self, model: str) -> dict[str, Any]:
        """What else is known of a model: the attributes kept with its network; empty where there is none."""
        return self._read(lambda file: _read_about(_model_group(file, model)))

    def training(self, model: str) -> TrainingData | None:
        """A model's training record; None where there is none."""
        return self._read(lambda file: _read_training(_model_group(file, model).get("training")))

    def raster(self, model: str) -> RasterData | None:
        """The spikes of a model's example sample; None where there are none."""
        return self._read(lambda file: _read_raster(_model_group(file, model).get("raster")))

    def model(self, model: str) -> ModelResult:
        """Everything that the file holds of a model, such that it can be changed and written again."""
        return self._read(lambda file: _read_model(_model_group(file, model)))

    def read(self) -> dict[str, ModelResult]:
        """Everything that the file holds of all models, in the order of the experiment."""
        return self._read(lambda file: {name: _read_model(_model_group(file, name)) for name in models_in(file)})

    def _read(self, what: Callable[[h5py.File], Read]) -> Read:
        with open_for_reading(self.path) as file:
            check_format(file)
            return what(file)


def load_surface(path: str | os.PathLike[str], group: str) -> Surface:
    """Read a surface from ``"MODEL"`` (a model's first slice) or ``"MODEL/SLICE"``; see
    :meth:`landscape.Surface.load`.
    """
    with open_for_reading(path) as file:
        check_format(file)
        model, _, name = group.strip("/").partition("/")
        return read_surface(slice_group(file, model, name or None))


def models_in(file: h5py.File) -> list[str]:
    """Names of the model groups of an open file, in order; those that the attribute forgot come last.

    Raises:
        ResultFileError: a name is not one that a model can have.
    """
    listed = [str(name) for name in np.atleast_1d(file.attrs.get("models", [])) if str(name) in file]
    known = {*listed, *SUBGROUPS["root"]}
    others = [name for name, item in file.items() if isinstance(item, h5py.Group) and name not in known]
    others.sort(key=natural_order)
    return _checked(listed + others, "model", file)


def slices_in(group: h5py.Group) -> list[str]:
    """Names of the slices in a model's group, in order; the one that the group holds itself comes first.

    Raises:
        ResultFileError: a name is not one that a slice can have.
    """
    listed = [str(name) for name in np.atleast_1d(group.attrs.get("slices", []))]
    own = group.attrs.get("slice")
    present = [name for name, item in group.items() if isinstance(item, h5py.Group) and "slice" in item.attrs]
    present.sort(key=natural_order)
    found = ([str(own)] if own is not None else []) + present
    ordered = [name for name in listed if name in found] + [name for name in found if name not in listed]
    return _checked(ordered, "slice", group)


def skipped_in(group: h5py.Group) -> dict[str, str]:
    """Reasons by name of the slices that could not be sampled, from a model's group.

    Raises:
        ResultFileError: a name is not one that a slice can have.
    """
    parts = [str(text).partition(": ") for text in np.atleast_1d(group.attrs.get("skipped", []))]
    return dict(zip(_checked((name for name, _, _ in parts), "slice", group), (why for *_, why in parts), strict=True))


def _checked(names: Iterable[str], what: str, group: h5py.Group) -> list[str]:
    """Return names, which become parts of the names of figures and pieces, if all of them can."""
    listed = list(names)
    for name in listed:
        if not is_plain_name(name):
            raise ResultFileError(
                f"{group.file.filename}: {group.name}: {name!r} cannot be the name of a {what}; a name has letters, "
                "digits, '_', '-', '.' and '+' only"
            )
    return listed


def _model_group(file: h5py.File, model: str) -> h5py.Group:
    found = file.get(model) if model and model not in SUBGROUPS["root"] else None
    if not isinstance(found, h5py.Group):
        raise ResultFileError(f"{file.filename}: no model {model!r}; it has {_listed(models_in(file))}")
    return found


def slice_group(file: h5py.File, model: str, name: str | None) -> h5py.Group:
    """The group of a model's slice, of its first one where none is named.

    Raises:
        ResultFileError: there is no such model or slice.
    """
    group = _model_group(file, model)
    own = group.attrs.get("slice")
    names = slices_in(group)
    if name is None and names:
        name = names[0]
    if name is not None and name == own:
        return group
    if name is None or name not in names:
        asked = "no slice" if name is None else f"no slice {name!r}"
        raise ResultFileError(f"{file.filename}: model {model!r} has {asked}; it has {_listed(names)}")
    return group[name]


def _part(group: h5py.Group, name: str) -> h5py.Group:
    found = group.get(name)
    if not isinstance(found, h5py.Group):
        raise ResultFileError(f"{group.file.filename}: {group.name} has no group {name!r}; see 'landscape info'")
    return found


def _listed(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"


def _read_table(group: h5py.Group, kind: str) -> Table | None:
    part = group.get(kind)
    if not isinstance(part, h5py.Group):
        return None
    table = {name: read_required(part, name) for name in part}
    return table | {a.name: np.asarray(part.attrs[a.name]) for a in LAYOUT[kind].attributes if a.name in part.attrs}


def _read_census(group: h5py.Group) -> Census | None:
    part = group.get("discontinuities")
    return read_census(part) if isinstance(part, h5py.Group) else None


def _read_anatomy(group: h5py.Group) -> Anatomy | None:
    part = group.get("anatomy")
    return read_anatomy(part) if isinstance(part, h5py.Group) else None


def _read_fragments(group: h5py.Group) -> Fragments | None:
    part = group.get("fragments")
    return read_fragments(part) if isinstance(part, h5py.Group) else None


def _read_curves(group: h5py.Group) -> Curves | None:
    part = group.get("curves")
    return read_curves(part) if isinstance(part, h5py.Group) else None


def _read_comparison(file: h5py.File) -> Comparison | None:
    part = file.get("comparison")
    return read_comparison(part) if isinstance(part, h5py.Group) else None


def _read_training(group: h5py.Group | None) -> TrainingData | None:
    if not isinstance(group, h5py.Group):
        return None
    epochs = read_required(group, "epoch")
    columns: Table = {"epoch": epochs}
    for name, item in group.items():
        if isinstance(item, h5py.Dataset) and item.shape == epochs.shape and name not in _TRAINING_SCALES:
            columns[name] = np.asarray(item[()])
    attributes = read_attributes(group)
    seconds = attributes.get("seconds")
    settings = group.get("settings")
    return TrainingData(
        history=columns,
        best_epoch=int(attributes.get("best_epoch", 0)),
        settings=read_attributes(settings) if isinstance(settings, h5py.Group) else {},
        trajectory=read_entry(group, "trajectory"),
        trajectory_epochs=read_entry(group, "kept_epoch"),
        interrupted=bool(attributes.get("interrupted", 0)),
        seconds=None if seconds is None else float(seconds),
        initial=read_network(group["initial"]) if "initial" in group else None,
        final=read_network(group["final"]) if "final" in group else None,
        attributes={name: value for name, value in attributes.items() if name not in _TRAINING_ATTRIBUTES},
    )


_TRAINING_SCALES = ("epoch", "kept_epoch", "parameter")
_TRAINING_ATTRIBUTES = ("best_epoch", "interrupted", "seconds")


def _read_raster(group: h5py.Group | None) -> RasterData | None:
    if not isinstance(group, h5py.Group):
        return None
    values = {name: read_required(group, name) for name in ("time", "layer", "neuron")}
    attributes = read_attributes(group)
    try:
        return RasterData(
            **values,
            sizes=tuple(attributes["sizes"]),
            duration=float(attributes["duration"]),
            sample=int(attributes["sample"]),
            label=int(attributes["label"]),
            prediction=attributes.get("prediction"),
        )
    except KeyError as error:
        raise ResultFileError(
            f"{group.file.filename}: {group.name} has no attribute {error}; make the file again"
        ) from error


def _read_model(group: h5py.Group) -> ModelResult:
    # A slice that is listed but not sampled yet keeps its place.
    listed = [str(name) for name in np.atleast_1d(group.attrs.get("slices", []))]
    slices: dict[str, SliceResult | Surface | None] = dict.fromkeys(listed)
    own = group.attrs.get("slice")
    for name in slices_in(group):
        part = group if name == own else group[name]
        slices[name] = SliceResult(
            read_surface(part),
            _read_table(part, "regions"),
            _read_table(part, "summary"),
            _read_census(part),
            _read_anatomy(part),
            _read_fragments(part),
            _read_curves(part),
        )
    network = group.get("network")
    return ModelResult(
        network=read_network(network) if isinstance(network, h5py.Group) else None,
        training=_read_training(group.get("training")),
        slices=slices,
        raster=_read_raster(group.get("raster")),
        attributes=_read_about(group),
        skipped=skipped_in(group),
        census=_read_census(group) if own is None else None,
        anatomy=_read_anatomy(group) if own is None else None,
        fragments=_read_fragments(group) if own is None else None,
        curves=_read_curves(group) if own is None else None,
    )


def _read_about(group: h5py.Group) -> dict[str, Any]:
    network = group.get("network")
    return read_attributes(network, without=("neuron",)) if isinstance(network, h5py.Group) else {}
