"""Brian2: LIF and QIF neurons by their equations, on a time grid; no gradient.

The whole batch is one group of independent networks. LIF is integrated exactly between grid times; QIF as its phase,
with ``V = tan(theta / 2)``, which has no singular point, by a fourth-order Runge-Kutta method. Spikes are seen, and
act, at grid times only; input spikes are moved to the nearest one.
"""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

import numpy as np

from landscape.benchmarks.simulators.inputs import capped_loss
from landscape.benchmarks.simulators.interface import Batch, Simulator
from landscape.benchmarks.workloads import Workload

__all__ = ["load"]

STEP = 1 / 128  # tau; input of W2 comes at multiples of it

SYNAPSE = "dcurrent/dt = -2 * current / tau : 1"  # with half the time constant of the membrane
# Equations, threshold, reset, and method of integration.
NEURONS = {
    "lif": (f"dv/dt = (current - v) / tau : 1\n{SYNAPSE}", "v >= {threshold!r}", "v = 0", "exact"),
    "qif": (
        f"dtheta/dt = (1 - cos(theta) - sin(theta) + current * (1 + cos(theta))) / tau : 1\n{SYNAPSE}",
        "theta > pi",
        "theta -= 2 * pi",
        "rk4",
    ),
}


def load(step: float = STEP) -> Simulator:
    """The simulator as installed.

    Args:
        step: of the time grid, in units of ``tau``.

    Raises:
        ImportError: it cannot be imported.
    """
    import brian2  # noqa: F401

    def prepare(workload: Workload) -> Batch:
        return _batch(workload, step)

    method = f"time grid of 1/{1 / step:g}, one thread"
    return Simulator("brian2", version("brian2"), "float64", method, ("lif", "qif"), prepare)


def _batch(load: Workload, step: float) -> Batch:
    import brian2

    network, data, n_samples = load.network, load.data, len(load.data)
    _, n_hidden, n_out = network.sizes
    tau, duration = float(network.neuron.tau), float(network.duration)
    dt = step * tau
    equations, threshold, reset, method = NEURONS[load.model]
    if load.model == "lif":
        threshold = threshold.format(threshold=float(network.neuron.threshold))
    namespace = {"tau": tau * brian2.second}
    settings = {"threshold": threshold, "reset": reset, "method": method, "namespace": namespace}
    clock = brian2.Clock(dt=dt * brian2.second)
    hidden, output = (brian2.NeuronGroup(n_samples * n, equations, clock=clock, **settings) for n in (n_hidden, n_out))
    synapses = brian2.Synapses(hidden, output, "w : 1", on_pre="current_post += w", clock=clock)
    sample, post, pre = (index.ravel() for index in np.indices((n_samples, n_out, n_hidden)))
    synapses.connect(i=sample * n_hidden + pre, j=sample * n_out + post)
    synapses.w = np.tile(network.weights[1].ravel(), n_samples)
    spikes = brian2.SpikeMonitor(output)

    # Each distinct grid time of the batch's input with the spikes of each channel then.
    grid = np.rint(data.times / dt).astype(np.int64)
    at, event = np.unique(grid, return_inverse=True)
    counts = np.zeros((at.size, n_samples, data.n_channels))
    np.add.at(counts, (event, np.repeat(np.arange(n_samples), np.diff(data.offsets)), data.channels), 1)
    row_of = {int(number): row for row, number in enumerate(at)}
    drive = np.empty((at.size, n_samples * n_hidden))

    def receive(t: Any) -> None:
        row = row_of.get(round(float(t / brian2.second) / dt))
        if row is not None:
            hidden.current_[:] = hidden.current_[:] + drive[row]

    reception = brian2.NetworkOperation(receive, clock=clock, when="start")
    everything = brian2.Network(hidden, output, synapses, spikes, reception)
    everything.store()

    def first_spikes() -> np.ndarray:
        drive[...] = (counts @ network.weights[0].T).reshape(drive.shape)
        everything.restore()
        everything.run(duration * brian2.second)
        first = np.full(n_samples * n_out, duration)
        # A spike of the step that begins at t is seen, and acts, at its end.
        np.minimum.at(first, np.asarray(spikes.i[:]), np.asarray(spikes.t_[:]) + dt)
        return np.minimum(first, duration).reshape(n_samples, n_out)

    def loss() -> float:
        return capped_loss(first_spikes(), data.labels, tau)

    return Batch(first_spikes, loss, None)
