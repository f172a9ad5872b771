"""The silent regions of a slice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from landscape.h5.fields import array, attribute, record

if TYPE_CHECKING:
    from landscape.slices.surface import Surface

__all__ = ["SilentRegions"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@record(
    "regions",
    of="slice",
    title="regions, in a slice",
    doc=(
        "Silent regions: connected sets of evaluated points (2D: neighbours along an axis) at which a hidden neuron "
        "fires in no sample. Shares are of the evaluated points."
    ),
    dims={"hidden_layer": "number of the hidden layer, from 0", "region": "number of the region, from 0"},
)
class SilentRegions:
    """The silent regions of a slice.

    A silent region is a connected set of points at which one given neuron is silent. In 2D a point is
    connected with its (up to) four neighbours along the axes. Points that are not done belong to no region
    and separate regions. Shares are of the points that are done.

    Attributes:
        layer: hidden layer of each region's neuron, 0 for the first; (n_regions,).
        neuron: number of the neuron in its layer, from 0; (n_regions,).
        points: number of points in the region; (n_regions,).
        share: share of points in the region; (n_regions,).
        region_count: number of regions of each hidden layer; (n_hidden_layers,).
        area_share: share of points with at least one silent neuron in the layer; (n_hidden_layers,).
        all_silent_share: share of points at which the whole layer is silent; (n_hidden_layers,).
        mean_silent_share: share of silent neurons in the layer, mean over points; (n_hidden_layers,).
        points_used: number of points that are done.
        points_excluded: number of points that are not.
    """

    layer: IntArray = array(
        "region", "layer of the region's neuron", dtype="i4", name="region_layer", below="hidden_layer"
    )
    neuron: IntArray = array(
        "region", "number of the region's neuron in its layer, from 0", dtype="i4", name="region_neuron", lowest=0
    )
    points: IntArray = array("region", "number of points in the region", dtype="i4", name="region_points", lowest=1)
    share: FloatArray = array("region", "share of points in the region", name="region_share", lowest=0.0, highest=1.0)
    region_count: IntArray = array(
        "hidden_layer", "number of silent regions of the layer's neurons", dtype="i4", lowest=0
    )
    area_share: FloatArray = array(
        "hidden_layer",
        "share of points with at least one silent neuron in the layer",
        nan=True,
        lowest=0.0,
        highest=1.0,
    )
    all_silent_share: FloatArray = array(
        "hidden_layer", "share of points at which the whole layer is silent", nan=True, lowest=0.0, highest=1.0
    )
    mean_silent_share: FloatArray = array(
        "hidden_layer", "share of silent neurons in the layer, mean over points", nan=True, lowest=0.0, highest=1.0
    )
    points_used: int = attribute("integer", "number of points that are done", lowest=0)
    points_excluded: int = attribute("integer", "number of points that are not", lowest=0)

    def problems_on(self, surface: Surface) -> Iterator[str]:
        """What does not fit the surface that the regions are of, one line each."""
        n_done = int(surface.done.sum())
        if (self.points_used, self.points_excluded) != (n_done, surface.n_points - n_done):
            yield (
                f"counts {self.points_used} points used and {self.points_excluded} excluded, but the slice has "
                f"{n_done} done and {surface.n_points - n_done} others; analyze it again"
            )
