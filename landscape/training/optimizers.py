"""First-order optimisers on one vector of parameters."""

from __future__ import annotations

import numpy as np

__all__ = ["Optimizer"]

BETA_1 = 0.9
BETA_2 = 0.999
EPSILON = {"adam": 1e-8, "adabelief": 1e-12}


class Optimizer:
    """Adam (Kingma and Ba, arXiv:1412.6980) or AdaBelief (Zhuang et al., arXiv:2010.07468).

    Args:
        kind: ``"adam"`` or ``"adabelief"``.
        n_parameters: length of the parameter vector.
        weight_decay: decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101).
        units: unit of each parameter, (n_parameters,): the optimiser sees parameters divided by it. 1 by default.
    """

    def __init__(
        self, kind: str, n_parameters: int, weight_decay: float = 0.0, units: np.ndarray | float = 1.0
    ) -> None:
        self.kind = kind
        self.weight_decay = weight_decay
        self.units = units
        self.steps = 0
        self.first = np.zeros(n_parameters)
        self.second = np.zeros(n_parameters)

    def step(self, parameters: np.ndarray, gradient: np.ndarray, learning_rate: float) -> np.ndarray:
        """The parameters after one step, (n_parameters,)."""
        self.steps += 1
        gradient = gradient * self.units
        self.first += (1.0 - BETA_1) * (gradient - self.first)
        deviation = gradient - self.first if self.kind == "adabelief" else gradient
        epsilon = EPSILON[self.kind]
        self.second += (1.0 - BETA_2) * (deviation**2 - self.second)
        if self.kind == "adabelief":
            self.second += epsilon
        mean = self.first / (1.0 - BETA_1**self.steps)
        scale = np.sqrt(self.second / (1.0 - BETA_2**self.steps)) + epsilon
        return parameters - learning_rate * (self.units * mean / scale + self.weight_decay * parameters)
