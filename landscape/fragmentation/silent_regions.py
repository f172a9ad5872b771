"""Silent regions: where on a slice a hidden neuron fires in no sample.

There no gradient reaches its incoming weights, except through pseudospikes where the readout has them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landscape.fragmentation.regions_record import SilentRegions

if TYPE_CHECKING:
    from landscape.slices.surface import Surface


def silent_regions(surface: Surface) -> SilentRegions:
    """The silent regions of every hidden neuron, sorted by layer, neuron and first point.

    With no point done, the shares per layer are NaN.

    Args:
        surface: the sampled values.
    """
    from scipy import ndimage  # slow to import

    done = surface.done
    n_done = int(np.count_nonzero(done))
    # The generated structure connects neighbours along the axes; the neurons must stay apart, so each is
    # labelled alone.
    structure = ndimage.generate_binary_structure(done.ndim, 1)
    layers, neurons, points = [], [], []
    counts, areas, all_silent, means = [], [], [], []
    start = 0
    for number, size in enumerate(surface.hidden_sizes):
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
        layer=np.array(layers, dtype=np.int64),
        neuron=np.array(neurons, dtype=np.int64),
        points=np.array(points, dtype=np.int64),
        share=np.array(points, dtype=np.float64) / max(n_done, 1),
        region_count=np.array(counts, dtype=np.int64),
        area_share=np.array(areas, dtype=np.float64),
        all_silent_share=np.array(all_silent, dtype=np.float64),
        mean_silent_share=np.array(means, dtype=np.float64),
        points_used=n_done,
        points_excluded=int(done.size) - n_done,
    )


def _share(part: int | np.intp, whole: int) -> float:
    return float(part) / whole if whole else float("nan")
