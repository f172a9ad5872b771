"""The group with the discontinuity curves of a plane."""

from __future__ import annotations

from landscape.storage.layout import Attribute, Entry, Layout

CURVE_MECHANISM_FLAGS = {"flag_values": (-1, 0, 1, 2), "flag_meanings": "unknown order grazing trial_end"}
JOINT_FLAGS = {
    "flag_values": (-1, 0, 1, 2, 3, 4),
    "flag_meanings": "last_point same_spike same_neuron guess junction end",
}

CURVES = Layout(
    path="curves, in a slice with two axes",
    required=False,
    description=(
        "Curves on the plane where the loss of a single sample jumps, and the fragments that they cut out. Where a "
        "curve crosses a line of the grid, or a line within a cell that was divided, is exact; in between it is taken "
        "to be straight, and closed curves within one cell are not seen. Points of a curve follow one another, curve "
        "by curve, as do vertices of regions and regions of samples: the numbers of each are beside them. A closed "
        "curve repeats its first point."
    ),
    entries=(
        Entry("line_0", ("line_0",), "<f8", "1", True, "lines of the grid: coordinates along the first axis"),
        Entry("line_1", ("line_1",), "<f8", "1", True, "coordinates along the second axis"),
        Entry("coordinate", ("coordinate",), "<i4", "1", True, "0: along the first axis, 1: along the second"),
        Entry("curve", ("curve",), "<i4", "1", True, "number of the curve, from 0"),
        Entry("curve_points", ("curve",), "<i4", "1", True, "number of its points"),
        Entry("curve_sample", ("curve",), "<i4", "1", True, "sample whose loss jumps"),
        Entry("curve_layer", ("curve",), "<i4", "1", True, "layer of the spike that comes or goes, at most points"),
        Entry("curve_neuron", ("curve",), "<i4", "1", True, "its neuron, in the layer"),
        Entry(
            "curve_mechanism",
            ("curve",),
            "|i1",
            "1",
            True,
            "why, at most points of the curve",
            True,
            CURVE_MECHANISM_FLAGS,
        ),
        Entry("point", ("point",), "<i4", "1", True, "number of the point, from 0"),
        Entry("point_position", ("point", "coordinate"), "<f8", "1", True, "its coordinates"),
        Entry(
            "point_axis",
            ("point",),
            "|i1",
            "1",
            True,
            "axis along which the exact line through it runs; -1: on none, a curve is taken to end or to branch there",
        ),
        Entry("point_jump", ("point",), "<f8", "nat", True, "jump of the sample's loss along that axis", False),
        Entry("point_joint", ("point",), "|i1", "1", True, "how it is joined to the next point", True, JOINT_FLAGS),
        Entry("ambiguous", ("ambiguous",), "<i4", "1", True, "number of a cell where joining is in doubt, from 0"),
        Entry("ambiguous_sample", ("ambiguous",), "<i4", "1", True, "sample that is in doubt there"),
        Entry("bound", ("bound",), "<i4", "1", True, "lower, upper end along the first, then along the second axis"),
        Entry("ambiguous_cell", ("ambiguous", "bound"), "<f8", "1", True, "bounds of the cell"),
        Entry("region", ("region",), "<i4", "1", True, "number of a fragment of the mean loss, the largest first"),
        Entry("region_area", ("region",), "<f8", "1", True, "its area, in units of both axes"),
        Entry("region_vertices", ("region",), "<i4", "1", True, "number of vertices of its outer boundary"),
        Entry("vertex", ("vertex",), "<i4", "1", True, "number of the vertex, from 0"),
        Entry("vertex_position", ("vertex", "coordinate"), "<f8", "1", True, "its coordinates"),
        Entry("sample", ("sample",), "<i4", "1", True, "number of the sample"),
        Entry("sample_regions", ("sample",), "<i4", "1", True, "number of fragments of its loss"),
        Entry("sample_region", ("sample_region",), "<i4", "1", True, "number of a fragment of a sample's loss"),
        Entry("sample_region_area", ("sample_region",), "<f8", "1", True, "its area, each sample's largest first"),
        Entry(
            "samples",
            ("sample",),
            "<i4",
            "1",
            False,
            "number of each sample in the slice's data, where not all of them were traced",
        ),
    ),
    attributes=(
        Attribute(
            "crossed", "integer", True, "number of pairs of a smallest cell and a sample with a curve through it"
        ),
    ),
    further_attributes=True,
)
