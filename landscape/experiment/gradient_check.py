"""Exact directional derivatives against finite differences, along a slice."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from landscape.config import Config, DirectionConfig, ModelConfig, SliceConfig
from landscape.config.messages import suggestion
from landscape.constants import Objective
from landscape.errors import ConfigError
from landscape.experiment.context import Context
from landscape.experiment.geometry import axis, directions_of
from landscape.experiment.plan import Plan
from landscape.experiment.tasks.directions import surroundings
from landscape.experiment.tasks.training import Training, untrained_network
from landscape.slices.directions import Surroundings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landscape.datasets import Dataset
    from landscape.network import Network
    from landscape.slices.directions import Directions

FloatArray = NDArray[np.float64]

STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)

#: The largest relative difference that still counts as agreement, at the best step. Rounding of the loss
#: leaves about 1e-16 / h, the cut-off Taylor series h**2: their sum is smallest, near 1e-10, at steps around
#: 1e-5.
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class GradientCheck:
    """How well exact derivatives and difference quotients agree along one direction.

    Attributes:
        name: what was checked.
        steps: step sizes h in coordinates of the slice (n_steps,).
        coordinates: points on the slice (n_points,).
        loss: mean loss at each point, nats (n_points,).
        exact: exact directional derivative at each point, nats per unit of the axis (n_points,).
        quotient: (L(a + h) - L(a - h)) / 2h, the same unit (n_points, n_steps).
    """

    name: str
    steps: tuple[float, ...]
    coordinates: FloatArray
    loss: FloatArray
    exact: FloatArray
    quotient: FloatArray

    @property
    def relative_error(self) -> FloatArray:
        """Difference of the two relative to the exact derivative (n_points, n_steps).

        Derivatives below a thousandth of the loss count as that: close to zero by cancellation among the
        samples, they would be compared with rounding.
        """
        scale = np.maximum(np.abs(self.exact), 1e-3 * np.abs(self.loss))
        scale = np.maximum(scale, np.finfo(np.float64).tiny)
        return np.abs(self.quotient - self.exact[:, None]) / scale[:, None]

    @property
    def agrees(self) -> bool:
        """Whether at every point some step brings the two within the tolerance of each other."""
        return bool(np.all(self.relative_error.min(axis=1) <= TOLERANCE))

    def table(self) -> str:
        """Return the check as text: a line per point, a column per step, and the verdict."""
        head = f"{'a':>9} {'dL/da':>13}" + "".join(f"{f'h={h:.0e}':>10}" for h in self.steps)
        rows = [
            f"{a:9.4f} {exact:13.6e}" + "".join(f"{error:10.1e}" for error in errors)
            for a, exact, errors in zip(self.coordinates, self.exact, self.relative_error, strict=True)
        ]
        worst = float(self.relative_error.min(axis=1).max())
        verdict = "agree" if self.agrees else "DISAGREE"
        last = f"exact and finite differences {verdict}: {worst:.1e} at the best step, tolerance {TOLERANCE:.0e}"
        return "\n".join([f"{self.name}, relative difference by step size", head, *rows, last])


def check_gradient(
    network: Network,
    directions: Directions,
    data: Dataset,
    objective: Objective,
    coordinates: Sequence[float],
    *,
    name: str = "",
    steps: tuple[float, ...] = STEPS,
    threads: int | None = None,
) -> list[GradientCheck]:
    """Compare exact directional derivatives with central differences of the loss.

    Args:
        network: the network at coordinate 0.
        directions: each is checked by itself, through the network.
        data: samples.
        objective: readout and loss.
        coordinates: points along each direction.
        name: what to call the check.
        steps: step sizes, in coordinates of the slice.
        threads: threads to compute with.

    Returns:
        One result per direction.

    Raises:
        DirectionError: the directions do not fit the network.
        DataError: the data do not fit the network.
    """
    from landscape.slices.sweep import sweep

    shifts = np.concatenate([[0.0], steps, -np.asarray(steps)])
    points = np.asarray(coordinates, dtype=np.float64)[:, None] + shifts
    axis, where = np.unique(points, return_inverse=True)
    where = where.reshape(points.shape)
    results = []
    for number, direction in enumerate(directions):
        surface = sweep(network, [direction], [axis], data, objective, threads=threads)
        loss = surface.loss[where]
        n = len(steps)
        # The steps as they are in floating point: a + h is rounded.
        widths = points[:, 1 : n + 1] - points[:, n + 1 :]
        results.append(
            GradientCheck(
                name=f"{name}, direction {number}" if name else f"direction {number}",
                steps=tuple(steps),
                coordinates=points[:, 0],
                loss=loss[:, 0],
                exact=surface.directional_derivative[where[:, 0], 0],
                quotient=(loss[:, 1 : n + 1] - loss[:, n + 1 :]) / widths,
            )
        )
    return results


def check_experiment(
    plan: Plan, context: Context, model: str | None, slice_name: str | None, *, points: int, samples: int
) -> list[GradientCheck]:
    """Carry out :meth:`landscape.experiment.Experiment.check`."""
    config = context.config
    entry = _slice_to_check(config, slice_name)
    data = context.samples(entry, most=samples)
    results = []
    for chosen in _models_to_check(config, model):
        training = plan.of(Training, chosen)
        if context.store.is_good(training.whole):
            state = f"{entry.centre} network"
            around = surroundings(context, context.result(training), chosen, entry)
        else:
            state = "untrained network"
            start = untrained_network(context, chosen)
            around = Surroundings(start, start, start, None, data, context.objective(chosen), config.seed_of(entry))
        around = dataclasses.replace(around, data=data)
        low, high = entry.bounds[0]
        results += check_gradient(
            around.centre,
            directions_of(entry, around),
            data,
            around.objective,
            list(axis(low, high, points)),
            name=f"{chosen.name} ({state}), slice {entry.name}, {len(data)} samples",
            threads=context.threads,
        )
    return results


def _slice_to_check(config: Config, name: str | None) -> SliceConfig:
    if name is None:
        return (
            config.slice[0] if config.slice else SliceConfig(name="line", directions=[DirectionConfig(kind="random")])
        )
    for entry in config.slice:
        if entry.name == name:
            return entry
    raise ConfigError(f"{config.origin}: there is no slice '{name}'{suggestion(name, config.slice_names)}")


def _models_to_check(config: Config, name: str | None) -> list[ModelConfig]:
    if name is None:
        return config.model
    for model in config.model:
        if model.name == name:
            return [model]
    raise ConfigError(f"{config.origin}: there is no model '{name}'{suggestion(name, config.model_names)}")
