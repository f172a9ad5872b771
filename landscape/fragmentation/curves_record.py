"""Discontinuity curves of a plane and the fragments they bound, as flat arrays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.fragmentation.census.record import MECHANISMS
from landscape.fragmentation.measured_line import effective_number
from landscape.h5.fields import Dim, array, attribute, attributes, layers, ragged, record

__all__ = ["Curves"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


def _number(dim: str, doc: str, **options: Any) -> Any:
    return array(dim, doc, dtype="i4", **({"lowest": 0} | options))


@record(
    "curves",
    of="plane",
    title="curves, in a slice with two axes",
    doc=(
        "Curves on the plane where the loss of a single sample jumps, and the fragments that they cut out. Where a "
        "curve crosses a line of the grid, or a line within a cell that was divided, is exact; in between it is taken "
        "to be straight, and closed curves within one cell are not seen. Points of a curve follow one another, curve "
        "by curve, as do vertices of regions and regions of samples: the numbers of each are beside them. A closed "
        "curve repeats its first point."
    ),
    dims={
        "coordinate": Dim("0: along the first axis, 1: along the second", size=2),
        "curve": "number of the curve, from 0",
        "point": "number of the point, from 0",
        "ambiguous": "number of a cell where joining is in doubt, from 0",
        "bound": Dim("lower, upper end along the first, then along the second axis", size=4),
        "region": "number of a fragment of the mean loss, the largest first",
        "vertex": "number of the vertex, from 0",
        "census_sample": "number of the sample among those that were traced, from 0",
        "sample_region": "number of a fragment of a sample's loss",
    },
)
class Curves:
    """Discontinuity curves of single samples' losses on a plane, and the fragments that they cut out.

    Where a curve crosses a line of the grid (or a line within a cell that was divided) is exact, to 1e-12 of the line.
    Between two such points on the sides of a cell it is *taken to be straight*; that they are of one curve is judged
    from the spike, the mechanism, and the signs of the jumps (``joint``). Closed curves that lie within one cell, and
    bulges that enter and leave a cell by the same side between two examined lines without being told from it, are not
    seen: numbers of fragments are lower bounds in that respect, and rise with a finer grid.

    Curve ``k`` has the points ``offsets[k]`` to ``offsets[k + 1]``; a closed one repeats its first point.

    Attributes:
        axes: the lines of the grid, one array per axis.
        n_samples: number of samples.
        offsets: (n_curves + 1,)
        sample: sample of each curve; (n_curves,).
        layer: layer of the spike that comes or goes, at most points of the curve; (n_curves,).
        neuron: its neuron; (n_curves,).
        mechanism: at most points of the curve; (n_curves,).
        point: coordinates along both axes; (n_points, 2).
        axis: axis along which the line through the point runs; -1 for a point where a curve is taken to end or to
            branch; (n_points,), int8.
        jump: jump of the sample's loss there in the direction of this axis, nats; NaN for the latter; (n_points,).
        joint: how a point is joined to the next one of its curve
            (:class:`~landscape.fragmentation.joining.Joint`), -1 for the last; (n_points,), int8.
        ambiguous_sample: sample whose crossings could not all be joined without doubt ...; (n_ambiguous,).
        ambiguous_cell: ... in this smallest cell: lower and upper end along the first, along the second axis;
            (n_ambiguous, 4).
        crossed: number of pairs of a smallest cell and a sample with a curve through it.
        region_area: area of each fragment of the mean loss, the largest first; (n_regions,).
        region_offsets: (n_regions + 1,)
        region_outline: outer boundaries of these fragments; drawn in this order, those inside others come out on top;
            (n_vertices, 2).
        sample_region_area: areas of the fragments of single samples, the largest first.
        sample_region_offsets: (n_samples + 1,)
        samples: number of each sample in the slice's data, (n_samples,); None where all of them were traced.
        attributes: what else is known (text and numbers).
    """

    axes: Sequence[FloatArray] = layers(
        "line_{n}", "line_{n}", "lines of the grid: coordinates along axis {n}", least=2, most=2, ascending="strictly"
    )
    n_samples: int = attribute("integer", "number of samples", lowest=1)
    offsets: IntArray = ragged("curve", "number of its points", of="point", name="curve_points")
    sample: IntArray = _number("curve", "sample whose loss jumps", name="curve_sample", below="n_samples")
    layer: IntArray = _number(
        "curve",
        "layer of the spike that comes or goes, at most points; -1 where it is not known",
        name="curve_layer",
        lowest=-1,
    )
    neuron: IntArray = _number("curve", "its neuron, in the layer", name="curve_neuron", lowest=-1)
    mechanism: NDArray[np.str_] = array(
        "curve",
        "why, at most points of the curve",
        name="curve_mechanism",
        dtype="i1",
        flags={-1: "unknown"} | dict(enumerate(MECHANISMS)),
        words=("", *MECHANISMS),
    )
    point: FloatArray = array(("point", "coordinate"), "its coordinates", name="point_position")
    axis: NDArray[np.int8] = array(
        "point",
        "axis along which the exact line through it runs; -1: on none, a curve is taken to end or to branch there",
        name="point_axis",
        dtype="i1",
        lowest=-1,
        highest=1,
    )
    jump: FloatArray = array(
        "point", "jump of the sample's loss along that axis", name="point_jump", unit="nat", nan=True, inf=True
    )
    joint: NDArray[np.int8] = array(
        "point",
        "how it is joined to the next point",
        name="point_joint",
        dtype="i1",
        flags=dict(enumerate(("last_point", "same_spike", "same_neuron", "guess", "junction", "end"), start=-1)),
    )
    ambiguous_sample: IntArray = _number("ambiguous", "sample that is in doubt there", below="n_samples")
    ambiguous_cell: FloatArray = array(("ambiguous", "bound"), "bounds of the cell")
    crossed: int = attribute(
        "integer", "number of pairs of a smallest cell and a sample with a curve through it", lowest=0
    )
    region_area: FloatArray = array("region", "its area, in units of both axes", lowest=0.0)
    region_offsets: IntArray = ragged(
        "region", "number of vertices of its outer boundary", of="vertex", name="region_vertices"
    )
    region_outline: FloatArray = array(("vertex", "coordinate"), "its coordinates", name="vertex_position")
    sample_region_area: FloatArray = array("sample_region", "its area, each sample's largest first", lowest=0.0)
    sample_region_offsets: IntArray = ragged(
        "census_sample", "number of fragments of its loss", of="sample_region", name="sample_regions"
    )
    samples: IntArray | None = _number(
        "census_sample",
        "number of each sample in the slice's data, where not all of them were traced",
        default=None,
    )
    attributes: dict[str, Any] = attributes()

    def __len__(self) -> int:
        return int(self.sample.size)

    @property
    def area(self) -> float:
        """Area of the plane, in units of both axes."""
        return float(np.prod([axis[-1] - axis[0] for axis in self.axes]))

    @property
    def ambiguous(self) -> FloatArray:
        """Cells that are in doubt, (n_ambiguous, 5): sample, lower and upper end along both axes."""
        return np.column_stack([self.ambiguous_sample.astype(np.float64), self.ambiguous_cell])

    @property
    def ambiguous_share(self) -> float:
        """Share of the pairs of a smallest cell and a sample, of those with a curve, that are ambiguous."""
        return len(self.ambiguous_sample) / self.crossed if self.crossed else 0.0

    @property
    def fragments(self) -> int:
        """Number of fragments of the mean loss."""
        return int(self.region_area.size)

    @property
    def effective_fragments(self) -> float:
        """Effective number of fragments of the mean loss: exponential of the entropy of the shares of the area."""
        return effective_number(self.region_area)

    @property
    def sample_fragments(self) -> IntArray:
        """Number of fragments of each sample's loss, (n_samples,)."""
        return np.diff(self.sample_region_offsets)

    @property
    def sample_effective_fragments(self) -> FloatArray:
        """Effective number of fragments of each sample's loss, (n_samples,)."""
        parts = np.split(self.sample_region_area, self.sample_region_offsets[1:-1])
        return np.array([effective_number(part) for part in parts])

    @property
    def length(self) -> FloatArray:
        """Length of each curve, in units of the axes; (n_curves,)."""
        parts = [self.point[a:b] for a, b in zip(self.offsets[:-1], self.offsets[1:], strict=True)]
        return np.array([np.hypot(*np.diff(part, axis=0).T).sum() for part in parts], np.float64)

    def problems(self) -> Iterator[str]:
        """What does not fit together, one line each."""
        if self.sample_region_offsets.size != self.n_samples + 1:
            yield f"sample_regions: is of {self.sample_region_offsets.size - 1} samples, not {self.n_samples}"
        for number, lines in enumerate(self.axes):
            if lines.size < 2:
                yield f"line_{number}: is no grid of two or more lines"
                continue
            edge = 1e-9 * (lines[-1] - lines[0])
            for name, places in (("point_position", self.point), ("vertex_position", self.region_outline)):
                if np.any((places[:, number] < lines[0] - edge) | (places[:, number] > lines[-1] + edge)):
                    yield f"{name}: holds a place that is not on the plane"
