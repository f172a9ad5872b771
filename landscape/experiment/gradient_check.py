"""Exact directional derivatives against finite differences, along a slice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from landscape.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landscape.config import Config, ModelConfig, SliceConfig
    from landscape.datasets import Dataset
    from landscape.experiment.stages import Experiment
    from landscape.network import Network
    from landscape.slices.directions import Directions

FloatArray = NDArray[np.float64]

STEPS = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7)

#: The largest relative difference that still counts as agreement, at the best step. Rounding of the loss leaves
#: about 1e-16 / h, the cut-off Taylor series h**2: their sum is smallest, near 1e-10, at steps around 1e-5.
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

        Derivatives below a thousandth of the loss count as that: close to zero by cancellation among the samples,
        they would be compared with rounding.
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
        last = f"exact and finite differences {verdict}: {worst:.1e} at the best step (tolerance {TOLERANCE:.0e})"
        return "\n".join([f"{self.name}, relative difference by step size", head, *rows, last])
