"""A kind of task of one's own: where the loss along each line is highest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from landscape.experiment import Plan, Task
from landscape.experiment.context import Context
from landscape.experiment.piece import Values
from landscape.experiment.tasks.directions import AlongSlice
from landscape.experiment.tasks.sweep import Sweep
from landscape.h5.fields import array, attribute, record


@record("peaks", of="line", doc="The highest points of a line.", dims={"peak": "number of the peak, the highest first"})
class Peaks:
    """The highest points of a line.

    Attributes:
        position: where they are (n_peaks,).
        height: the loss there, nats (n_peaks,).
        count: number of points that were looked at.
    """

    position: NDArray[np.float64] = array("peak", "where it is")
    height: NDArray[np.float64] = array("peak", "loss there", unit="nat")
    count: int = attribute("integer", "number of points that were looked at", lowest=1)


class PeaksOfLine(AlongSlice):
    """The two highest points of each half of a line: of every second point, which is a part."""

    kind = "peaks"
    record = Peaks
    n_parts = 2

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[Task]:
        """Return one for each model and line."""
        lines = [entry for entry in plan.config.slice if entry.dimension == 1]
        return [plan.of(cls, model, entry) for model in plan.config.model for entry in lines]

    @property
    def needs(self) -> Sequence[Task]:
        """The slice."""
        return [self.plan.of(Sweep, self.model, self.entry)]

    def compute(self, context: Context, part: int) -> Values:
        """Find the highest points of a half."""
        surface = context.result(self.needs[0])
        own = np.arange(surface.n_points)[part :: self.n_parts]
        highest = own[np.argsort(-surface.loss[own], kind="stable")[:2]]
        arrays = {"position": surface.axes[0][highest], "height": surface.loss[highest]}
        return Values(arrays, {"count": int(own.size)})

    def join(self, context: Context, parts: Mapping[int, Values]) -> Peaks:
        """Put the halves together."""
        position, height = (
            np.concatenate([part.arrays[name] for part in parts.values()]) for name in ("position", "height")
        )
        order = np.argsort(-height, kind="stable")
        return Peaks(position[order], height[order], sum(part.attributes["count"] for part in parts.values()))
