"""What the figures of a run are drawn from: the result file, read once."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from landscape.config.toml import loads
from landscape.errors import NetworkError, ResultFileError
from landscape.figures.style import model_colors
from landscape.results.reading import ResultFile
from landscape.simulator.raster_record import RasterData
from landscape.training.record import TrainingRecord

if TYPE_CHECKING:
    from landscape.fragmentation.anatomy_record import Anatomy
    from landscape.fragmentation.census import Census
    from landscape.fragmentation.comparison_record import Comparison
    from landscape.fragmentation.curves_record import Curves
    from landscape.fragmentation.summary_record import Summary
    from landscape.slices.surface import Surface


@dataclass(frozen=True)
class Material:
    """The content of a result file by model.

    Attributes:
        models: names of the models, in order.
        colors: colour of each model.
        sizes: number of input channels and of neurons in each layer, for models with a network.
        surfaces: by slice name, then by model; only what is there.
        summaries: the measures, likewise.
        training: training records, for models that have one.
        rasters: spikes of the example sample, for models that have them.
        objectives: names of the readouts, by model; only where they are known.
        remedies: what was done in training against silence, by model; only where something was.
        data: name of the data set in the configuration; may be empty.
        censuses: the discontinuities of lines, by slice name, then by model.
        anatomies: the anatomy of one sample on a line, likewise.
        curves: discontinuity curves of planes, likewise.
        comparison: two models compared over networks and directions, or None.
    """

    models: list[str]
    colors: dict[str, str]
    sizes: dict[str, tuple[int, ...]]
    surfaces: dict[str, dict[str, Surface]]
    summaries: dict[str, dict[str, Summary]]
    training: dict[str, TrainingRecord]
    rasters: dict[str, RasterData]
    objectives: dict[str, str]
    remedies: dict[str, str]
    data: str
    censuses: dict[str, dict[str, Census]] = field(default_factory=dict)
    anatomies: dict[str, dict[str, Anatomy]] = field(default_factory=dict)
    curves: dict[str, dict[str, Curves]] = field(default_factory=dict)
    comparison: Comparison | None = None


def read_material(path: str | os.PathLike[str]) -> Material:
    """Read a result file.

    Raises:
        ResultFileError: it is missing, no result file, damaged, or of another format version.
    """
    file = ResultFile(path)
    models = file.models
    sizes: dict[str, tuple[int, ...]] = {}
    neurons: list[str | None] = []
    surfaces: dict[str, dict[str, Surface]] = {}
    summaries: dict[str, dict[str, Summary]] = {}
    censuses: dict[str, dict[str, Census]] = {}
    anatomies: dict[str, dict[str, Anatomy]] = {}
    curves: dict[str, dict[str, Curves]] = {}
    for model in models:
        try:
            network = file.network(model)
        except (ResultFileError, NetworkError):
            neurons.append(None)
        else:
            sizes[model] = network.sizes
            neurons.append(network.neuron)
        for name in file.slices(model):
            surfaces.setdefault(name, {})[model] = file.surface(model, name)
            summary = file.summary(model, name)
            if summary is not None:
                summaries.setdefault(name, {})[model] = summary
            census = file.census(model, name)
            if census is not None:
                censuses.setdefault(name, {})[model] = census
            anatomy = file.anatomy(model, name)
            if anatomy is not None:
                anatomies.setdefault(name, {})[model] = anatomy
            traced = file.curves(model, name)
            if traced is not None:
                curves.setdefault(name, {})[model] = traced
    training = {model: record for model in models if (record := file.training(model)) is not None}
    rasters = {model: raster for model in models if (raster := file.raster(model)) is not None}
    about = {model: file.about(model) for model in models}
    objectives = {model: str(own["objective"]) for model, own in about.items() if "objective" in own}
    said = {model: str(own.get("remedies", "none")) for model, own in about.items()}
    remedies = {model: text for model, text in said.items() if text not in ("none", "")}
    data = _data_name(file.attributes.get("config"))
    colors = dict(zip(models, model_colors(models, neurons), strict=True))
    return Material(
        models,
        colors,
        sizes,
        surfaces,
        summaries,
        training,
        rasters,
        objectives,
        remedies,
        data,
        censuses,
        anatomies,
        curves,
        file.comparison,
    )


def _data_name(config: Any) -> str:
    """The name of the data source in a configuration, without its folder."""
    try:
        data = loads(str(config or "")).get("data", {})
    except ValueError:
        return ""
    source = data.get("source", "") if isinstance(data, dict) else ""
    return str(source).replace("\\", "/").rsplit("/", 1)[-1]
