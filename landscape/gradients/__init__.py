"""Exact first derivatives of one layer: tangents forward, adjoint backward, both from one set of maps per model."""

from landscape.gradients.adjoint import layer_adjoint
from landscape.gradients.tangent import layer_tangent

__all__ = ["layer_adjoint", "layer_tangent"]
