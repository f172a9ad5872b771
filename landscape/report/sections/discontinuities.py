"""What the report says about the census of a slice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import numpy as np

from landscape.fragmentation.census.record import Census
from landscape.fragmentation.fragments_record import Fidelity, Fragments
from landscape.fragmentation.resampling import Estimate
from landscape.measures import Measure, measures
from landscape.report.numbers import NONE, number, percent
from landscape.report.origins import differing_origins
from landscape.report.page import Block, Heading, Paragraph, Table
from landscape.report.section import Section
from landscape.results.run import Run
from landscape.wording import display_name as model_name

#: Mechanisms in the order of the table, with the words for them.
_MECHANISMS = {
    "grazing": "potential touches the threshold",
    "order": "crossing coincides with an incoming spike",
    "trial_end": "spike at the trial's end",
}


def discontinuities_found(run: Run, name: str) -> Iterator[Block]:
    """The discontinuities on one slice; nothing where they were not looked for."""
    surfaces = run.surfaces[name]
    found = run.of(Census, name)
    left_out = {
        model: str(surface.attributes["census_skipped"])
        for model, surface in surfaces.items()
        if "census_skipped" in surface.attributes
    }
    if not found and not left_out:
        return
    yield Heading(f"Discontinuities on {name}", 3)
    for model, reason in left_out.items():
        yield Paragraph(f"{model_name(model)}: no census was taken: {reason}.")
    for model, census in found.items():
        if len(census.unresolved):
            yield _not_resolved(model, census)
    if not found:
        return
    yield Paragraph(_about(found))
    parts = {f"The census of {model_name(model)}": census.attributes for model, census in found.items()}
    for sentence in differing_origins(run.attributes, parts):
        yield Paragraph(sentence)
    measured = run.of(Fragments, name).keys() >= found.keys()
    rows = {what: say for what, say in _ROWS.items() if not (measured and what in _IN_BOTH)}
    yield Table(
        ("", *(model_name(model) for model in found)),
        [(what, *(say(census) for census in found.values())) for what, say in rows.items()],
        caption="Discontinuities of the losses of single samples, bracketed to rounding and not read off the points.",
    )
    yield from _fragmentation(run, name, found)
    for model, census in found.items():
        if not len(census):
            yield Paragraph(_none(model, census))
        if contradicted := int(np.count_nonzero(census.confirmed == 0)):
            evaluated = f"{contradicted} of the jumps that were evaluated in extended precision were NOT confirmed."
            yield Paragraph("", emphasized=f"{model_name(model)}: {evaluated}")


def _fragmentation(run: Run, name: str, censuses: dict[str, Census]) -> Iterator[Block]:
    """The measures with their intervals."""
    found = {model: table for model, table in run.of(Fragments, name).items() if model in censuses}
    if not found:
        return
    levels = sorted({table.level for table in found.values()})
    intervals = " / ".join(f"{100 * level:g}" for level in levels)
    counts = " / ".join(str(n) for n in sorted({census.n_samples for census in censuses.values()}))
    yield Table(
        ("", *(model_name(model) for model in found)),
        [
            (measure.row, *(_estimate(table, measure) for table in found.values()))
            for measure in measures()
            if measure.told
        ],
        caption=(
            f"How fragmented the loss is, for {counts} samples, those of the census, with {intervals} % intervals: how "
            "the numbers vary with other samples from the same source. They say nothing of other directions or other "
            "trained networks."
        ),
    )
    yield from _fidelity(found)


def _fidelity(found: dict[str, Fragments]) -> Iterator[Block]:
    """How far the derivative predicts the loss, by the size of the step."""
    tables = {model: table.fidelity for model, table in found.items() if table.fidelity is not None}
    if not tables:
        return
    steps = sorted({float(step) for table in tables.values() for step in table.step})
    yield Table(
        ("Step", *(f"{model_name(model)}{what}" for model in tables for what in (": error", ": downhill"))),
        [(number(step), *(cell for table in tables.values() for cell in _of_step(table, step))) for step in steps],
        caption=(
            "How far the exact derivative predicts the mean loss: by how much it misses the change over a step along "
            "the line, as a share of the larger of the two, median over the points; and the share of steps against it "
            "that lower the loss. 0 is a perfect prediction, 1 none. Intervals as above."
        ),
    )


def _of_step(table: Fidelity, step: float) -> tuple[str, str]:
    where = np.flatnonzero(table.step == step)
    if not where.size or 0.5 not in table.quantiles:
        return NONE, NONE
    k, median = int(where[0]), table.quantiles.index(0.5)
    return (
        _with_interval(Estimate(float(table.error[k, median]), *table.interval[k, median].tolist()), number),
        _with_interval(Estimate(float(table.downhill[k]), *table.downhill_interval[k].tolist()), percent),
    )


def _estimate(table: Fragments, measure: Measure) -> str:
    estimate = table.estimates.get(measure.name)
    if estimate is None:
        return NONE
    return _with_interval(estimate, percent if measure.share else number)


def _with_interval(estimate: Estimate, say: Callable[[float], str]) -> str:
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return say(estimate.value)
    return f"{say(estimate.value)} [{say(estimate.low)}, {say(estimate.high)}]"


def _about(found: dict[str, Census]) -> str:
    first = next(iter(found.values()))
    minima = sorted({float(c.attributes["minimum"]) for c in found.values() if "minimum" in c.attributes})
    text = (
        f"On the line from {number(first.low)} to {number(first.high)}, every sample's spikes were followed, all "
        "those of hidden neurons and those of outputs that the loss reads; every transition (a spike that comes, goes "
        "or jumps) was bracketed and the loss evaluated on both sides."
    )
    if minima:
        text += f" A change of at least {' / '.join(number(value) for value in minima)} nats counts as a discontinuity."
    return text


def _not_resolved(model: str, census: Census) -> Paragraph:
    pieces = len(census.unresolved)
    samples = np.unique(census.unresolved[:, 0]).size
    length = float((census.unresolved[:, 2] - census.unresolved[:, 1]).sum())
    return Paragraph(
        f"{pieces} {_plural('piece', pieces)} of the line, in {samples} {_plural('sample', samples)} and of summed "
        f"length {number(length)}, could not be resolved: too many margins are near zero there. Discontinuities in "
        "them are missing from the table.",
        emphasized=f"{model_name(model)}: the census is NOT complete.",
    )


def _none(model: str, census: Census) -> str:
    transitions = sum(census.transitions.values())
    if not transitions:
        return (
            f"{model_name(model)}: no discontinuity, and no transition: in none of the {census.n_samples} samples does "
            "a spike come, go or jump on this line."
        )
    where = "where it could be resolved " if len(census.unresolved) else ""
    return (
        f"{model_name(model)}: no discontinuity {where}among {transitions:,} examined "
        f"{_plural('transition', transitions)} of {census.n_samples} samples; the loss changes by at most "
        f"{number(census.largest_continuous)} nats at one."
    )


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"


def _largest(jumps: np.ndarray) -> str:
    return number(float(np.abs(jumps).max())) if jumps.size else NONE


def _share(mechanism: str) -> Callable[[Census], str]:
    return lambda c: percent(float(np.mean(c.mechanism == mechanism))) if len(c) else NONE


def _kinds(census: Census) -> str:
    appear = int(np.count_nonzero(census.kind == "appearance"))
    return f"{appear:,} / {len(census) - appear:,}" if len(census) else NONE


def _transitions(census: Census) -> str:
    parts = " / ".join(f"{census.transitions.get(name, 0):,}" for name in _MECHANISMS)
    return f"{sum(census.transitions.values()):,} ({parts})"


def _confirmed(census: Census) -> str:
    evaluated = int(np.count_nonzero(census.confirmed >= 0))
    if not evaluated:
        return NONE
    good = int(np.count_nonzero(census.confirmed == 1))
    return f"{good:,} of {evaluated:,} ({percent(good / evaluated)})"


#: Rows that the table of measures has as well, with intervals.
_IN_BOTH = (
    "… per unit length",
    "… per unit length and sample",
    "Total jump of the mean loss (nats)",
    "Largest jump of the mean loss (nats)",
)

_ROWS: dict[str, Callable[[Census], str]] = {
    "Samples": lambda c: f"{c.n_samples:,}",
    "Discontinuities": lambda c: f"{len(c):,}",
    "… per unit length": lambda c: number(len(c) / (c.high - c.low)),
    "… per unit length and sample": lambda c: number(len(c) / (c.high - c.low) / c.n_samples),
    "Total jump of the mean loss (nats)": lambda c: number(float(np.abs(c.mean_jump).sum())),
    "Largest jump of the mean loss (nats)": lambda c: _largest(c.mean_jump),
    "Largest jump of a sample's loss (nats)": lambda c: _largest(c.jump),
    **{f"Why: {words}": _share(name) for name, words in _MECHANISMS.items()},
    "Loss changes only through later layers": lambda c: percent(float(np.mean(c.downstream))) if len(c) else NONE,
    "Spikes that come / go": _kinds,
    "Transitions examined (in the order of the causes above)": _transitions,
    "Largest change at a continuous transition (nats)": lambda c: number(c.largest_continuous),
    "Pieces of the line that are not resolved": lambda c: f"{len(c.unresolved):,}",
    "Confirmed in extended precision, of those evaluated": _confirmed,
}


SECTION = Section(name="discontinuities", of="slice", place=20, tell=discontinuities_found)
