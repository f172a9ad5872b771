"""What simulators written in JAX share: a batch, its loss, and the gradient, from the simulation of one sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from landscape.benchmarks.simulators.inputs import grouped
from landscape.benchmarks.simulators.interface import Batch
from landscape.benchmarks.workloads import Workload

__all__ = ["batch_of", "where"]


def where() -> str:
    """What JAX computes on: its default device."""
    import jax

    return f"on {jax.default_backend()}"


def batch_of(load: Workload, precision: str, simulate: Callable[..., Any]) -> Batch:
    """A batch of compiled functions.

    Spikes that come at the same time are projected onto the hidden neurons together, by a dense product within each
    call, so that the simulator has one input event for them.

    Args:
        load: the workload.
        precision: ``"float32"`` or ``"float64"``; holds while these functions are traced and called, and nowhere else.
        simulate: one sample, as JAX traces it: from times of the input events (n_events,), what they bring to the
            hidden neurons (n_events, n_hidden), and output weights (n_out, n_hidden), to the first spikes (n_out,),
            the trial's duration where there is none.
    """
    import jax
    import jax.numpy as jnp

    network, tau = load.network, float(load.network.neuron.tau)
    exact = precision == "float64"
    events = grouped(load)
    with jax.enable_x64(exact):
        times, counts = jnp.asarray(events.times, precision), jnp.asarray(events.counts, precision)
        labels = jnp.asarray(load.data.labels)
        weights = [jnp.asarray(w, precision) for w in network.weights]

    def first_spikes(weights: Any, times: Any, counts: Any) -> Any:
        drives = jnp.einsum("sec,hc->seh", counts, weights[0])
        return jax.vmap(simulate, in_axes=(0, 0, None))(times, drives, weights[1])

    # With the first spikes beside it, so that these are not compiled once more.
    def loss(weights: Any, times: Any, counts: Any, labels: Any) -> Any:
        first = first_spikes(weights, times, counts)
        shares = jax.nn.log_softmax(-first / tau)
        return -jnp.mean(jnp.take_along_axis(shares, labels[:, None], axis=1)), first

    run_loss, run_both = jax.jit(loss), jax.jit(jax.value_and_grad(loss, has_aux=True))

    def first_now() -> np.ndarray:
        with jax.enable_x64(exact):
            return np.asarray(run_loss(weights, times, counts, labels)[1], np.float64)

    def loss_now() -> float:
        with jax.enable_x64(exact):
            return float(run_loss(weights, times, counts, labels)[0])

    def both_now() -> tuple[float, list[np.ndarray]]:
        with jax.enable_x64(exact):
            (value, _), gradient = run_both(weights, times, counts, labels)
            return float(value), [np.asarray(g, np.float64) for g in gradient]

    return Batch(first_now, loss_now, both_now)
