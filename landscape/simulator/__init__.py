"""Exact simulation of trials, compiled. :func:`simulate` shows one trial in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from landscape.constants import Objective
from landscape.simulator.result import LayerActivity, Trial

if TYPE_CHECKING:
    from landscape.network import Network

__all__ = ["LayerActivity", "Trial", "simulate"]


def simulate(network: Network, times: np.ndarray, channels: np.ndarray, *, objective: Objective | None = None) -> Trial:
    """Simulate one trial.

    Args:
        network: the network.
        times: array (n,); input spike times in ``[0, infinity)``, in any order; those at the trial's end or later
            have no effect.
        channels: array (n,), int; input channel of each spike, in ``[0, n_inputs)``.
        objective: the readout; if it is one of potentials (``MaxPotential()``, ``MeanPotential()``), the output units
            are leaky integrators instead of spiking neurons.

    Raises:
        DataError: times or channels are malformed.
        SimulationError: a layer spikes without bound.
    """
    from landscape.simulator.activity import simulate_trial

    return simulate_trial(network, times, channels, objective)
