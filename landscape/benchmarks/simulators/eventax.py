"""eventax: LIF and QIF neurons in JAX, integrated in steps from event to event (diffrax), spikes by root finding."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from landscape.benchmarks.simulators.inputs import most_events
from landscape.benchmarks.simulators.interface import Batch, Simulator
from landscape.benchmarks.simulators.jax_batch import batch_of, where
from landscape.benchmarks.workloads import Workload

__all__ = ["load"]

STEP = 0.01  # tau; its solver is Euler's by default


def load(precision: str = "float32", step: float = STEP) -> Simulator:
    """The simulator as installed.

    Args:
        precision: ``"float32"``, in which it is used, or ``"float64"``.
        step: of Euler's method, in units of ``tau``.

    Raises:
        ImportError: it cannot be imported.
    """
    import eventax.evnn  # noqa: F401

    def prepare(workload: Workload) -> Batch:
        return batch_of(workload, precision, _one_sample(workload, precision, step))

    method = f"Euler steps of {step:g}, {where()}"
    return Simulator("eventax", version("eventax"), precision, method, ("lif", "qif"), prepare)


def _one_sample(load: Workload, precision: str, step: float) -> Any:
    import equinox as eqx
    import jax
    import jax.numpy as jnp
    from eventax.evnn import FFEvNN
    from eventax.neuron_models import LIF, QIF

    _, n_hidden, n_out = load.network.sizes
    n, duration, constants = n_hidden + n_out, float(load.network.duration), load.network.neuron
    n_inputs = max(len(set(load.data[i][0])) for i in range(len(load.data)))
    tau = float(constants.tau)
    settings: dict[str, Any] = {"tmem": tau, "tsyn": tau / 2}
    if load.model == "lif":
        settings["thresh"] = float(constants.threshold)
    with jax.enable_x64(precision == "float64"):
        empty = FFEvNN(
            layers=[n_hidden, n_out],
            in_size=n_inputs,
            neuron_model=LIF if load.model == "lif" else QIF,
            max_solver_time=duration,
            solver_stepsize=step * tau,
            output_no_spike_value=duration,
            # An event each, one to begin with, and some for spikes that its steps add; it fails if these are too few.
            max_event_steps=most_events(load)[1] + 64,
            key=jax.random.PRNGKey(0),
            init_weights=0.0,
            init_bias=0.0,
            dtype=jnp.dtype(precision),
            **settings,
        )

    def simulate(times: Any, drive: Any, w_out: Any) -> Any:
        # Rows: the neurons, then the inputs; columns: the neurons.
        weights = jnp.zeros((n + n_inputs, n), drive.dtype)
        weights = weights.at[:n_hidden, n_hidden:].set(w_out.T).at[n:, :n_hidden].set(drive)
        model = eqx.tree_at(lambda model: model.neuron_model.weights, empty, weights)
        return model.ttfs(times[:, None])

    return simulate
