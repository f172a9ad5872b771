"""What each simulator module gives to the comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from landscape.benchmarks.workloads import Workload

__all__ = ["Batch", "Simulator"]


class Batch(NamedTuple):
    """The samples of a workload, ready to run in another simulator; each call does all its work again.

    Attributes:
        first_spikes: gives the first spike time of every output neuron (n_samples, n_out), float64, the trial's
            duration where there is none.
        loss: gives the mean over the samples of ``-log softmax(-t / tau)[label]``, ``t`` the first spikes, as
            :class:`landscape.FirstSpike` without pseudospikes.
        loss_and_gradient: gives the same and its gradient, a list of arrays shaped like the network's weights; None
            where the simulator has no gradient.
    """

    first_spikes: Callable[[], np.ndarray]
    loss: Callable[[], float]
    loss_and_gradient: Callable[[], tuple[float, list[np.ndarray]]] | None


class Simulator(NamedTuple):
    """Another simulator, as installed.

    Attributes:
        name, version: of its package.
        precision: of its arithmetic, as ``"float32"``.
        method: how it simulates, in a few words.
        models: the neuron models it can run: ``"lif"``, ``"qif"``.
        prepare: makes a :class:`Batch` of a workload with one hidden layer.
    """

    name: str
    version: str
    precision: str
    method: str
    models: tuple[str, ...]
    prepare: Callable[[Workload], Batch]
