"""Silent regions: where on a slice a hidden neuron fires in no sample.

There no gradient reaches its incoming weights, except through pseudospikes where the readout has them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

if TYPE_CHECKING:
    from landscape.slices.surface import Surface

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class SilentRegions:
    """The silent regions of a slice.

    A silent region is a connected set of points at which one given neuron is silent. In 2D a point is
    connected with its (up to) four neighbours along the axes. Points that are not done belong to no region
    and separate regions. Shares are of the points that are done.

    Attributes:
        layer: hidden layer of each region's neuron, from 1; (n_regions,).
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

    layer: IntArray
    neuron: IntArray
    points: IntArray
    share: FloatArray
    region_count: IntArray
    area_share: FloatArray
    all_silent_share: FloatArray
    mean_silent_share: FloatArray
    points_used: int
    points_excluded: int

    def table(self) -> dict[str, Any]:
        """The same by the names of the result file's ``regions`` group."""
        return {
            "hidden_layer": np.arange(1, self.region_count.size + 1, dtype=np.int32),
            "region_count": self.region_count,
            "area_share": self.area_share,
            "all_silent_share": self.all_silent_share,
            "mean_silent_share": self.mean_silent_share,
            "region": np.arange(self.layer.size, dtype=np.int32),
            "region_layer": self.layer,
            "region_neuron": self.neuron,
            "region_points": self.points,
            "region_share": self.share,
            "points_used": self.points_used,
            "points_excluded": self.points_excluded,
        }


def silent_regions(surface: Surface) -> SilentRegions:
    """The silent regions of every hidden neuron, sorted by layer, neuron and first point.

    With no point done, the shares per layer are NaN.
    """
    done = surface.done
    n_done = int(np.count_nonzero(done))
    # The generated structure connects neighbours along the axes; the neurons must stay apart, so each is
    # labelled alone.
    structure = ndimage.generate_binary_structure(done.ndim, 1)
    layers, neurons, points = [], [], []
    counts, areas, all_silent, means = [], [], [], []
    start = 0
    for number, size in enumerate(surface.hidden_sizes, start=1):
        silent = surface.silent[..., start : start + size] & done[..., None]
        start += size
        count = 0
        for neuron in np.flatnonzero(silent.reshape(-1, size).any(axis=0)):
            labels, n_regions = ndimage.label(silent[..., neuron], structure)
            layers += [number] * n_regions
            neurons += [int(neuron)] * n_regions
            points += np.bincount(labels.ravel(), minlength=n_regions + 1)[1:].tolist()
            count += n_regions
        counts.append(count)
        areas.append(_share(np.count_nonzero(silent.any(axis=-1)), n_done))
        all_silent.append(_share(np.count_nonzero(silent.all(axis=-1)), n_done))
        means.append(_share(np.count_nonzero(silent), n_done * size))
    return SilentRegions(
        layer=np.array(layers, dtype=np.int32),
        neuron=np.array(neurons, dtype=np.int32),
        points=np.array(points, dtype=np.int32),
        share=np.array(points, dtype=np.float64) / max(n_done, 1),
        region_count=np.array(counts, dtype=np.int32),
        area_share=np.array(areas, dtype=np.float64),
        all_silent_share=np.array(all_silent, dtype=np.float64),
        mean_silent_share=np.array(means, dtype=np.float64),
        points_used=n_done,
        points_excluded=int(done.size) - n_done,
    )


def _share(part: int | np.intp, whole: int) -> float:
    return float(part) / whole if whole else float("nan")
