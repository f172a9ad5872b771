"""An optimizer of one's own: gradient descent with momentum."""

from __future__ import annotations

import numpy as np

from landscape.training.optimizers import OptimizerKind


class Momentum:
    """A running mean of the gradients."""

    def __init__(self, n_parameters: int) -> None:
        self.mean = np.zeros(n_parameters)

    def __call__(self, gradient: np.ndarray) -> tuple[np.ndarray, float]:
        """The mean, and the scale that it is divided by."""
        self.mean += 0.1 * (gradient - self.mean)
        return self.mean.copy(), 1.0


OPTIMIZER = OptimizerKind(name="momentum", start=Momentum)
