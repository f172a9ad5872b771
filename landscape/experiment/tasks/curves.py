"""The curves of discontinuity on a plane, and the fragments that they bound."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.experiment.context import Context
from landscape.experiment.geometry import ends_of
from landscape.experiment.piece import SkippedResultError, Values
from landscape.experiment.plan import Plan
from landscape.experiment.tasks.census import (
    census_inputs,
    samples_of_part,
    samples_of_values,
    told_left_out,
    values_of_samples,
)
from landscape.experiment.tasks.directions import AlongSlice
from landscape.fragmentation.curves_record import Curves
from landscape.fragmentation.plane import TracedSample, assembled_curves, traced_samples

#: Exact lines along each axis, where the experiment does not say.
LINES = 9

#: Time of all censuses over that of the lines of the grid: further lines are laid in cells in doubt.
FURTHER_LINES = 1.6


class CurvesOfPlane(AlongSlice):
    """The curves on a plane around a model. A part is every n-th sample, as of a census."""

    kind = "curves"
    record = Curves
    unit = "samples"
    skipped_as = "census_skipped"
    compiles = ("census",)

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[CurvesOfPlane]:
        """Return one for each model and plane that asks for its census."""
        planes = [entry for entry in plan.config.slice if entry.census and entry.dimension == 2]
        return [plan.of(cls, model, entry) for model in plan.config.model for entry in planes]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The plane, its lines and samples."""
        return {"bounds": ends_of(self.entry), "lines": self.lines} | census_inputs(self)

    @property
    def lines(self) -> int:
        """Number of exact lines along each axis."""
        return LINES if self.entry.census_points is None else self.entry.census_points

    @property
    def seconds(self) -> float:
        """Lines along one axis are as long as the other axis."""
        costs = self.plan.costs
        each = sum(costs.census_of_sample(self.model, high - low) for low, high in self.entry.bounds)
        return FURTHER_LINES * self.lines * costs.census_samples_of(self.entry) * each

    def axes(self) -> list[NDArray[np.float64]]:
        """Return where the lines are."""
        return [np.linspace(low, high, self.lines) for low, high in ends_of(self.entry)]

    @property
    def divisible(self) -> int:
        """The number of samples."""
        return self.plan.costs.census_samples_of(self.entry)

    def compute(self, context: Context, part: int) -> Values:
        """Trace the curves of some samples."""
        from landscape.fragmentation.census.samples import UnfitSampleError

        data, _ = context.census_samples(self.entry)
        try:
            found = traced_samples(
                self.centre(context),
                self.directions(context),
                self.axes(),
                data,
                context.objective(self.model),
                samples_of_part(self, part, len(data)),
                threads=context.threads,
                progress=context.telling(),
            )
        except UnfitSampleError as error:
            raise SkippedResultError(str(error), error.sample) from error
        return values_of_samples(found)

    def join(self, context: Context, parts: Mapping[int, Values]) -> Curves:
        """Put the curves of all samples together, and find the fragments."""
        data, samples = context.census_samples(self.entry)
        found = samples_of_values(parts, TracedSample)
        curves = assembled_curves([found[sample] for sample in range(len(data))], self.axes())
        return dataclasses.replace(curves, samples=samples)

    def size(self, context: Context, part: int) -> float:
        """Samples."""
        return len(samples_of_part(self, part, len(context.census_samples(self.entry)[0])))

    @property
    def label(self) -> str:
        """Model and slice."""
        return f"{self.model.name}: curves of {self.entry.name}"

    def told(self, result: Curves, seconds: float) -> str:
        """What was found."""
        return (
            f"{self.model.name}: curves of slice {self.entry.name}, {self.lines} x {self.lines} lines, "
            f"{result.n_samples} samples, {len(result)} curves, {result.fragments} fragments, {seconds:.1f} s"
        )

    def told_skipped(self, reason: str) -> str:
        """The census is left out."""
        return told_left_out(self, reason)
