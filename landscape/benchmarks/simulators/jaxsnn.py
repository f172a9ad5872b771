"""jaxsnn (Electronic Vision(s), Heidelberg): LIF neurons from event to event in JAX, gradients by EventProp."""

from __future__ import annotations

import logging
from importlib.metadata import version
from itertools import pairwise
from typing import Any

from landscape.benchmarks.simulators.inputs import most_events
from landscape.benchmarks.simulators.interface import Batch, Simulator
from landscape.benchmarks.simulators.jax_batch import batch_of, where
from landscape.benchmarks.workloads import Workload

__all__ = ["load"]


def load(precision: str = "float32") -> Simulator:
    """The simulator as installed.

    Args:
        precision: ``"float32"``, in which it is used, or ``"float64"``.

    Raises:
        ImportError: it cannot be imported.
    """
    # Without a handler it logs, on import, that there is no neuromorphic hardware.
    logging.getLogger("jaxsnn").addHandler(logging.NullHandler())
    logging.getLogger("jaxsnn").propagate = False
    import jaxsnn.event.modules.lif  # noqa: F401

    def prepare(workload: Workload) -> Batch:
        return batch_of(workload, precision, _one_sample(workload, precision))

    method = f"from event to event, gradient by EventProp, {where()}"
    return Simulator("jaxsnn", version("jaxsnn"), precision, method, ("lif",), prepare)


def _one_sample(load: Workload, precision: str) -> Any:
    import jax
    import jax.numpy as jnp
    from jaxsnn.event.loss import first_spike
    from jaxsnn.event.modules.lif import LIF, LIFParameters
    from jaxsnn.event.modules.linear import Linear
    from jaxsnn.event.modules.source import Source
    from jaxsnn.event.topology import Topology
    from jaxsnn.event.types import Spike

    _, n_hidden, n_out = load.network.sizes
    duration, constants = float(load.network.duration), load.network.neuron
    n_inputs = max(len(set(load.data[i][0])) for i in range(len(load.data)))
    # Too few steps would leave out the last spikes without a word; a few more for spikes that rounding adds.
    n_steps_hidden, n_steps_all = (most + 4 for most in most_events(load))
    with jax.enable_x64(precision == "float64"):
        tau = float(constants.tau)
        parameters = LIFParameters(tau_mem=tau, tau_syn=tau / 2, v_th=float(constants.threshold), v_reset=0.0)
        topology = Topology(t_max=duration, backprop_method="eventprop")
        topology.add(
            {
                "input": Source(n_inputs),
                "to_hidden": Linear(),
                "hidden": LIF(n_hidden, n_steps_hidden, parameters),
                "to_output": Linear(),
                "output": LIF(n_out, n_steps_all - n_inputs, parameters),
            }
        )
        order = ("input", "to_hidden", "hidden", "to_output", "output")
        topology.connect(list(pairwise(order)))
        _, apply = topology.done()

    def simulate(times: Any, drive: Any, w_out: Any) -> Any:
        there = jnp.isfinite(times)
        spikes = Spike(
            time=times,
            idx=jnp.where(there, jnp.arange(times.size), -1),
            current=jnp.zeros_like(times),
            layer_idx=jnp.zeros(times.shape, int),
            internal=there,
        )
        # Its own batch, here of one sample, shares the weights; the drive is each sample's own.
        one = jax.tree.map(lambda leaf: leaf[None], spikes)
        events = apply({"input": one}, {"to_hidden": drive, "to_output": w_out.T, **dict.fromkeys(order[::2])})
        first = first_spike(jax.tree.map(lambda leaf: leaf[0], events["output"]), n_out)
        return jnp.minimum(first, duration)

    return simulate
