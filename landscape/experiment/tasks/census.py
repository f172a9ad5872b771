"""The census of a line: every discontinuity of the loss of every sample."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from landscape.errors import SimulationError
from landscape.experiment.context import Context
from landscape.experiment.costs import FOREVER
from landscape.experiment.geometry import line_of
from landscape.experiment.piece import SkippedResultError, Values
from landscape.experiment.plan import Plan, Task
from landscape.experiment.tasks.directions import AlongSlice
from landscape.fragmentation.census.record import Census
from landscape.neurons import MODELS, costs_of
from landscape.readouts import READOUTS
from landscape.wording import counted, duration_text

#: Evaluating one discontinuity in extended precision, seconds per neuron and event; how many, the largest ones, are.
SECONDS_PER_CONFIRMATION = 2.5e-3
CONFIRMED = 3


class CensusOfLine(AlongSlice):
    """The discontinuities along a line around a model. A part is every n-th sample, so that all take about as long
    however the samples are sorted; the census of a sample does not depend on the others, nor on the points of the
    slice."""

    kind = "census"
    record = Census
    unit = "samples"
    skipped_as = "census_skipped"
    compiles = ("census",)

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[CensusOfLine]:
        """Return one for each model and line that asks for it."""
        lines = [entry for entry in plan.config.slice if entry.census and entry.dimension == 1]
        return [plan.of(cls, model, entry) for model in plan.config.model for entry in lines]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The line and its samples."""
        return {"bounds": line_of(self.entry)} | census_inputs(self)

    @property
    def seconds(self) -> float:
        """Samples cost alike."""
        return self.plan.costs.census(self.model, self.entry)

    @property
    def seconds_of_joining(self) -> float:
        """The largest discontinuities are evaluated in extended precision once all are known."""
        costs = self.plan.costs
        readout = READOUTS[self.plan.config.objective_of(self.model).kind]
        if not (MODELS[self.model.neuron].extended_precision and readout.extended_precision):
            return 0.0
        ((low, high),) = self.entry.bounds
        each = costs_of(self.model.neuron).discontinuities * sum(self.model.hidden) * (high - low)
        found = each * costs.census_samples_of(self.entry)
        updates = sum(count * events for count, events in costs.layers(self.model)[:-1])
        return min(min(CONFIRMED, found) * SECONDS_PER_CONFIRMATION * updates, FOREVER)

    @property
    def divisible(self) -> int:
        """The number of samples."""
        return self.plan.costs.census_samples_of(self.entry)

    def compute(self, context: Context, part: int) -> Values:
        """Take the censuses of some samples."""
        from landscape.fragmentation.census.samples import UnfitSampleError, censuses_of_samples

        data, _ = context.census_samples(self.entry)
        try:
            found = censuses_of_samples(
                self.centre(context),
                self.directions(context),
                line_of(self.entry),
                data,
                context.objective(self.model),
                samples_of_part(self, part, len(data)),
                threads=context.threads,
                progress=context.telling(),
            )
        except UnfitSampleError as error:
            raise SkippedResultError(str(error), error.sample) from error
        return values_of_samples(found)

    def join(self, context: Context, parts: Mapping[int, Values]) -> Census:
        """Put the samples together and confirm the largest discontinuities."""
        from landscape.fragmentation.census import find_discontinuities
        from landscape.fragmentation.census.confirmation import is_supported
        from landscape.fragmentation.census.sample import SampleCensus

        centre, objective = self.centre(context), context.objective(self.model)
        data, samples = context.census_samples(self.entry)
        finished = samples_of_values(parts, SampleCensus)
        try:
            census = find_discontinuities(
                centre,
                self.directions(context),
                line_of(self.entry),
                data,
                objective,
                confirm=CONFIRMED if is_supported(centre, objective) else 0,
                threads=context.threads,
                resume=finished,
            )
        except SimulationError as error:
            raise SkippedResultError(str(error)) from error
        return dataclasses.replace(census, samples=samples)

    def size(self, context: Context, part: int) -> float:
        """Samples."""
        return len(samples_of_part(self, part, len(context.census_samples(self.entry)[0])))

    @property
    def label(self) -> str:
        """Model and slice."""
        return f"{self.model.name}: census of {self.entry.name}"

    def told(self, result: Census, seconds: float) -> str:
        """What was found."""
        found = counted(len(result), "discontinuity", "discontinuities")
        transitions = sum(result.transitions.values())
        said = f"{self.model.name}: census of slice {self.entry.name}, {result.n_samples} samples, {found} among "
        unresolved = f"; {len(result.unresolved)} pieces are NOT resolved" if len(result.unresolved) else ""
        return f"{said}{transitions} transitions, {duration_text(seconds)}{unresolved}"

    def told_skipped(self, reason: str) -> str:
        """The census is left out."""
        return told_left_out(self, reason)

    def told_done(self, context: Context) -> Sequence[str]:
        """The census is there."""
        return [f"{self.model.name}: census of slice {self.entry.name} done already"]


def census_inputs(task: AlongSlice) -> dict[str, Any]:
    """Return what the census of a line or plane depends on beside it: samples and objective are the slice's."""
    return {"census": task.entry.model_dump(include={"data", "samples", "census_samples"})}


def told_left_out(task: AlongSlice, reason: str) -> str:
    """Return how a run says that it leaves out a census."""
    return f"census of slice {task.entry.name} ({task.model.name}): left out: {reason}"


def samples_of_part(task: Task, part: int, n_samples: int) -> range:
    """Return the numbers of the samples of a part that is every n-th of them; of small data it may have none."""
    return range(part, n_samples, task.n_parts)


def values_of_samples(found: Mapping[int, Any]) -> Values:
    """Return named tuples of arrays, one for each of some samples, as arrays: each field of all samples one after
    another, and where the part of each ends."""
    order = sorted(found)
    columns: dict[str, np.ndarray] = {"sample": np.array(order, np.int64)}
    for name in type(found[order[0]])._fields if order else ():
        rows = [np.atleast_1d(np.asarray(getattr(found[sample], name))) for sample in order]
        columns[name] = np.concatenate(rows)
        columns[f"{name}_ends"] = np.cumsum([len(row) for row in rows])
    return Values(columns)


def samples_of_values(parts: Mapping[int, Values], kind: Any) -> dict[int, Any]:
    """Return what :func:`values_of_samples` was given, of all parts, as named tuples of a class, by sample."""
    found = {}
    for part in parts.values():
        arrays = part.arrays
        if not arrays["sample"].size:
            continue
        columns = {name: np.split(arrays[name], arrays[f"{name}_ends"])[:-1] for name in kind._fields}
        for place, number in enumerate(arrays["sample"].tolist()):
            # Contiguous copies, as kernels need them.
            found[number] = kind(**{name: np.array(rows[place]) for name, rows in columns.items()})
    return found
