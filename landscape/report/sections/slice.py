"""What was sampled on a slice, and the measures of the sampled values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from landscape.fragmentation.regions_record import SilentRegions
from landscape.fragmentation.summary import NOTABLE_PERSISTENCE
from landscape.fragmentation.summary_record import Summary
from landscape.report.numbers import NONE, number, percent
from landscape.report.origins import differing_origins
from landscape.report.page import Block, Heading, Paragraph, Table
from landscape.report.section import Section
from landscape.results.run import Run
from landscape.slices.surface import Status, Surface
from landscape.slices.wording import direction_phrases, numbered
from landscape.text import natural_order
from landscape.wording import display_name as model_name


def slice_found(run: Run, name: str) -> Iterator[Block]:
    """What was sampled on one slice, and its measures."""
    surfaces = run.surfaces[name]
    yield Heading(f"Slice: {name}", 3)
    for model, reasons in run.skipped.items():
        if name in reasons:
            yield Paragraph(f"{model_name(model)}: skipped: {reasons[name]}.")
    if not surfaces:
        return
    for sentence in _about_slice(run, name, surfaces):
        yield Paragraph(sentence)
    parts = {model_name(model): surface.attributes for model, surface in surfaces.items()}
    for sentence in differing_origins(run.attributes, parts):
        yield Paragraph(sentence)
    summaries = run.of(Summary, name)
    if not summaries:
        yield Paragraph("This slice has not been analyzed.")
        return
    regions = run.of(SilentRegions, name)
    samples = _samples(surfaces)
    rows = [(what, *(say(summary) for summary in summaries.values())) for what, say in _MEASURES.items()]
    rows += _region_rows(list(summaries), regions)
    yield Table(
        ("", *(model_name(model) for model in summaries)),
        rows,
        caption=(
            f"Measures of the sampled values{f' of {samples} samples' if samples else ''}. Where a slice has two axes, "
            "one number for each."
        ),
    )


def _about_slice(run: Run, name: str, surfaces: Mapping[str, Surface]) -> Iterator[str]:
    first = next(iter(surfaces.values()))
    shape = " x ".join(str(n) for n in first.shape)
    ranges = " and ".join(f"{number(axis[0])} to {number(axis[-1])}" for axis in first.axes)
    text = f"{shape} points, coordinates {ranges}. Directions: {_directions(surfaces)}."
    centre = {str(s.attributes["centre"]) for s in surfaces.values() if "centre" in s.attributes}
    if centre:
        text += f" Centre: {' and '.join(sorted(centre))} network."
    if samples := _samples(surfaces):
        text += f" Evaluated on {samples} samples."
    yield text
    absent = [model_name(model) for model in run.models if model not in surfaces and name not in run.skipped[model]]
    if absent:
        yield f"{', '.join(absent)}: no such slice."
    for model, surface in surfaces.items():
        counts = {status: int(np.count_nonzero(surface.status == status)) for status in Status}
        missing = [
            f"{counts[status]} {words}"
            for status, words in (
                (Status.PENDING, "not evaluated"),
                (Status.FAILED, "failed"),
                (Status.NOT_FINITE, "without a finite value"),
            )
            if counts[status]
        ]
        if missing:
            yield (f"{model_name(model)}: {', '.join(missing)} of {surface.n_points} points; they enter no measure.")


def _samples(surfaces: Mapping[str, Surface]) -> str:
    """How many samples the models' losses are over; empty where it is not known."""
    counts = {str(s.attributes["n_samples"]) for s in surfaces.values() if "n_samples" in s.attributes}
    return " and ".join(sorted(counts, key=natural_order))


def _directions(surfaces: Mapping[str, Surface]) -> str:
    """How the directions were made: once if all models' were made alike, else by model."""
    said: dict[str, list[str]] = {}
    for model, surface in surfaces.items():
        phrases = direction_phrases(surface.directions)
        text = numbered([", ".join(text for text in texts if text) for texts in phrases])
        said.setdefault(text, []).append(model_name(model))
    if len(said) == 1:
        return next(iter(said))
    return "; ".join(f"{text} ({', '.join(models)})" for text, models in said.items())


def _per_axis(name: str) -> Any:
    return lambda summary: " / ".join(number(float(value)) for value in getattr(summary, name))


def _one(name: str) -> Any:
    return lambda summary: number(getattr(summary, name))


_MEASURES: dict[str, Any] = {
    "Points used": lambda s: str(s.points_used),
    "Loss at the centre (nats)": _one("loss_at_centre"),
    "Lowest loss": _one("loss_lowest"),
    "Median loss": _one("loss_median"),
    "Highest loss": _one("loss_highest"),
    "Accuracy at the centre": lambda s: percent(s.accuracy_at_centre),
    "Largest change between neighbours (nats)": _per_axis("largest_neighbour_change"),
    "Sampled total variation over range": _per_axis("sampled_total_variation_over_range"),
    "Derivative's sign changes per unit length": _per_axis("sampled_derivative_sign_changes_per_length"),
    "Local minima": lambda s: str(s.minima),
    f"… of persistence ≥ {NOTABLE_PERSISTENCE:.0%} of range": lambda s: str(s.minima_above_1_percent),
    "Mean rise from a minimum to its saddle (nats)": _one("saddle_minimum_distance"),
    "Silent hidden neurons, mean over points": lambda s: percent(s.silent_share_mean),
}


def _region_rows(models: Sequence[str], regions: Mapping[str, SilentRegions]) -> list[tuple[str, ...]]:
    """Rows per hidden layer; a model without that layer has dashes."""
    n_layers = max((found.region_count.size for found in regions.values()), default=0)
    rows = []
    for layer in range(n_layers):
        suffix = f", hidden layer {layer + 1}" if n_layers > 1 else ""

        def cell(model: str, name: str, say: Any, at: int = layer) -> str:
            found = regions.get(model)
            return say(getattr(found, name)[at]) if found is not None and found.region_count.size > at else NONE

        for what, name, say in (
            ("Silent regions", "region_count", lambda value: str(int(value))),
            ("Points with a silent neuron", "area_share", percent),
            ("Points with the whole layer silent", "all_silent_share", percent),
        ):
            rows.append((what + suffix, *(cell(model, name, say) for model in models)))
    return rows


SECTION = Section(name="slice", of="slice", place=10, tell=slice_found)
