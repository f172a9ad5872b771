"""What the report says: what was run, what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from landscape.config.toml import loads
from landscape.errors import NetworkError, ResultFileError
from landscape.fragmentation.regions_record import SilentRegions
from landscape.fragmentation.summary import NOTABLE_PERSISTENCE
from landscape.network_record import NetworkData
from landscape.report import settings
from landscape.report.numbers import NONE, number, percent, seconds
from landscape.report.origins import differing_origins
from landscape.report.page import Block, Heading, Listing, Paragraph, Prose, Table
from landscape.results.reading import ResultFile
from landscape.slices.surface import Status, Surface
from landscape.slices.wording import direction_phrases, numbered
from landscape.text import natural_order
from landscape.training.record import TrainingRecord
from landscape.wording import display_name as model_name
from landscape.wording import display_names, family

#: More models than so many are the rows of a table and not its columns.
_MOST_COLUMNS = 6


@dataclass(frozen=True)
class Run:
    """A result file, read once for the report."""

    file: ResultFile
    attributes: dict[str, Any]
    config: dict[str, Any]
    models: list[str]
    networks: dict[str, NetworkData]
    training: dict[str, TrainingRecord]
    slices: dict[str, dict[str, Surface]]
    skipped: dict[str, dict[str, str]]

    @property
    def title(self) -> str:
        """Name of the experiment: that of the configuration, else the folder of the file."""
        return str(self.config.get("name") or self.file.path.resolve().parent.name or "Results")


def read_run(file: ResultFile) -> Run:
    """Read what the report needs."""
    attributes = file.attributes
    try:
        config = loads(str(attributes.get("config", "")))
    except ValueError:
        config = {}
    networks: dict[str, NetworkData] = {}
    slices: dict[str, dict[str, Surface]] = {}
    for model in file.models:
        try:
            networks[model] = file.network(model)
        except (ResultFileError, NetworkError):
            continue
    for model in file.models:
        for name in file.slices(model):
            slices.setdefault(name, {})[model] = file.surface(model, name)
    skipped = {model: file.skipped(model) for model in file.models}
    for reasons in skipped.values():
        for name in reasons:
            slices.setdefault(name, {})
    training = {model: record for model in file.models if (record := file.training(model)) is not None}
    return Run(file, attributes, config, file.models, networks, training, slices, skipped)


def introduction(run: Run) -> Iterator[Block]:
    """Title and description."""
    yield Heading(run.title, 1)
    for part in re.split(r"\n\s*\n", str(run.config.get("description", "")).strip()):
        if part:
            yield Prose(part)
    yield Paragraph(
        f"Written {_date(run.attributes.get('created'))} by spiking-landscape "
        f"{run.attributes.get('version_landscape', '(version unknown)')} from {run.file.path.name}, which "
        "holds all numbers of this page."
    )


def _date(created: Any) -> str:
    try:
        return f"on {datetime.fromisoformat(str(created)):%Y-%m-%d at %H:%M} UTC"
    except ValueError:
        return "on an unknown date"


def what_was_run(run: Run) -> Iterator[Block]:
    """Models, data and settings."""
    yield Heading("What was run")
    # Networks of one model stand together, as far as they are alike.
    alike: dict[tuple[str, ...], list[str]] = {}
    for model in run.models:
        alike.setdefault((family(model), *_model_row(run, model)), []).append(model)
    rows = [(display_names(models), *cells) for (_, *cells), models in alike.items()]
    if rows:
        yield Table(("Model", "neuron", "network", "trial duration", "remedies in training"), rows, numeric=False)
    own: dict[tuple[str, str], list[str]] = {}
    for model, text in settings.own(run.config).items():
        own.setdefault((family(model), text), []).append(model)
    about = [
        ("Data", settings.pairs(run.config.get("data"))),
        ("Input spikes before the trial's end", _input(run)),
        ("SHA-256 of the data", str(run.attributes.get("data_hash", ""))),
        ("Objective", settings.pairs(run.config.get("objective"))),
        ("Training", settings.pairs(run.config.get("training"))),
        *((f"Settings of {display_names(models)}", text) for (_, text), models in own.items()),
        ("Seeds", _seeds(run)),
        ("Versions", settings.versions(run.attributes)),
        ("Source", str(run.attributes.get("git_commit", ""))),
    ]
    yield Table(("", ""), [row for row in about if row[1]], numeric=False)


def _model_row(run: Run, model: str) -> tuple[str, ...]:
    network = run.networks.get(model)
    remedies = str(run.file.about(model).get("remedies", NONE))
    if network is None:
        return (NONE, NONE, NONE, remedies)
    constants = ", ".join(f"{name} {value:g}" for name, value in network.constants.items())
    sizes = "-".join(str(size) for size in network.sizes)
    return (f"{network.neuron} ({constants})", sizes, f"{network.duration:g}", remedies)


def _input(run: Run) -> str:
    """What trials leave of the input; the same for all models."""
    about: Mapping[str, Any] = next((record.attributes for record in run.training.values()), {})
    said = []
    for key, which in (("train", "training"), ("test", "test")):
        names = (f"{key}_spikes", f"{key}_spikes_cut", f"{key}_samples", f"{key}_samples_silent")
        if not all(name in about for name in names):
            return ""
        spikes, cut, samples, silent = (int(about[name]) for name in names)
        said.append(
            f"{spikes - cut:,} of {spikes:,} of the {which} samples; {silent:,} of these {samples:,} samples have none"
        )
    return ". ".join(said)


def _seeds(run: Run) -> str:
    # A seed that is in the name of its model says itself.
    named = {f"seed_{model}" for model in run.models if family(model) != model}
    found = [
        f"{name.replace('_', ' ')} {value}"
        for name, value in run.attributes.items()
        if name.startswith("seed") and name not in named
    ]
    for name, surfaces in run.slices.items():
        own = {str(s.directions.seed) for s in surfaces.values() if s.directions.seed is not None}
        if own:
            found.append(f"slice {name} {', '.join(sorted(own, key=natural_order))}")
    return "; ".join(found)


def training_found(run: Run) -> Iterator[Block]:
    """What training reached."""
    if not run.training:
        return
    yield Heading("Training", 3)
    measures = {
        "Best epoch / epochs": lambda r: f"{r.best_epoch} / {int(np.max(r.history['epoch']))}",
        "Training loss (nats)": lambda r: number(r.at_best("train_loss")),
        "Training accuracy": lambda r: percent(r.at_best("train_accuracy")),
        "Test loss (nats)": lambda r: number(r.at_best("test_loss")),
        "Test accuracy": lambda r: percent(r.at_best("test_accuracy")),
        "Test accuracy after the last epoch": lambda r: percent(_last(r, "test_accuracy")),
        "Spikes per hidden neuron and trial": lambda r: number(r.at_best("activity")),
        "Silent hidden neurons": lambda r: percent(r.at_best("silent_share")),
        "Time": lambda r: seconds(r.seconds),
    }
    cells = [(what, *(say(record) for record in run.training.values())) for what, say in measures.items()]
    header = ("", *(model_name(model) for model in run.training))
    if len(run.training) > _MOST_COLUMNS:
        header, *cells = zip(header, *cells, strict=True)
    yield Table(
        header,
        cells,
        caption="At the best epoch, where nothing else is said. A silent neuron fires in no sample.",
    )
    several = len({family(model) for model in run.training}) < len(run.training)
    yield Paragraph(
        "The best epoch is the one with the lowest loss on the test data, so its test figures are chosen "
        "and tend to be better than on data that had no part in the choice. "
        + (
            "Networks that only differ in their seeds show what chance does."
            if several
            else "Each model was trained once, from one seed: a small difference between models may be chance."
        )
    )
    parts = {f"The network of {model_name(model)}": record.attributes for model, record in run.training.items()}
    for sentence in differing_origins(run.attributes, parts):
        yield Paragraph(sentence)
    interrupted = [model_name(model) for model, record in run.training.items() if record.interrupted]
    if interrupted:
        yield Paragraph(f"Training was interrupted before its last epoch: {', '.join(interrupted)}.")


def _last(record: TrainingRecord, name: str) -> float:
    column = record.history.get(name)
    return float(column[-1]) if column is not None and len(column) else float("nan")


def slice_found(run: Run, name: str) -> Iterator[Block]:
    """What was sampled on one slice, and its measures."""
    surfaces = run.slices[name]
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
    summaries = {model: found for model in surfaces if (found := run.file.summary(model, name)) is not None}
    if not summaries:
        yield Paragraph("This slice has not been analyzed.")
        return
    regions = {model: found for model in surfaces if (found := run.file.regions(model, name)) is not None}
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


def how_to_read() -> Iterator[Block]:
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


def how_to_repeat(run: Run) -> Iterator[Block]:
    """The command, the configuration, what to cite."""
    yield Heading("To repeat this run")
    if run.attributes.get("config"):
        yield Prose(
            "Save the configuration below as `experiment.toml`; then run the command. The same versions "
            "and seeds give the same numbers."
        )
        yield Listing("landscape run experiment.toml", "sh")
        yield Listing(str(run.attributes["config"]), "toml", "Configuration")
    yield Heading("To cite")
    yield Prose(
        "spiking-landscape, in the version that is named above (see `CITATION.cff` in its source), and the papers "
        "whose methods it implements: C. Klos and R.-M. Memmesheimer, Smooth exact gradient descent learning in "
        "spiking neural networks, [arXiv:2309.14523](https://arxiv.org/abs/2309.14523); T. C. Wunderlich and C. Pehle, "
        "Event-based backpropagation can compute exact gradients for spiking neural networks, [Scientific Reports 11, "
        "12829 (2021)](https://doi.org/10.1038/s41598-021-91786-z); C. Wenig, R.-M. Memmesheimer and C. Klos, "
        "[arXiv:2606.03935](https://arxiv.org/abs/2606.03935), for loss landscapes of spiking networks."
    )
