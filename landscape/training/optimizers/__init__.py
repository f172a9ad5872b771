"""First-order optimisers on one vector of parameters: one file each in ``kinds``, found by being there.

To add one: a module, in ``kinds`` or a plugin (:mod:`landscape.plugins`), that defines ``OPTIMIZER``, an
:class:`OptimizerKind`. Its name is then one of ``optimizer`` in ``[training]``.
"""

from __future__ import annotations

import numpy as np

from landscape.errors import ConfigError
from landscape.registry import Registry
from landscape.training.optimizers.rule import OptimizerKind, Rule

__all__ = ["OPTIMIZERS", "Optimizer", "OptimizerKind", "Rule"]

OPTIMIZERS: Registry[OptimizerKind] = Registry(f"{__name__}.kinds", "OPTIMIZER", "optimizer", ConfigError)


class Optimizer:
    """An optimizer under way: its rule, in the units of the parameters, with decoupled weight decay.

    Args:
        kind: name of the optimizer, as ``"adam"``.
        n_parameters: length of the parameter vector.
        weight_decay: decoupled weight decay (Loshchilov and Hutter, arXiv:1711.05101).
        units: unit of each parameter, (n_parameters,): the optimiser sees parameters divided by it. 1 by default.

    Raises:
        ConfigError: there is no such optimizer.
    """

    def __init__(
        self, kind: str, n_parameters: int, weight_decay: float = 0.0, units: np.ndarray | float = 1.0
    ) -> None:
        self.rule = OPTIMIZERS[kind].start(n_parameters)
        self.weight_decay = weight_decay
        self.units = units

    def step(self, parameters: np.ndarray, gradient: np.ndarray, learning_rate: float) -> np.ndarray:
        """The parameters after one step, (n_parameters,)."""
        mean, scale = self.rule(gradient * self.units)
        return parameters - learning_rate * (self.units * mean / scale + self.weight_decay * parameters)
