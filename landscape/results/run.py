"""What figures and reports are made from: the content of a result file by model."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from typing import Any, Self, TypeVar

from landscape.config.toml import loads
from landscape.errors import NetworkError, ResultFileError
from landscape.network_record import NetworkData
from landscape.results.reading import ResultFile
from landscape.slices.surface import Surface

__all__ = ["Run"]

Kind = TypeVar("Kind")


class Run:
    """The content of a result file, of which each record is read once, when it is first asked for.

    Args:
        file: the result file.

    Attributes:
        file: the result file.
        attributes: its root attributes.
        models: names of the models, in order.
        about: what else is known of each model.
        skipped: by model, why slices could not be sampled, by their names.
        surfaces: by slice, then by model; only what is there. A slice that could be sampled for no model is last, with
            no surface.

    Raises:
        ResultFileError: a slice is damaged. Whatever asks for another record raises it too where that is.
    """

    def __init__(self, file: ResultFile) -> None:
        self.file = file
        self.attributes = file.attributes
        self.models = file.models
        self.about = {model: file.about(model) for model in self.models}
        self.skipped = {model: file.skipped(model) for model in self.models}
        self.surfaces: dict[str, dict[str, Surface]] = {}
        for model in self.models:
            for name in file.slices(model):
                self.surfaces.setdefault(name, {})[model] = file.surface(model, name)
        for reasons in self.skipped.values():
            for name in reasons:
                self.surfaces.setdefault(name, {})
        self._of: dict[tuple[type, str], dict[str, Any]] = {}

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> Self:
        """The content of the result file at a path.

        Raises:
            ResultFileError: it is missing, no result file, damaged, or of another format version.
        """
        return cls(ResultFile(path))

    def of(self, kind: type[Kind], name: str = "") -> dict[str, Kind]:
        """Records of a kind by model, in order; only of the models that have one.

        Args:
            kind: the class of the records, as :class:`landscape.training.TrainingRecord`.
            name: the slice, for records that belong to slices, as :class:`landscape.Census`.
        """
        if (kind, name) not in self._of:
            models = self.surfaces.get(name, ()) if name else self.models
            found = {model: self.file.find(kind, model, name or None) for model in models}
            self._of[kind, name] = {model: content for model, content in found.items() if content is not None}
        return self._of[kind, name]

    def find(self, kind: type[Kind]) -> Kind | None:
        """The record of a kind that belongs to the experiment, as a comparison; None where there is none."""
        return self.file.find(kind)

    @cached_property
    def networks(self) -> dict[str, NetworkData]:
        """Networks as plain numbers, by model; without those that cannot be read."""
        networks = {}
        for model in self.models:
            with suppress(ResultFileError, NetworkError):
                networks[model] = self.file.network(model)
        return networks

    @cached_property
    def config(self) -> dict[str, Any]:
        """The tables of the configuration; empty where it cannot be read."""
        try:
            return loads(str(self.attributes.get("config", "")))
        except ValueError:
            return {}

    @property
    def title(self) -> str:
        """Name of the experiment: that of the configuration, else the folder of the file."""
        return str(self.config.get("name") or self.file.path.resolve().parent.name or "Results")

    @property
    def data(self) -> str:
        """Name of the data source in the configuration, without its folder; may be empty."""
        table = self.config.get("data", {})
        source = table.get("source", "") if isinstance(table, dict) else ""
        return str(source).replace("\\", "/").rsplit("/", 1)[-1]

    @property
    def sizes(self) -> dict[str, tuple[int, ...]]:
        """Numbers of input channels and of neurons in each layer, of models with a network."""
        return {model: network.sizes for model, network in self.networks.items()}

    @property
    def objectives(self) -> dict[str, str]:
        """Names of the readouts, by model; only where they are known."""
        return {model: str(own["objective"]) for model, own in self.about.items() if "objective" in own}

    @property
    def remedies(self) -> dict[str, str]:
        """What was done in training against silence, by model; only where something was."""
        said = {model: str(own.get("remedies", "none")) for model, own in self.about.items()}
        return {model: text for model, text in said.items() if text not in ("none", "")}
