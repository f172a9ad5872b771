"""A surface in an HDF5 group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import h5py
import numpy as np
from numpy.typing import ArrayLike

from landscape.errors import ResultFileError
from landscape.storage.directions import read_directions, write_directions
from landscape.storage.schema import LAYOUT
from landscape.storage.tables import (
    read_attributes,
    read_entry,
    read_required,
    write_attributes,
    write_entries,
)

if TYPE_CHECKING:
    from landscape.slices.surface import Surface

_OWN_ATTRIBUTES = tuple(attribute.name for attribute in LAYOUT["slice"].attributes)
_OPTIONAL = ("gradient_norm", "sample_loss", "gradient")


def write_surface(group: h5py.Group, name: str, surface: Surface) -> None:
    """Write a surface, its directions included, into a group.

    Raises:
        InputError: an array does not fit, or an attribute cannot be stored.
    """
    write_attributes(
        group,
        {key: value for key, value in surface.attributes.items() if key not in _OWN_ATTRIBUTES}
        | {"slice": name, "hidden_sizes": list(surface.hidden_sizes)},
    )
    axes = tuple(f"axis_{number}" for number in range(len(surface.axes)))
    sizes = surface.hidden_sizes
    values: dict[str, ArrayLike] = dict(zip(axes, surface.axes, strict=True))
    values |= {
        "direction": np.arange(surface.directional_derivative.shape[-1]),
        "layer": np.arange(1, surface.spike_count.shape[-1] + 1),
        "hidden_neuron": np.arange(sum(sizes)),
        "hidden_neuron_layer": np.repeat(np.arange(1, len(sizes) + 1), sizes),
        "status": surface.status,
        "loss": surface.loss,
        "accuracy": surface.accuracy,
        "directional_derivative": surface.directional_derivative,
        "spike_count": surface.spike_count,
        "silent": surface.silent,
    }
    for key in _OPTIONAL:
        if getattr(surface, key) is not None:
            values[key] = getattr(surface, key)
    if surface.sample_loss is not None:
        values["sample"] = np.arange(surface.sample_loss.shape[-1])
    if surface.gradient is not None:
        values["parameter"] = np.arange(surface.gradient.shape[-1])
    write_entries(group, "slice", values, axes=axes)
    write_directions(group.create_group("directions"), surface.directions)


def read_surface(group: h5py.Group) -> Surface:
    """Read what :func:`write_surface` wrote.

    Raises:
        ResultFileError: the group holds no slice, or a part of it is missing or does not fit the others.
    """
    # The one arrow that points upwards: the file layer returns the type that the layer above works with.
    from landscape.slices.surface import Surface

    if "slice" not in group.attrs:
        raise ResultFileError(f"{group.file.filename}: group {group.name} holds no slice; see 'landscape info'")
    if not isinstance(group.get("directions"), h5py.Group):
        raise ResultFileError(f"{group.file.filename}: {group.name} has no group 'directions'; make the file again")
    attributes = read_attributes(group)
    axes = [read_required(group, "axis_0")]
    if "axis_1" in group:
        axes.append(read_required(group, "axis_1"))
    values: dict[str, Any] = {
        key: read_required(group, key)
        for key in ("loss", "accuracy", "directional_derivative", "spike_count", "silent", "status")
    }
    values |= {key: read_entry(group, key) for key in _OPTIONAL}
    try:
        return Surface(
            axes=axes,
            directions=read_directions(group["directions"]),
            hidden_sizes=tuple(int(size) for size in np.atleast_1d(attributes.get("hidden_sizes", []))),
            attributes={key: value for key, value in attributes.items() if key not in _OWN_ATTRIBUTES},
            **values,
        )
    except (ValueError, TypeError) as error:
        if isinstance(error, ResultFileError):
            raise
        raise ResultFileError(f"{group.file.filename}: {group.name}: {error}") from error
