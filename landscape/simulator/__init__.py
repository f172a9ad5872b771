"""Exact simulation of trials, compiled. :func:`simulate` shows one trial in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landscape.constants import Objective

if TYPE_CHECKING:
    from landscape.network import Network

__all__ = ["LayerActivity", "Trial", "simulate"]


@dataclass(frozen=True)
class LayerActivity:
    """What one layer did in a trial.

    Attributes:
        times: array (n_spikes,); spike times, sorted, in the unit of ``tau``.
        neurons: array (n_spikes,), int64; the neurons that spiked.
        potential, current: arrays (n_neurons,); state at the trial's end; the potential of a QIF neuron that spikes
            just then is minus infinity.
    """

    times: np.ndarray
    neurons: np.ndarray
    potential: np.ndarray
    current: np.ndarray


@dataclass(frozen=True)
class Trial:
    """One trial: the activity of every layer, the output layer last."""

    layers: list[LayerActivity]


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
