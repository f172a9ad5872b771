"""An anatomy and discontinuity curves that look like real ones, made without the simulator."""

from __future__ import annotations

import numpy as np

from landscape.fragmentation.anatomy_record import Anatomy, BothSides
from landscape.fragmentation.census import Census
from landscape.fragmentation.curves_record import Curves


def anatomy(census: Census, *, sample: int = 0, sizes: tuple[int, ...] = (20, 8, 3), seed: int = 0) -> Anatomy:
    """The anatomy of a sample of a synthetic census: straight curves that end at its discontinuities."""
    rng = np.random.default_rng(seed)
    own = census.of_sample(sample)
    grid = np.linspace(census.low, census.high, 21)
    position = np.unique(np.concatenate([grid, own.bracket.ravel()]))
    piece = np.searchsorted(own.bracket[:, 1], position, side="right")
    layer, neuron, vertex_curve, vertex_position, vertex_time = [], [], [], [], []
    for level, size in enumerate(sizes[1:]):
        for number in range(size):
            for part in range(len(own) + 1):
                here = position[piece == part]
                vertex_curve.append(np.full(here.size, len(layer)))
                vertex_position.append(here)
                vertex_time.append(1.0 + level + 0.8 * rng.random() + 0.1 * here)
                layer.append(level)
                neuron.append(number)
    return Anatomy(
        sample=sample,
        label=1,
        duration=4.0,
        sizes=sizes,
        spiking_output=True,
        position=position,
        loss=np.cos(position) + 0.2 * piece,
        piece=piece.astype(np.int64),
        curve_layer=np.array(layer),
        curve_neuron=np.array(neuron),
        vertex_curve=np.concatenate(vertex_curve).astype(np.int64),
        vertex_position=np.concatenate(vertex_position),
        vertex_time=np.concatenate(vertex_time),
        both_sides=both_sides(own) if len(own) else None,
    )


def both_sides(own: Census, row: int = 0, neuron: str = "lif") -> BothSides:
    """The potential rises to the threshold at time 2 and is reset there on the left, but not on the right."""
    time = np.linspace(0.01, 4.0, 200)
    bump = 1.0 - 0.25 * (time - 2.0) ** 2
    order = own.mechanism[row] == "order"
    return BothSides(
        row=row,
        position=float(own.position[row]),
        layer=0,
        neuron=5,
        mechanism=str(own.mechanism[row]),
        threshold=1.0 if neuron == "lif" else np.nan,
        event_time=2.0,
        partner=7 if order else -1,
        partner_time=2.0 if order else np.nan,
        time=np.concatenate([time, time]),
        side=np.repeat([0, 1], time.size),
        potential=np.concatenate([np.where(time < 2.0, bump, 0.2 * (time - 2.0)), bump]),
        spike_time=np.array([2.0]),
        spike_side=np.array([0]),
        input_time=np.array([0.5, 1.0, 2.0]),
        input_neuron=np.array([3, 4, 7]),
        input_weight=np.array([1.2, 0.8, -0.9]),
    )


def curves(axes: list[np.ndarray], *, crossing: bool) -> Curves:
    """Two straight curves of different mechanisms that cross in the middle of a plane; or none."""
    low, high = np.array([axis[0] for axis in axes]), np.array([axis[-1] for axis in axes])
    middle = 0.5 * (low + high)
    ends = np.array([[low[0], middle[1]], [high[0], middle[1]], [middle[0], low[1]], [middle[0], high[1]]])
    corners = [(low[0], low[1]), (high[0], low[1]), (low[0], high[1]), (high[0], high[1])]
    outlines = np.concatenate([[c, (c[0], middle[1]), middle, (middle[0], c[1]), c] for c in np.array(corners)])
    whole = np.array([low, (high[0], low[1]), high, (low[0], high[1]), low])
    area = float(np.prod(high - low))
    n = 2 if crossing else 0
    return Curves(
        axes=(axes[0], axes[1]),
        n_samples=3,
        offsets=2 * np.arange(n + 1),
        sample=np.arange(n),
        layer=np.zeros(n, np.int64),
        neuron=np.arange(n),
        mechanism=np.array(["order", "grazing"][:n], np.str_),
        point=ends[: 2 * n],
        axis=np.array([1, 1, 0, 0][: 2 * n], np.int8),
        jump=np.array([0.5, 0.4, -0.1, np.inf][: 2 * n]),
        joint=np.array([0, -1, 0, -1][: 2 * n], np.int8),
        ambiguous_sample=np.zeros(n // 2, np.int64),
        ambiguous_cell=np.zeros((n // 2, 4)),
        crossed=n,
        region_area=np.full(4, area / 4) if crossing else np.array([area]),
        region_offsets=5 * np.arange(5 if crossing else 2),
        region_outline=outlines if crossing else whole,
        sample_region_area=np.full(5, area) if crossing else np.full(3, area),
        sample_region_offsets=np.array([0, 2, 4, 5]) if crossing else np.arange(4),
    )
