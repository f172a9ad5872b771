"""How to read the measures."""

from __future__ import annotations

from collections.abc import Iterator

from landscape.report.page import Block, Heading, Paragraph
from landscape.report.section import Section
from landscape.results.run import Run


def how_to_read(run: Run) -> Iterator[Block]:
    """What the measures are, and are not."""
    yield Heading("How to read the measures")
    yield Paragraph(
        "Those of the slices describe the values at the sampled points, as they are, and depend on the spacing of the "
        "points. A jump of the loss and a steep continuous piece look alike between two points, and what "
        "happens between them is not seen: none of these numbers counts discontinuities. Total variation "
        "over range is 1 where the loss is monotonic along a line over its whole range, 2 across a single "
        "valley with rims of one height, and more the more often the loss goes up and down. Local minima "
        "are those of the sampled values; a minimum's persistence is by how much the loss must rise to "
        "reach a lower one, and a plateau counts as one minimum. A silent region is a connected set of "
        "points at which a given hidden neuron fires in no sample, so that no gradient reaches its "
        "incoming weights, except through pseudospikes where the readout has them. The derivatives and "
        "gradients are exact at every point; they say nothing about a jump next to it."
    )
    yield Paragraph(
        "The tables of discontinuities, where there are any, do not come from the points. Spikes are followed "
        "along the line between points as well; where one comes, goes or jumps, the loss is evaluated so close "
        "on both sides that a jump and a steep continuous piece are told apart. A jump of the mean loss is that "
        "of a sample's loss over the number of samples. Causes: the potential touches the threshold and a spike "
        "appears or vanishes there; the threshold crossing meets an incoming spike that forbids or delays it; a "
        "spike moves past the trial's end."
    )


SECTION = Section(name="reading", of="experiment", place=80, tell=how_to_read)
