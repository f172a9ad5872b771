"""AdaBelief (Zhuang et al., arXiv:2010.07468)."""

from __future__ import annotations

from landscape.training.optimizers.rule import Moments, OptimizerKind

OPTIMIZER = OptimizerKind(name="adabelief", start=lambda n_parameters: Moments(n_parameters, 1e-12, belief=True))
