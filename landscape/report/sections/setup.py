"""What was run: models, data and settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from landscape.report import settings
from landscape.report.numbers import NONE
from landscape.report.page import Block, Heading, Table
from landscape.report.section import Section
from landscape.results.run import Run
from landscape.text import natural_order
from landscape.training.record import TrainingRecord
from landscape.wording import display_names, family


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
    remedies = str(run.about[model].get("remedies", NONE))
    if network is None:
        return (NONE, NONE, NONE, remedies)
    constants = ", ".join(f"{name} {value:g}" for name, value in network.constants.items())
    sizes = "-".join(str(size) for size in network.sizes)
    return (f"{network.neuron} ({constants})", sizes, f"{network.duration:g}", remedies)


def _input(run: Run) -> str:
    """What trials leave of the input; the same for all models."""
    about: Mapping[str, Any] = next((record.attributes for record in run.of(TrainingRecord).values()), {})
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
    for name, surfaces in run.surfaces.items():
        own = {str(s.directions.seed) for s in surfaces.values() if s.directions.seed is not None}
        if own:
            found.append(f"slice {name} {', '.join(sorted(own, key=natural_order))}")
    return "; ".join(found)


SECTION = Section(name="setup", of="experiment", place=20, tell=what_was_run)
