"""The directions of slices, made once for all that is computed along them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from landscape.errors import DirectionError
from landscape.experiment.context import Context
from landscape.experiment.geometry import directions_of
from landscape.experiment.inputs import direction_part
from landscape.experiment.piece import SkippedResultError
from landscape.experiment.plan import Task
from landscape.experiment.tasks.training import Trained, Training
from landscape.slices.directions import KINDS, Directions, Surroundings
from landscape.slices.directions_record import DirectionsRecord

if TYPE_CHECKING:
    from landscape.config import ModelConfig, SliceConfig
    from landscape.network import Network


class DirectionsOfSlice(Task):
    """The directions of a slice around a model: all parts, and all that is measured there, lie on the same plane to the
    last bit, wherever they are computed."""

    kind = "directions"
    stage = "sweep"
    record = DirectionsRecord
    model: ModelConfig
    entry: SliceConfig

    @property
    def needs(self) -> Sequence[Task]:
        """The trained network."""
        return [self.plan.of(Training, self.model)]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """What they are made from, with the samples where the loss is evaluated."""
        config, entry = self.plan.config, self.entry
        samples = {"data", "samples"} if self._evaluations else set()
        return {
            "slice": entry.model_dump(include={"normalization", "centre", *samples}),
            "directions": [direction_part(config, entry, number) for number in range(len(entry.directions))],
            "seed": config.seed_of(entry),
        }

    @property
    def seconds(self) -> float:
        """Some kinds evaluate the loss, at all samples."""
        return self._evaluations * self.plan.costs.point(self.model, self.entry)

    @property
    def _evaluations(self) -> float:
        return sum(KINDS[direction.kind].evaluations for direction in self.entry.directions)

    def compute(self, context: Context, part: int) -> Directions:
        """Make them; skipped where they cannot be made from what training gave."""
        around = surroundings(context, context.result(self.needs[0]), self.model, self.entry)
        try:
            return directions_of(self.entry, around)
        except DirectionError as error:
            raise SkippedResultError(str(error)) from error

    def told(self, result: Directions, seconds: float) -> str:
        """Nothing: what is computed along them says it."""
        return ""

    def told_skipped(self, reason: str) -> str:
        """The slice is left out."""
        return f"slice {self.entry.name} ({self.model.name}): skipped: {reason}"


def surroundings(context: Context, trained: Trained, model: ModelConfig, entry: SliceConfig) -> Surroundings:
    """Return what the directions of a slice are made from."""
    return Surroundings(
        centre=centre_of(trained, entry),
        initial=trained.initial,
        best=trained.best,
        trajectory=trained.training.trajectory,
        data=context.samples(entry),
        objective=context.objective(model),
        seed=context.config.seed_of(entry),
    )


def centre_of(trained: Trained, entry: SliceConfig) -> Network:
    """Return the network at the centre of a slice, of those that training gave."""
    network: Network = getattr(trained, entry.centre)
    return network


class AlongSlice(Task):
    """What is computed along the directions of a slice around a trained network."""

    model: ModelConfig
    entry: SliceConfig

    @property
    def needs(self) -> Sequence[Task]:
        """The trained network and the directions."""
        return [self.plan.of(Training, self.model), self.plan.of(DirectionsOfSlice, self.model, self.entry)]

    def centre(self, context: Context) -> Network:
        """Return the network at the centre of the slice."""
        return centre_of(context.result(self.needs[0]), self.entry)

    def directions(self, context: Context) -> Directions:
        """Return the directions of the slice."""
        found: Directions = context.result(self.needs[1])
        return found
