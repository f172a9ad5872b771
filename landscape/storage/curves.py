"""The discontinuity curves of a plane in an HDF5 group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.errors import InputError, ResultFileError
from landscape.storage.curves_layout import CURVE_MECHANISM_FLAGS, JOINT_FLAGS
from landscape.storage.tables import read_attributes, read_required, write_attributes, write_entries

if TYPE_CHECKING:
    from landscape.fragmentation.curves import Curves

_MECHANISMS: dict[str, int] = dict(
    zip(("", *str(CURVE_MECHANISM_FLAGS["flag_meanings"]).split()[1:]), (-1, 0, 1, 2), strict=True)
)

#: Numbers of things that follow one another, and the dimension along which they are.
_COUNTS = {"curve_points": "point", "region_vertices": "vertex", "sample_regions": "sample_region"}


def write_curves(group: h5py.Group, curves: Curves) -> None:
    """Write curves into an empty group.

    Raises:
        InputError: an array does not fit, an attribute cannot be stored, or a mechanism is none of the format.
    """
    further = {name: value for name, value in curves.attributes.items() if name not in ("crossed", "samples")}
    write_attributes(group, {"crossed": int(curves.crossed)} | further)
    unknown = set(curves.mechanism.tolist()) - set(_MECHANISMS)
    if unknown:
        raise InputError(f"mechanism {min(unknown)!r} of a curve is none of {', '.join(filter(None, _MECHANISMS))}")
    ambiguous = np.asarray(curves.ambiguous).reshape(-1, 5)
    values: dict[str, ArrayLike] = {
        "line_0": curves.axes[0],
        "line_1": curves.axes[1],
        "coordinate": np.arange(2),
        "curve": np.arange(len(curves)),
        "curve_points": np.diff(curves.offsets),
        "curve_sample": curves.sample,
        "curve_layer": curves.layer,
        "curve_neuron": curves.neuron,
        "curve_mechanism": np.array([_MECHANISMS[str(word)] for word in curves.mechanism], np.int8),
        "point": np.arange(len(curves.point)),
        "point_position": curves.point,
        "point_axis": curves.axis,
        "point_jump": curves.jump,
        "point_joint": curves.joint,
        "ambiguous": np.arange(len(ambiguous)),
        "ambiguous_sample": ambiguous[:, 0],
        "bound": np.arange(4),
        "ambiguous_cell": ambiguous[:, 1:],
        "region": np.arange(curves.region_area.size),
        "region_area": curves.region_area,
        "region_vertices": np.diff(curves.region_offsets),
        "vertex": np.arange(len(curves.region_outline)),
        "vertex_position": curves.region_outline,
        "sample": np.arange(curves.n_samples),
        "sample_regions": np.diff(curves.sample_region_offsets),
        "sample_region": np.arange(curves.sample_region_area.size),
        "sample_region_area": curves.sample_region_area,
    }
    if "samples" in curves.attributes:
        values["samples"] = np.asarray(curves.attributes["samples"])
    write_entries(group, "curves", values)


def read_curves(group: h5py.Group) -> Curves:
    """Read what :func:`write_curves` wrote.

    Raises:
        ResultFileError: a part is missing or is none of the format.
    """
    # The type belongs to a layer above, as that of a surface does.
    from landscape.fragmentation.curves import Curves

    attributes = read_attributes(group)
    if "crossed" not in attributes:
        raise ResultFileError(f"{group.file.filename}: {group.name} has no attribute 'crossed'; make the file again")
    crossed = int(attributes.pop("crossed"))
    if "samples" in group:
        attributes["samples"] = read_required(group, "samples").astype(np.int64)

    def whole(name: str) -> NDArray[np.int64]:
        return read_required(group, name).astype(np.int64)

    def offsets(name: str) -> NDArray[np.int64]:
        return np.concatenate([[0], np.cumsum(whole(name))]).astype(np.int64)

    words = np.array([*list(_MECHANISMS)[1:], ""], np.str_)
    mechanism = read_required(group, "curve_mechanism")
    if mechanism.size and not (mechanism.min() >= -1 and mechanism.max() < len(words) - 1):
        raise ResultFileError(
            f"{group.file.filename}: {group.name}/curve_mechanism holds what means nothing; "
            "run 'landscape validate' on the file, or make it again"
        )
    counts = whole("sample_regions")
    return Curves(
        axes=(read_required(group, "line_0"), read_required(group, "line_1")),
        n_samples=counts.size,
        offsets=offsets("curve_points"),
        sample=whole("curve_sample"),
        layer=whole("curve_layer"),
        neuron=whole("curve_neuron"),
        mechanism=words[mechanism],
        point=read_required(group, "point_position"),
        axis=read_required(group, "point_axis").astype(np.int8),
        jump=read_required(group, "point_jump"),
        joint=read_required(group, "point_joint").astype(np.int8),
        ambiguous=np.column_stack(
            [read_required(group, "ambiguous_sample").astype(np.float64), read_required(group, "ambiguous_cell")]
        ),
        crossed=crossed,
        region_area=read_required(group, "region_area"),
        region_offsets=offsets("region_vertices"),
        region_outline=read_required(group, "vertex_position"),
        sample_region_area=read_required(group, "sample_region_area"),
        sample_region_offsets=offsets("sample_regions"),
        attributes=attributes,
    )


def check_curves_group(group: h5py.Group) -> Iterator[str]:
    """Check the values of a group of curves; its names, types and shapes are known to be right."""
    values: Mapping[str, NDArray[Any]] = {name: item[()] for name, item in group.items()}
    for name, rows in _COUNTS.items():
        if values[name].sum() != values[rows].size or np.any(values[name] < 1):
            yield f"{group.name}/{name}: does not add up to the {values[rows].size} along {rows!r}"
    n_samples = values["sample"].size
    for name, low, high in (
        ("curve_sample", 0, n_samples - 1),
        ("ambiguous_sample", 0, n_samples - 1),
        ("curve_layer", -1, np.inf),
        ("curve_neuron", -1, np.inf),
        ("point_axis", -1, 1),
        ("region_area", 0.0, np.inf),
        ("sample_region_area", 0.0, np.inf),
    ):
        if values[name].size and not np.all((values[name] >= low) & (values[name] <= high)):
            yield f"{group.name}/{name}: holds a value outside [{low:g}, {high:g}]"
    for name, flags in (("curve_mechanism", CURVE_MECHANISM_FLAGS), ("point_joint", JOINT_FLAGS)):
        wrong = np.setdiff1d(values[name], np.asarray(flags["flag_values"]))
        if wrong.size:
            yield f"{group.name}/{name}: holds {wrong[0]}, which means nothing"
    for number in (0, 1):
        lines = values[f"line_{number}"]
        if lines.size < 2 or np.any(np.diff(lines) <= 0.0):
            yield f"{group.name}/line_{number}: is no grid of two or more ascending lines"
            continue
        edge = 1e-9 * (lines[-1] - lines[0])
        for name in ("point_position", "vertex_position"):
            places = values[name][:, number]
            if places.size and (places.min() < lines[0] - edge or places.max() > lines[-1] + edge):
                yield f"{group.name}/{name}: holds a place that is not on the plane"
