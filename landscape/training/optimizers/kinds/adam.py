"""Adam (Kingma and Ba, arXiv:1412.6980)."""

from __future__ import annotations

from landscape.training.optimizers.rule import Moments, OptimizerKind

OPTIMIZER = OptimizerKind(name="adam", start=lambda n_parameters: Moments(n_parameters, 1e-8, belief=False))
