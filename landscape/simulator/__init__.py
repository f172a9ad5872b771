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
        network: Network
        times: array (n,); input spike times in ``[0, infinity)``, in any order; those at the trial's end or later
            have no effect.
        channels: array (n,), int; input channel of each spike, in ``[0, n_inputs)``.
        objective: FirstSpike, MaxPotential or MeanPotential, optional; if it is a potential readout, the output units
            are leaky integrators instead of spiking neurons.

    Raises:
        DataError: If times or channels are malformed.
        SimulationError: If a layer spikes without bound.
    """
    from landscape.simulator.activity import simulate_trial

    return simulate_trial(network, times, channels, objective)
