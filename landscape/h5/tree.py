"""The upper levels of a result file: named models, and in each of them named slices, in order.

``/MODEL`` holds the records of a model, ``/MODEL/SLICE`` a slice and, in groups of their own, the records of the slice.
The root says which models there are and each model which slices, in the order of the experiment; what kinds of records
there are, and where, is said by their classes (:mod:`landscape.h5.kinds`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import h5py
import numpy as np

from landscape.errors import InputError, ResultFileError
from landscape.filesystem import is_plain_name
from landscape.h5.fields import attribute, attributes, record
from landscape.h5.files import open_for_reading, replace_file
from landscape.h5.kinds import group_names, kinds_of
from landscape.h5.records import read_record, save_records, write_attributes, write_record
from landscape.hdf5 import read_scalar
from landscape.paths import user_path

__all__ = [
    "FORMAT",
    "FORMAT_VERSION",
    "NETWORK_FORMAT",
    "Model",
    "Root",
    "check_format",
    "check_name",
    "load_network",
    "load_slice",
    "model_group",
    "models_in",
    "names_in",
    "parts_of_slices",
    "save_network",
    "save_slice",
    "skipped_in",
    "slice_group",
    "slices_in",
    "write_root",
    "write_skipped",
]

Record = TypeVar("Record")

FORMAT = "landscape"
FORMAT_VERSION = 2
NETWORK_FORMAT = "landscape-network"

#: Those of networks in files of their own that can be read: only names of dimensions differ.
_NETWORK_VERSIONS = (1, 2)


@record(title="/", doc="The experiment. Its groups are the models, and `comparison` where two of them were compared.")
class Root:
    """The attributes of a result file."""

    format: str = attribute("text", 'always "landscape"')
    format_version: int = attribute("integer", f"version of this format: {FORMAT_VERSION}")
    created: str = attribute("text", "when the file was written: ISO 8601, UTC")
    models: tuple[str, ...] = attribute("texts", "names of the model groups, in the order of the experiment")
    further: dict[str, Any] = attributes(
        {
            "config": attribute("text", "the whole configuration of the experiment, as TOML"),
            "seed": attribute("integer", "seed of the experiment, from which the other seeds derive"),
            "data_hash": attribute("text", "SHA-256 of the data"),
            "git_commit": attribute("text", 'commit of the package\'s source; "+" after it: with local changes'),
            "host": attribute("text", "name of the machine"),
        }
    )


@record(
    title="/MODEL",
    doc="A model: its slices, its network, and how it was trained. Further attributes say what else is known of it.",
)
class Model:
    """The attributes of a model."""

    slices: tuple[str, ...] = attribute(
        "texts", "names of all its slices, in order; one that is not sampled yet may have no group"
    )
    skipped: tuple[str, ...] | None = attribute(
        "texts", "`NAME: REASON` for each of its slices that could not be sampled", default=None
    )
    further: dict[str, Any] = attributes()


def check_format(file: h5py.File, file_format: str = FORMAT, versions: tuple[int, ...] = (FORMAT_VERSION,)) -> None:
    """Refuse a file of another format, or of a format version that this release does not know.

    Raises:
        ResultFileError: names what was found, what is supported, and the remedy.
    """
    name = file.filename
    found = read_scalar(file, "format")
    if found != file_format:
        said = "has no attribute 'format'" if found is None else f"is of the format {found!r}"
        raise ResultFileError(f"{name}: {said}; a file of the format {file_format!r} is needed")
    version = read_scalar(file, "format_version")
    if not isinstance(version, int):
        raise ResultFileError(f"{name}: has no integer attribute 'format_version'; make the file again")
    if not isinstance(file.attrs["format"], str) or np.ndim(file.attrs["format_version"]):
        raise ResultFileError(
            f"{name}: was rewritten by a program that changes attributes (as netCDF's do, which know neither single "
            "numbers nor text as it was); give the file that this package wrote"
        )
    if version in versions:
        return
    if version > max(versions):
        remedy = "a later release made it; update spiking-landscape"
    else:
        maker = read_scalar(file, "version_landscape")
        by = f"an earlier release ({maker})" if maker else "an earlier release"
        remedy = f"{by} made it; run the experiment again, or read it with that release"
    raise ResultFileError(
        f"{name}: is of format version {version}, but this release supports version {max(versions)}; {remedy}"
    )


def check_name(name: str, what: str) -> None:
    """Refuse a name that a model or a slice (``what``) may not have.

    Raises:
        InputError: says why.
    """
    if not is_plain_name(name):
        raise InputError(f"{what} name {name!r}: use letters, digits, '_', '-', '.' and '+' only")
    if name in group_names():
        raise InputError(f"{what} name {name!r} means something else in the result file; choose another name")


def models_in(file: h5py.File) -> list[str]:
    """Names of the models of an open file that are there, in order.

    Raises:
        ResultFileError: a name is not one that a model can have.
    """
    return [name for name in names_in(file, "models") if isinstance(file.get(name), h5py.Group)]


def slices_in(group: h5py.Group) -> list[str]:
    """Names of the slices in a model's group that are there, in order.

    Raises:
        ResultFileError: a name is not one that a slice can have.
    """
    return [name for name in names_in(group, "slices") if isinstance(group.get(name), h5py.Group)]


def skipped_in(group: h5py.Group) -> dict[str, str]:
    """Reasons by name of the slices that could not be sampled, from a model's group.

    Raises:
        ResultFileError: a name is not one that a slice can have.
    """
    reasons = [str(text).partition(": ")[2] for text in np.atleast_1d(group.attrs.get("skipped", []))]
    return dict(zip(names_in(group, "skipped"), reasons, strict=True))


def names_in(group: h5py.Group, attribute: str) -> list[str]:
    """The names of models or slices that an attribute lists, whether they are there or not.

    Raises:
        ResultFileError: a name is not one that a model or slice can have: it becomes a part of the names of files.
    """
    names = [str(text).partition(": ")[0] for text in np.atleast_1d(group.attrs.get(attribute, []))]
    for name in names:
        if not is_plain_name(name):
            what = "model" if attribute == "models" else "slice"
            raise ResultFileError(
                f"{group.file.filename}: {group.name}: {name!r} cannot be the name of a {what}; a name has letters, "
                "digits, '_', '-', '.' and '+' only"
            )
    return names


def model_group(file: h5py.File, model: str) -> h5py.Group:
    """The group of a model.

    Raises:
        ResultFileError: there is no such model.
    """
    names = models_in(file)
    if model not in names:
        raise ResultFileError(f"{file.filename}: no model {model!r}; it has {_enumerated(names)}")
    return file[model]


def slice_group(file: h5py.File, model: str, name: str | None = None) -> h5py.Group:
    """The group of a model's slice, of its first one where none is named.

    Raises:
        ResultFileError: there is no such model or slice.
    """
    group = model_group(file, model)
    names = slices_in(group)
    chosen = names[0] if name is None and names else name
    if chosen is None or chosen not in names:
        asked = "no slice" if chosen is None else f"no slice {chosen!r}"
        raise ResultFileError(f"{file.filename}: model {model!r} has {asked}; it has {_enumerated(names)}")
    return group[chosen]


def parts_of_slices() -> dict[str, type]:
    """The kinds of records that slices may have, by name."""
    return kinds_of("slice", "line", "plane")


def write_root(file: h5py.File, models: list[str], further: Mapping[str, Any]) -> None:
    """Write the attributes of a new result file; ``created`` is now where ``further`` does not say it."""
    own = {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "created": further.get("created") or datetime.now(UTC).isoformat(timespec="seconds"),
        "models": models,
    }
    write_attributes(file, dict(further) | own)


def save_slice(path: str | os.PathLike[str], place: str, content: Any, default: str) -> None:
    """Write a slice into a result file, new or old, in place of an earlier one of its name and of what was measured on
    it; other content stays.

    Args:
        path: the file.
        place: ``"MODEL/SLICE"``; or ``"MODEL"`` for one that is to come first among the model's slices.
        content: the record.
        default: name of the slice where none is given.

    Raises:
        ResultFileError: the file at ``path`` is no result file, or is damaged.
        InputError: a name is not allowed, or the file cannot be written.
    """
    model, _, name = place.strip("/").partition("/")
    check_name(model, "model")
    path = user_path(path)
    new = not os.path.exists(path)
    if not new:
        # A broken or foreign file is not written over: it may be somebody's data under a mistyped name.
        with open_for_reading(path) as old:
            check_format(old)
    with replace_file(path, copy=not new) as file:
        if new:
            write_root(file, [], {})
        if model not in names_in(file, "models"):
            write_attributes(file, {"models": [*names_in(file, "models"), model]})
        parent = file.require_group(model)
        chosen = name or default
        check_name(chosen, "slice")
        if chosen in parent:
            del parent[chosen]
        write_record(parent.create_group(chosen), content)
        _list_slice(parent, chosen, first=not name)


def load_slice(path: str | os.PathLike[str], place: str, kind: type[Record]) -> Record:
    """Read the slice at ``"MODEL/SLICE"``, or the first one of ``"MODEL"``.

    Raises:
        ResultFileError: there is no such file or slice, or the file is damaged or of another format or version.
    """
    with open_for_reading(path) as file:
        check_format(file)
        model, _, name = place.strip("/").partition("/")
        return read_record(slice_group(file, model, name or None), kind)


def save_network(path: str | os.PathLike[str], content: Any) -> None:
    """Write the record of a network to a file of its own, in place of an earlier one.

    Raises:
        InputError: the file cannot be written.
    """
    save_records(path, {"network": content}, {"format": NETWORK_FORMAT, "format_version": FORMAT_VERSION})


def load_network(path: str | os.PathLike[str], place: str, kind: type[Record]) -> Record:
    """Read the record of a network from its own file, or from a group of a result file.

    Raises:
        ResultFileError: no such file, no HDF5, damaged, of another format or version, or without that group. The record
            may raise errors of its own.
    """
    with open_for_reading(path) as file:
        if read_scalar(file, "format") == NETWORK_FORMAT:
            check_format(file, NETWORK_FORMAT, _NETWORK_VERSIONS)
        else:
            check_format(file)
        found = file.get(place)
        if not isinstance(found, h5py.Group):
            offers = [f"{name}/network" for name in models_in(file) if "network" in file[name]]
            hint = f"it has {', '.join(offers)}" if offers else "save the network again"
            raise ResultFileError(f"{path}: no group {place!r}; {hint}")
        return read_record(found, kind)


def _list_slice(group: h5py.Group, name: str, *, first: bool) -> None:
    """Note in a model's group that it has a slice, which is then none that could not be sampled."""
    others = [other for other in names_in(group, "slices") if other != name]
    if first or name not in names_in(group, "slices"):
        write_attributes(group, {"slices": [name, *others] if first else [*others, name]})
    if "skipped" in group.attrs:
        left = {other: reason for other, reason in skipped_in(group).items() if other != name}
        del group.attrs["skipped"]
        write_skipped(group, left)


def write_skipped(group: h5py.Group, skipped: Mapping[str, str]) -> None:
    """Write why slices of a model could not be sampled; nothing where all could."""
    write_attributes(group, {"skipped": [f"{name}: {why}" for name, why in skipped.items()] or None})


def _enumerated(names: list[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
