"""The spikes of one telling sample along a line, the same sample for all models."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from landscape.errors import SimulationError
from landscape.experiment.context import Context
from landscape.experiment.costs import CENSUS_EVENTS
from landscape.experiment.piece import Skipped, SkippedResultError
from landscape.experiment.plan import Plan, Task
from landscape.experiment.tasks.census import CensusOfLine
from landscape.experiment.tasks.directions import AlongSlice
from landscape.fragmentation.anatomy_record import Anatomy
from landscape.neurons import costs_of


class AnatomyOfSample(AlongSlice):
    """One sample followed along a line around a model.

    The sample is the one with the largest jumps for the model with the most discontinuities, so that all models are
    seen with the same one.
    """

    kind = "anatomy"
    record = Anatomy
    takes_skipped = True
    compiles = ("census",)

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[AnatomyOfSample]:
        """Return one for each census."""
        return [plan.of(cls, census.model, census.entry) for census in CensusOfLine.asked(plan)]

    @property
    def needs(self) -> Sequence[Task]:
        """The censuses of all models too."""
        return [*super().needs, *self._censuses]

    @property
    def _censuses(self) -> list[CensusOfLine]:
        return [self.plan.of(CensusOfLine, model, self.entry) for model in self.plan.config.model]

    @property
    def seconds(self) -> float:
        """Of one sample."""
        events = math.sqrt(self.plan.costs.samples.events / CENSUS_EVENTS)
        costs = costs_of(self.model.neuron)
        return costs.anatomy + costs.anatomy_per_neuron * events * sum(self.model.hidden)

    def compute(self, context: Context, part: int) -> Anatomy:
        """Follow the sample."""
        from landscape.fragmentation.anatomy import anatomy, telling_sample

        found = {task.model.name: context.result_or_skipped(task) for task in self._censuses}
        own = found[self.model.name]
        if isinstance(own, Skipped):
            raise SkippedResultError("there is no census")
        taken = [census for census in found.values() if not isinstance(census, Skipped)]
        sample = telling_sample(max(taken, key=len))
        data, _ = context.census_samples(self.entry)
        objective = context.objective(self.model)
        try:
            return anatomy(self.centre(context), self.directions(context)[0], data, objective, own, sample=sample)
        except SimulationError as error:
            raise SkippedResultError(str(error)) from error

    def told(self, result: Anatomy, seconds: float) -> str:
        """The sample."""
        return f"{self.model.name}: spikes of sample {result.sample} along slice {self.entry.name}, {seconds:.1f} s"
