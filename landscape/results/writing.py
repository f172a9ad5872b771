"""Writing result files: the whole file anew, or one record into a file that stays otherwise as it is."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import h5py

from landscape.errors import InputError
from landscape.h5.files import open_for_reading, replace_file
from landscape.h5.kinds import kinds_of
from landscape.h5.layout import layout_of
from landscape.h5.records import write_attributes, write_record
from landscape.h5.tree import check_format, check_name, model_group, slice_group, write_root, write_skipped
from landscape.results.content import ModelResult, SliceResult

__all__ = ["put_record", "write_results"]

#: Numbers of axes of the slices that are the places of records.
AXES = {"line": 1, "plane": 2}


def write_results(
    path: str | os.PathLike[str],
    models: Mapping[str, ModelResult],
    attributes: Mapping[str, Any] | None = None,
    **records: Any,
) -> None:
    """Write a result file. It takes the place of the old one when it is complete; a failure leaves the old
    one as it was.

    Args:
        path: the file; its folder is made where it is missing.
        models: what to write of each model, in the order of the experiment. A model none of whose stages is
            finished may be an empty ``ModelResult()``.
        attributes: root attributes, as :func:`landscape.results.provenance` gives them. ``created`` is filled
            in where it is missing; the format's name and version always are.
        records: records of the experiment as a whole, by kind: ``comparison``; None is left out.

    Raises:
        InputError: the file cannot be written, or a name, shape or attribute is not one that the format
            allows.
    """
    for name in models:
        check_name(name, "model")
    with replace_file(path) as file:
        write_root(file, list(models), attributes or {})
        for name, model in models.items():
            _write_model(file.create_group(name), model)
        _write_records(file, {name: found for name, found in records.items() if found is not None}, kinds_of("root"))


def put_record(path: str | os.PathLike[str], place: str, content: Any) -> None:
    """Write a record to its place in a result file, in place of an earlier one of its kind; other content stays.

    Args:
        path: the result file.
        place: ``"MODEL/SLICE"`` for a record of a slice, as a census; ``"MODEL"`` for one of a model, as a raster; and
            ``""`` for one of the experiment. Of a model's first slice, ``"MODEL"`` is enough.
        content: the record.

    Raises:
        ResultFileError: there is no such file, model or slice, or the file is damaged or no result file.
        InputError: the slice has another number of axes, or the file cannot be written.
    """
    layout = layout_of(type(content))
    model, _, name = place.strip("/").partition("/")

    def find(file: h5py.File) -> h5py.Group:
        check_format(file)
        if layout.of == "root":
            return file
        return model_group(file, model) if layout.of == "model" else slice_group(file, model, name or None)

    with open_for_reading(path) as old:
        find(old)
    with replace_file(path, copy=True) as file:
        group = find(file)
        if layout.group in group:
            del group[layout.group]
        _write_records(group, {layout.name: content}, {layout.name: type(content)})


def _write_model(group: h5py.Group, model: ModelResult) -> None:
    write_attributes(group, model.attributes | {"slices": list(model.slices)})
    write_skipped(group, model.skipped)
    _write_records(group, model.records, model.kinds())
    for name, content in model.slices.items():
        check_name(name, "slice")
        if content.surface is not None or content.records:
            _write_slice(group.create_group(name), content)


def _write_slice(group: h5py.Group, content: SliceResult) -> None:
    if content.surface is not None:
        write_record(group, content.surface)
    _write_records(group, content.records, content.kinds())


def _write_records(group: h5py.Group, records: Mapping[str, Any], kinds: Mapping[str, type]) -> None:
    """Write records into the groups of their kinds."""
    n_axes = sum(f"axis_{number}" in group for number in (0, 1))
    for name, content in records.items():
        layout = layout_of(kinds[name])
        if n_axes and AXES.get(layout.of, n_axes) != n_axes:
            words = {1: "one axis", 2: "two axes"}
            wanted = words[AXES[layout.of]]
            raise InputError(f"{group.name}: {name} is of a slice with {wanted}, and this one has {words[n_axes]}")
        write_record(group.create_group(layout.group), content, kinds[name])
