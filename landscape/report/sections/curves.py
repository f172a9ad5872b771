"""What the report says about the discontinuity curves of a plane."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from landscape.fragmentation.curves_record import Curves
from landscape.report.numbers import NONE, number, percent
from landscape.report.page import Block, Heading, Paragraph, Table
from landscape.report.section import Section
from landscape.results.run import Run
from landscape.wording import display_name as model_name


def curves_found(run: Run, name: str) -> Iterator[Block]:
    """The curves and fragments on one plane; nothing where none were traced."""
    found = run.of(Curves, name)
    if not found:
        return
    yield Heading(f"Curves of discontinuity on {name}", 3)
    grids = sorted({" x ".join(str(axis.size) for axis in curves.axes) for curves in found.values()})
    yield Paragraph(
        f"All discontinuities of every sample were found on {' / '.join(grids)} lines of a grid, and joined within its "
        "cells; a cell where that leaves a doubt is divided by further lines. Between two lines a curve is taken to be "
        "straight, and closed curves within one cell are not seen: numbers of fragments depend on the lines."
    )
    yield Table(
        ("", *(model_name(model) for model in found)),
        [(what, *(say(curves) for curves in found.values())) for what, say in _ROWS.items()],
        caption="Curves where the loss of a single sample jumps, and the pieces that they cut the plane into.",
    )
    for model, curves in found.items():
        if unresolved := int(curves.attributes.get("unresolved", 0)):
            yield Paragraph(
                "Discontinuities in them are missing.",
                emphasized=f"{model_name(model)}: {unresolved} pieces of these lines could NOT be resolved.",
            )


def _share(mechanism: str) -> Callable[[Curves], str]:
    return lambda c: percent(float(np.mean(c.mechanism == mechanism))) if len(c) else NONE


_ROWS: dict[str, Callable[[Curves], str]] = {
    "Samples": lambda c: f"{c.n_samples:,}",
    "Curves": lambda c: f"{len(c):,}",
    "… through exactly known points": lambda c: f"{int(np.count_nonzero(c.axis >= 0)):,}",
    "Fragments of the mean loss": lambda c: f"{c.fragments:,}",
    "… effective number": lambda c: number(c.effective_fragments),
    "Fragments of a sample's loss, mean over samples": lambda c: number(float(np.mean(c.sample_fragments))),
    "… effective number, mean over samples": lambda c: number(float(np.mean(c.sample_effective_fragments))),
    "Why: potential touches the threshold": _share("grazing"),
    "Why: crossing coincides with an incoming spike": _share("order"),
    "Why: spike at the trial's end": _share("trial_end"),
    "Cells, of those with a curve, where joining is in doubt": lambda c: percent(c.ambiguous_share),
}


SECTION = Section(name="curves", of="slice", place=30, tell=curves_found)
