"""Slices: losses and derivatives at points of lines and planes."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.experiment.context import Context
from landscape.experiment.geometry import axes_of
from landscape.experiment.piece import Values
from landscape.experiment.plan import Plan
from landscape.experiment.tasks.directions import AlongSlice
from landscape.experiment.tasks.training import about_model
from landscape.slices.surface import Surface
from landscape.wording import duration_text

if TYPE_CHECKING:
    from landscape.config import ModelConfig, SliceConfig

#: Keys of a slice that its values do not depend on, beside those that its directions depend on already.
_NOT_ITS_OWN = ("name", "directions", "seeds", "census", "census_samples", "census_points")

_VALUES = ("status", "loss", "accuracy", "directional_derivative", "spike_count", "silent")
_OPTIONAL = ("gradient_norm", "sample_loss", "gradient")


class Sweep(AlongSlice):
    """A slice around a model. A part is a block of its points."""

    kind = "sweep"
    stage = "sweep"
    record = Surface
    unit = "points"
    joins_some = True
    skipped_as = "slice"
    compiles = ("sweep",)

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[Sweep]:
        """Return one for each model and slice."""
        return [plan.of(cls, model, entry) for model in plan.config.model for entry in plan.config.slice]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The slice: its range and points, what is recorded."""
        return {"slice": self.entry.model_dump(exclude=set(_NOT_ITS_OWN))}

    @property
    def seconds(self) -> float:
        """All points cost the same."""
        return self.plan.costs.point(self.model, self.entry) * math.prod(self.entry.shape)

    @functools.cached_property
    def blocks(self) -> list[Block]:
        """The points of each part."""
        jobs, n_points = self.plan.config.jobs, math.prod(self.entry.shape)
        if self.seconds <= jobs.shard_cost:
            return blocks_of(self.entry.shape, n_points)
        most = max(int(jobs.shard_cost * n_points / self.seconds), -(-n_points // jobs.max_shards), 1)
        blocks = blocks_of(self.entry.shape, most)
        # Whole rows to a part may make a few more.
        while len(blocks) > jobs.max_shards:
            most += self.entry.shape[-1]
            blocks = blocks_of(self.entry.shape, most)
        return blocks

    @functools.cached_property
    def n_parts(self) -> int:
        """One for each block."""
        return len(self.blocks)

    def compute(self, context: Context, part: int) -> Values:
        """Evaluate a block."""
        from landscape.slices.sweep import sweep

        surface = sweep(
            self.centre(context),
            self.directions(context),
            [axis[index] for axis, index in zip(axes_of(self.entry), self.blocks[part].index, strict=True)],
            context.samples(self.entry),
            context.objective(self.model),
            gradient=self.entry.gradient,
            sample_losses=self.entry.sample_losses,
            threads=context.threads,
            progress=context.telling(),
        )
        arrays = {name: getattr(surface, name) for name in (*_VALUES, *_OPTIONAL)}
        about = surface.attributes | _about(context, self.model, self.entry)
        return Values(
            {name: values for name, values in arrays.items() if values is not None},
            about | {"hidden_sizes": list(surface.hidden_sizes)},
        )

    def join(self, context: Context, parts: Mapping[int, Values]) -> Surface:
        """Put the blocks together; points without one are pending."""
        surface: Surface | None = None
        for number, part in parts.items():
            index = self.blocks[number].index
            if surface is None:
                surface = self._pending(context, part)
            for name in (*_VALUES, *_OPTIONAL):
                if name in part.arrays:
                    getattr(surface, name)[index] = part.arrays[name]
        assert surface is not None
        return surface

    def _pending(self, context: Context, part: Values) -> Surface:
        arrays = part.arrays
        return Surface.pending(
            axes_of(self.entry),
            self.directions(context),
            np.atleast_1d(part.attributes["hidden_sizes"]).tolist(),
            arrays["spike_count"].shape[-1],
            gradient_norm="gradient_norm" in arrays,
            n_samples=arrays["sample_loss"].shape[-1] if "sample_loss" in arrays else None,
            n_parameters=arrays["gradient"].shape[-1] if "gradient" in arrays else None,
            attributes={name: value for name, value in part.attributes.items() if name != "hidden_sizes"},
        )

    def records(self, result: Surface) -> Mapping[str, Any]:
        """The surface, beside which all else of the slice goes."""
        return {"surface": result}

    def size(self, context: Context, part: int) -> float:
        """Points."""
        return self.blocks[part].n_points

    @property
    def label(self) -> str:
        """Model and slice."""
        return f"{self.model.name}: {self.entry.name}"

    def told(self, result: Surface, seconds: float) -> str:
        """Points, samples or parts, time."""
        shape = " x ".join(str(n) for n in self.entry.shape)
        parts = f"in {self.n_parts} parts" if self.n_parts > 1 else f"{result.attributes['n_samples']} samples"
        said = f"{self.model.name}: slice {self.entry.name}, {shape} points"
        return f"{said}{' ' if self.n_parts > 1 else ', '}{parts}, {duration_text(seconds)}"

    def told_done(self, context: Context) -> Sequence[str]:
        """The slice is there."""
        return [f"{self.model.name}: slice {self.entry.name} done already"]


def _about(context: Context, model: ModelConfig, entry: SliceConfig) -> dict[str, Any]:
    source = context.config.data.source
    if entry.data == "test" and context.config.data.test_source is not None:
        source = context.config.data.test_source
    name = source.replace("\\", "/").rsplit("/", 1)[-1]
    return about_model(context, model) | {"centre": entry.centre, "data": f"{name} ({entry.data} samples)"}


@dataclass(frozen=True)
class Block:
    """A rectangle of points of a slice: along each axis from ``first`` up to, but not including, ``last``."""

    first: tuple[int, ...]
    last: tuple[int, ...]

    @property
    def n_points(self) -> int:
        """Number of points."""
        return math.prod(b - a for a, b in zip(self.first, self.last, strict=True))

    @property
    def index(self) -> tuple[slice, ...]:
        """What selects the block's points from an array over the slice."""
        return tuple(slice(a, b) for a, b in zip(self.first, self.last, strict=True))


def blocks_of(shape: tuple[int, ...], most: int) -> list[Block]:
    """Return the points of a slice in blocks of at most ``most`` points (at least one) and nearly equal size.

    Whole rows are kept together where a block can hold one.
    """
    most = max(1, most)
    if len(shape) == 1:
        return [Block((a,), (b,)) for a, b in _even_parts(shape[0], most)]
    rows, columns = shape
    if most >= columns:
        return [Block((a, 0), (b, columns)) for a, b in _even_parts(rows, most // columns)]
    parts = _even_parts(columns, most)
    return [Block((row, a), (row + 1, b)) for row in range(rows) for a, b in parts]


def _even_parts(n: int, most: int) -> list[tuple[int, int]]:
    count = -(-n // most)
    ends = [n * number // count for number in range(count + 1)]
    return list(itertools.pairwise(ends))
