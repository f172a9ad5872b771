"""Writing result files: the whole file anew, or one surface into a file that stays otherwise as it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike

from landscape.errors import InputError
from landscape.filesystem import is_plain_name
from landscape.paths import user_path
from landscape.storage.anatomy import write_anatomy
from landscape.storage.comparison import write_comparison
from landscape.storage.curves import write_curves
from landscape.storage.discontinuities import write_census
from landscape.storage.files import check_format, open_for_reading, replace_file
from landscape.storage.fragments import write_fragments
from landscape.storage.layout import FORMAT, FORMAT_VERSION
from landscape.storage.networks import NetworkData, network_data, write_network
from landscape.storage.reading import skipped_in, slice_group
from landscape.storage.records import ModelResult, RasterData, SliceResult, TrainingData
from landscape.storage.schema import LAYOUT, RESERVED_NAMES, SLICE_PARTS, SUBGROUPS
from landscape.storage.slices import write_surface
from landscape.storage.tables import write_attributes, write_entries

if TYPE_CHECKING:
    from landscape.fragmentation.census.result import Census
    from landscape.fragmentation.comparison import Comparison
    from landscape.slices.surface import Surface

#: What a slice, or a model in a piece of an experiment, may have: attribute of its record, and how it is written.
_PARTS: dict[str, tuple[str, Callable[[h5py.Group, Any], None]]] = {
    "discontinuities": ("census", write_census),
    "anatomy": ("anatomy", write_anatomy),
    "fragments": ("fragments", write_fragments),
    "curves": ("curves", write_curves),
}


def write_results(
    path: str | os.PathLike[str],
    models: Mapping[str, ModelResult],
    attributes: Mapping[str, Any] | None = None,
    comparison: Comparison | None = None,
) -> None:
    """Write a result file. It takes the place of the old one when it is complete; a failure leaves the old
    one as it was.

    Args:
        path: the file; its folder is made where it is missing.
        models: what to write of each model, in the order of the experiment. A model none of whose stages is
            finished may be an empty ``ModelResult()``.
        attributes: root attributes, as :func:`landscape.storage.provenance` gives them. ``created`` is filled
            in where it is missing; the format's name and version always are.
        comparison: two of the models compared, as :func:`landscape.fragmentation.compare_tables` gives it, or None.

    Raises:
        InputError: the file cannot be written, or a name, shape or attribute is not one that the format
            allows.
        NetworkError: a network's weights do not chain or are not finite.
    """
    for name in models:
        _check_name(name, "model")
    with replace_file(path) as file:
        _write_root(file, list(models), attributes or {})
        for name, model in models.items():
            _write_model(file.create_group(name), model)
        if comparison is not None:
            write_comparison(file.create_group("comparison"), comparison)


def save_surface(path: str | os.PathLike[str], group: str, surface: Surface) -> None:
    """Write a surface into a group of a result file, new or old; see :meth:`landscape.Surface.save`."""
    model, _, name = group.strip("/").partition("/")
    _check_name(model, "model")
    if name:
        _check_name(name, "slice")
    path = user_path(path)
    new = not path.exists()
    if not new:
        # A broken or foreign file is not written over: it may be somebody's data under a mistyped name.
        with open_for_reading(path) as old:
            check_format(old)
    with replace_file(path, copy=not new) as file:
        if new:
            _write_root(file, [], {})
        models = [str(known) for known in file.attrs["models"]]
        if model not in models:
            write_attributes(file, {"models": [*models, model]})
        parent = file.require_group(model)
        if name:
            if name in parent:
                del parent[name]
            _write_slice(parent.create_group(name), name, SliceResult(surface))
        else:
            name = str(parent.attrs.get("slice", "plane" if len(surface.axes) == 2 else "line"))
            _remove_own_slice(parent)
            _write_slice(parent, name, SliceResult(surface))
        known_slices = [str(known) for known in parent.attrs.get("slices", [])]
        _write_skipped(parent, {key: why for key, why in skipped_in(parent).items() if key != name})
        if name not in known_slices:
            first = [name] if parent.attrs.get("slice") == name else []
            rest = [] if first else [name]
            write_attributes(parent, {"slices": [*first, *known_slices, *rest]})


def save_census(path: str | os.PathLike[str], group: str, census: Census) -> None:
    """Write a census to its slice in a result file, in place of an earlier one; other content stays.

    Args:
        path: the result file.
        group: the slice, ``"MODEL"`` for the first one of a model, ``"MODEL/SLICE"`` for a further one.
        census: as :func:`landscape.find_discontinuities` gives it.

    Raises:
        ResultFileError: there is no such file or slice, or the file is damaged or no result file.
        InputError: the slice has two axes, or the file cannot be written.
    """
    model, _, name = group.strip("/").partition("/")
    path = user_path(path)
    with open_for_reading(path) as old:
        check_format(old)
        slice_group(old, model, name or None)
    with replace_file(path, copy=True) as file:
        place = slice_group(file, model, name or None)
        if "discontinuities" in place:
            del place["discontinuities"]
        _write_part(place, "discontinuities", census)


def _write_root(file: h5py.File, models: list[str], attributes: Mapping[str, Any]) -> None:
    own = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created": attributes.get("created") or datetime.now(UTC).isoformat(timespec="seconds"),
        "models": models,
    }
    write_attributes(file, dict(attributes) | own)


def _write_model(group: h5py.Group, model: ModelResult) -> None:
    if model.network is not None:
        _write_network(group.create_group("network"), network_data(model.network))
        write_attributes(group["network"], {k: v for k, v in model.attributes.items() if k != "neuron"})
    elif model.attributes:
        raise InputError(f"{group.name}: attributes are kept with the network, and there is none; give the network too")
    if model.training is not None:
        _write_training(group.create_group("training"), model.training)
    if model.raster is not None:
        _write_raster(group.create_group("raster"), model.raster)
    write_attributes(group, {"slices": list(model.slices)})
    _write_skipped(group, model.skipped)
    for name, (attribute, write) in _PARTS.items():
        part = getattr(model, attribute)
        if part is None:
            continue
        if next(iter(model.slices.values()), None) is not None:
            raise InputError(f"{group.name}: give the {attribute} with the slice that it belongs to, which is here too")
        write(group.create_group(name), part)
    for number, (name, content) in enumerate(model.slices.items()):
        _check_name(name, "slice")
        if content is None:
            continue
        result = content if isinstance(content, SliceResult) else SliceResult(content)
        _write_slice(group if number == 0 else group.create_group(name), name, result)


def _write_skipped(group: h5py.Group, skipped: Mapping[str, str]) -> None:
    if skipped:
        write_attributes(group, {"skipped": [f"{name}: {why}" for name, why in skipped.items()]})
    elif "skipped" in group.attrs:
        del group.attrs["skipped"]


def _write_network(group: h5py.Group, network: NetworkData) -> None:
    write_network(group, network.neuron, network.constants, network.weights, network.duration)


def _write_slice(group: h5py.Group, name: str, result: SliceResult) -> None:
    write_surface(group, name, result.surface)
    for kind, table in (("regions", result.regions), ("summary", result.summary)):
        if table is None:
            continue
        names = {attribute.name for attribute in LAYOUT[kind].attributes}
        part = group.create_group(kind)
        write_attributes(part, {key: int(np.asarray(value)) for key, value in table.items() if key in names})
        write_entries(part, kind, {key: value for key, value in table.items() if key not in names})
    for kind, (attribute, _) in _PARTS.items():
        if getattr(result, attribute) is not None:
            _write_part(group, kind, getattr(result, attribute))


def _write_part(group: h5py.Group, name: str, content: Any) -> None:
    wanted, what = SLICE_PARTS[name]
    axes = 2 if "axis_1" in group else 1
    if axes != wanted:
        words = {1: "one axis", 2: "two axes"}
        raise InputError(f"{group.name}: {what} is of a slice with {words[wanted]}, and this one has {words[axes]}")
    _PARTS[name][1](group.create_group(name), content)


def _write_training(group: h5py.Group, training: TrainingData) -> None:
    own = {
        "best_epoch": training.best_epoch,
        "interrupted": int(training.interrupted),
        "seconds": training.seconds,
    }
    write_attributes(group, dict(training.attributes) | own)
    values: dict[str, ArrayLike] = dict(training.history)
    if training.trajectory is not None and training.trajectory_epochs is not None:
        values |= {
            "kept_epoch": training.trajectory_epochs,
            "parameter": np.arange(training.trajectory.shape[1]),
            "trajectory": training.trajectory,
        }
    write_entries(group, "training", values)
    write_attributes(group.create_group("settings"), training.settings)
    for name, network in (("initial", training.initial), ("final", training.final)):
        if network is not None:
            _write_network(group.create_group(name), network_data(network))


def _write_raster(group: h5py.Group, raster: RasterData) -> None:
    write_attributes(
        group,
        {
            "sizes": list(raster.sizes),
            "duration": raster.duration,
            "sample": raster.sample,
            "label": raster.label,
            "prediction": raster.prediction,
        },
    )
    table: dict[str, ArrayLike] = {
        "spike": np.arange(raster.time.size),
        "time": raster.time,
        "layer": raster.layer,
        "neuron": raster.neuron,
    }
    write_entries(group, "raster", table)


def _check_name(name: str, what: str) -> None:
    if not is_plain_name(name):
        raise InputError(f"{what} name {name!r}: use letters, digits, '_', '-', '.' and '+' only")
    if name in RESERVED_NAMES:
        raise InputError(f"{what} name {name!r} means something else in the result file; choose another name")


def _remove_own_slice(group: h5py.Group) -> None:
    """Take away the slice that a model's group holds itself, but nothing else in the group."""
    for name, item in list(group.items()):
        if isinstance(item, h5py.Dataset) or name in SUBGROUPS["slice"]:
            del group[name]
    for name in list(group.attrs):
        if name not in ("slices", "skipped"):
            del group.attrs[name]
