"""Records as xarray datasets, with dimensions, coordinates, units and descriptions. Needs xarray (extra ``xarray``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.errors import InputError
from landscape.h5.coding import Plain, encode

if TYPE_CHECKING:
    import xarray

__all__ = ["to_xarray"]


def to_xarray(content: Any) -> xarray.Dataset:
    """A record as a dataset, as ``xarray.open_dataset`` finds it in a result file; without the records within it.

    Args:
        content: the record, as a :class:`landscape.Surface` or :class:`landscape.Census`.

    Raises:
        InputError: xarray is not installed, or the record's arrays do not fit one another.
    """
    try:
        import xarray
    except ImportError as error:
        raise InputError("xarray is not installed; install spiking-landscape[xarray]") from error
    plain: Plain = encode(content)
    variables: dict[str, Any] = {}
    for name, variable in plain.variables.items():
        attributes = dict(variable.attributes)
        values = variable.values
        # As xarray decodes it.
        if attributes.pop("dtype", None) == "bool":
            values = values.astype(np.bool_)
        variables[name] = (variable.dims, values, attributes)
    coordinates = {name: variables.pop(name) for name in list(variables) if variables[name][0] == (name,)}
    attributes = {name: value for name, value in plain.attributes.items() if value is not None}
    return xarray.Dataset(variables, coordinates, attributes)
