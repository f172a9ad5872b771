"""What the report says about two models compared."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from landscape.fragmentation.comparison_record import Comparison, MeasureComparison
from landscape.fragmentation.resampling import Estimate
from landscape.measures import described
from landscape.report.numbers import NONE, number
from landscape.report.origins import differing_origins
from landscape.report.page import Block, Heading, Paragraph, Table
from landscape.report.section import Section
from landscape.results.run import Run
from landscape.slices.surface import Status
from landscape.wording import display_name


def comparison_found(run: Run) -> Iterator[Block]:
    """The comparison of two models; nothing where nothing was compared."""
    comparison = run.find(Comparison)
    if comparison is None:
        return
    first, second = (display_name(name) for name in comparison.models)
    yield Heading(f"{first} and {second} compared", 3)
    yield Paragraph("", emphasized=comparison.verdict_on(first, second))
    yield Paragraph(_about(comparison))
    yield from _missing(comparison)
    for sentence in differing_origins(run.attributes, {"The comparison": comparison.attributes}):
        yield Paragraph(sentence)
    yield Table(
        (
            *("", first, second, "Difference", "Ratio", "Cohen's d", "Cliff's delta"),
            *("p (permutation)", "p (Wilcoxon)", "Networks", "Lines"),
        ),
        [_row(found) for found in comparison.measures.values()],
        caption=(
            f"Means over networks; {second} less {first} and {second} over {first}, with {100 * comparison.level:g} % "
            "intervals; effect sizes and tests of the paired differences; pairs of networks and of lines with a value."
        ),
    )
    if not math.isnan(least := comparison.least_p()):
        networks = comparison.measures[comparison.primary].networks
        yield Paragraph(
            f"With {networks} pairs of networks the least p that the permutation test can give is {number(least, 2)}. "
            "A difference without an interval is the same for all pairs."
        )
    yield Paragraph(
        "The verdict is about one measure, which the experiment names beforehand; intervals and p values of the others "
        "are not corrected for their number. All of it holds for networks trained in this way on these data, for "
        "random directions and for this range."
    )


def _about(comparison: Comparison) -> str:
    about = comparison.attributes
    _, n_networks, n_lines = comparison.values[comparison.primary].shape
    lines = "one random line" if n_lines == 1 else f"{n_lines} random lines"
    pairs = "one pair of networks" if n_networks == 1 else f"{n_networks} pairs of networks, each trained from one seed"
    text = f"Compared are {pairs}, along {lines} around each"
    if {"low", "high", "normalization"} <= about.keys():
        text += f", from {number(float(about['low']))} to {number(float(about['high']))} of the directions' length "
        text += f"(normalization: {about['normalization']})"
    if {"n_samples", "data"} <= about.keys():
        text += f", on {about['n_samples']} {about['data']} samples"
    return (
        f"{text}. Every discontinuity of every sample's loss on these lines was found; other measures are from "
        f"{about.get('points', 'equally spaced')} points of each. A network is the unit of all statistics: intervals "
        f"are the wider, to either side, of a hierarchical bootstrap ({comparison.resamples:,} draws of networks, then "
        "of lines) and of Student's t over networks."
    )


def _missing(comparison: Comparison) -> Iterator[Block]:
    """What was not measured, and why."""
    if comparison.status is None:
        return
    pending, failed = (int(np.count_nonzero(comparison.status == state)) for state in (Status.PENDING, Status.FAILED))
    if pending:
        yield Paragraph(
            "What is said here is of those that are; a claim that is looked at while a study runs is more likely to be "
            "made by chance.",
            emphasized=f"Not finished: {pending} of {comparison.status.size} lines are not measured yet.",
        )
    if failed:
        reasons = [str(text) for text in np.atleast_1d(comparison.attributes.get("left_out", []))]
        shown = "; ".join(reasons[:5]) + ("; ..." if len(reasons) > 5 else "")
        text = f"{failed} of {comparison.status.size} lines could not be measured; their pairs are left out: {shown}."
        yield Paragraph(text)


def _row(found: MeasureComparison) -> tuple[str, ...]:
    return (
        described(found.name).title,
        number(found.mean[0]),
        number(found.mean[1]),
        _interval(found.difference),
        _interval(found.ratio),
        number(found.cohens_d, 2),
        number(found.cliffs_delta, 2),
        number(found.p_permutation, 2),
        number(found.p_wilcoxon, 2),
        str(found.networks),
        str(found.directions),
    )


def _interval(estimate: Estimate) -> str:
    if math.isnan(estimate.value):
        return NONE
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return number(estimate.value)
    return f"{number(estimate.value)} [{number(estimate.low)}, {number(estimate.high)}]"


SECTION = Section(name="comparison", of="experiment", place=60, tell=comparison_found)
