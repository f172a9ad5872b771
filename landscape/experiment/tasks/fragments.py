"""What is measured with the census of a line: how fragmented the loss is, how its gradient turns, how far it
predicts.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from landscape.experiment.context import Context
from landscape.experiment.costs import GRADIENT_FACTOR, SECONDS_PER_RESAMPLING
from landscape.experiment.geometry import axes_of, line_of
from landscape.experiment.plan import Plan, Task
from landscape.experiment.tasks.census import CensusOfLine
from landscape.experiment.tasks.directions import AlongSlice
from landscape.fragmentation import fragments, gradient_cosines, gradient_fidelity, sample_profile
from landscape.fragmentation.fragments_record import Fragments
from landscape.measures import outside_measures

#: To be raised when more is measured of a census, so that what older versions measured is measured again.
VERSION = 2

#: Points at which gradient fidelity is evaluated: both ends of nine sizes of step from each of 41, and these.
FIDELITY_POINTS = 41 * (2 * 9 + 1)


class FragmentsOfLine(AlongSlice):
    """Measures of fragmentation along a line around a model, at the samples of its census.

    Losses and derivatives are those of the census's samples at the points of the slice, each sample on its own, so that
    every measure has its interval.
    """

    kind = "fragments"
    record = Fragments
    unit = "samples"
    compiles = ("sweep",)

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[FragmentsOfLine]:
        """Return one for each census."""
        return [plan.of(cls, census.model, census.entry) for census in CensusOfLine.asked(plan)]

    @property
    def needs(self) -> Sequence[Task]:
        """The census too."""
        return [*super().needs, self.plan.of(CensusOfLine, self.model, self.entry)]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The points of the slice."""
        outside = outside_measures()
        return {"points": self.entry.shape, "measures": VERSION} | ({"outside": outside} if outside else {})

    @property
    def seconds(self) -> float:
        """All points twice, and those of the gradient's fidelity."""
        costs = self.plan.costs
        trials = costs.census_samples_of(self.entry) * (2 * math.prod(self.entry.shape) + FIDELITY_POINTS)
        return SECONDS_PER_RESAMPLING + GRADIENT_FACTOR * trials * costs.trial(self.model)

    def compute(self, context: Context, part: int) -> Fragments:
        """Measure."""
        census = context.result(self.plan.of(CensusOfLine, self.model, self.entry))
        data, _ = context.census_samples(self.entry)
        line = (self.centre(context), self.directions(context)[0])
        objective = context.objective(self.model)
        axis, threads, seed = axes_of(self.entry)[0], context.threads, context.config.seed
        profile = sample_profile(*line, axis, data, objective, threads=threads, progress=context.telling())
        found = fragments(census, profile, seed=seed)
        cosines = {}
        if axis.size > 1:
            cosines = gradient_cosines(*line, axis, data, objective, found.position, seed=seed, threads=threads)
        fidelity = gradient_fidelity(*line, line_of(self.entry), data, objective, seed=seed, threads=threads)
        return dataclasses.replace(found, estimates=found.estimates | cosines, fidelity=fidelity)

    def size(self, context: Context, part: int) -> float:
        """Samples."""
        return len(context.census_samples(self.entry)[0])

    @property
    def label(self) -> str:
        """Model and slice."""
        return f"{self.model.name}: measures of {self.entry.name}"

    def told(self, result: Fragments, seconds: float) -> str:
        """The time it took."""
        return f"{self.model.name}: fragments of slice {self.entry.name}, {seconds:.1f} s"
