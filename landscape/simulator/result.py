"""What a trial did, in full."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

__all__ = ["LayerActivity", "Trial"]


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
    """One trial.

    Attributes:
        layers: the activity of every layer, the output layer last.
    """

    layers: list[LayerActivity]
