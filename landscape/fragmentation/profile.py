"""Losses and derivatives of single samples along a line: what measures with an uncertainty are made of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.constants import Objective
from landscape.errors import InputError
from landscape.parallel import run_blocks

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network
    from landscape.slices.surface import Surface

__all__ = ["Profile", "sample_profile"]

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Profile:
    """Losses and directional derivatives at points of a line.

    ``loss`` and ``derivative`` have a row per sample, or one row, that of the mean, where single samples are not known.

    Attributes:
        position: (n_points,), increasing; in multiples of the direction.
        loss: nats; (n_samples, n_points) or (1, n_points); NaN or infinite where not known.
        derivative: nats per unit of the position; likewise.
    """

    position: FloatArray
    loss: FloatArray
    derivative: FloatArray

    @classmethod
    def of_surface(cls, surface: Surface) -> Profile:
        """The values of a 1D surface; of single samples where it holds their losses.

        Raises:
            InputError: the surface has two axes.
        """
        if len(surface.axes) != 1:
            raise InputError("measures of a line need a surface with one axis, this one has two")
        # The derivatives of single samples are not kept in a surface.
        loss = surface.loss[None, :] if surface.sample_loss is None else surface.sample_loss.T
        return cls(surface.axes[0], np.where(surface.done, loss, np.nan), surface.directional_derivative[:, 0][None, :])


def sample_profile(
    network: Network,
    direction: Sequence[ArrayLike],
    positions: ArrayLike,
    data: Dataset,
    objective: Objective,
    *,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Profile:
    """Exact losses and derivatives of every sample at points of a line.

    Args:
        network: the network at position 0.
        direction: arrays shaped like ``network.weights``.
        positions: (n_points,), strictly increasing.
        data: its channels are the network's inputs.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(samples done, samples in all)``.

    Raises:
        DirectionError, DataError: as :func:`landscape.sweep`.
    """
    from landscape.slices.sweep import sweep

    position = np.array(positions, np.float64)
    directions = [[np.asarray(part, np.float64) for part in direction]]

    def work(sample: int) -> tuple[FloatArray, FloatArray]:
        surface = sweep(network, directions, [position], data.select(indices=[sample]), objective, threads=1)
        return surface.loss, surface.directional_derivative[:, 0]

    loss = np.empty((len(data), position.size))
    derivative = np.empty((len(data), position.size))
    for done, (sample, found) in enumerate(run_blocks(work, range(len(data)), threads), 1):
        loss[sample], derivative[sample] = found
        if progress is not None:
            progress(done, len(data))
    return Profile(position, loss, derivative)
