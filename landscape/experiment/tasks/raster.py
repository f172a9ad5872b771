"""All spikes of one example sample."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from landscape.experiment.context import Context
from landscape.experiment.plan import Plan, Task
from landscape.experiment.tasks.training import Training
from landscape.readouts import readout_of
from landscape.simulator import simulate
from landscape.simulator.raster_record import RasterData, raster_data

if TYPE_CHECKING:
    from landscape.config import ModelConfig


class RasterOfSample(Task):
    """The spikes of an example sample through the layers of a model's best network."""

    kind = "raster"
    record = RasterData
    compiles = ("simulate",)
    model: ModelConfig

    @classmethod
    def asked(cls, plan: Plan) -> Iterable[RasterOfSample]:
        """Return one for each model."""
        return [plan.of(cls, model) for model in plan.config.model]

    @property
    def needs(self) -> Sequence[Task]:
        """The trained network."""
        return [self.plan.of(Training, self.model)]

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The sample."""
        return {"sample": self.plan.config.figures.raster_sample}

    def compute(self, context: Context, part: int) -> RasterData:
        """Simulate the sample."""
        _, data = context.data
        sample = context.config.figures.raster_sample
        network = context.result(self.needs[0]).best
        times, channels, label = data[sample]
        trial = simulate(network, times, channels, objective=context.objective(self.model))
        output = trial.layers[-1]
        reads_spikes = readout_of(context.objective(self.model)).names_first_spike
        return raster_data(
            times,
            channels,
            [(layer.times, layer.neurons) for layer in trial.layers],
            sizes=network.sizes,
            duration=network.duration,
            sample=sample,
            label=label,
            # The class that the outputs name; none if none of them spikes.
            prediction=int(output.neurons[0]) if reads_spikes and output.neurons.size else None,
        )

    def told(self, result: RasterData, seconds: float) -> str:
        """Nothing: it takes no time."""
        return ""
