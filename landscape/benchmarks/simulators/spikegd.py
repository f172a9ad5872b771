"""spikegd (Klos and Memmesheimer, arXiv:2309.14523): exact, from event to event, in JAX; LIF and QIF.

There is no release of it: the user names the folder of a checkout. Its simulation takes a fixed number of steps, one
per event, and all neurons of both layers in each; here as many as the sample with most events needs.
"""

from __future__ import annotations

import importlib
import sys
import tomllib
from pathlib import Path
from typing import Any

from landscape.benchmarks.simulators.inputs import most_events
from landscape.benchmarks.simulators.interface import Batch, Simulator
from landscape.benchmarks.simulators.jax_batch import batch_of, where
from landscape.benchmarks.workloads import Workload
from landscape.errors import InputError

__all__ = ["check_checkout", "load"]


def check_checkout(path: Path) -> None:
    """Raise :class:`InputError` unless there is a checkout of spikegd at the path."""
    missing = [name for name in ("lif.py", "qif.py") if not (path / "spikegd" / name).is_file()]
    if missing:
        raise InputError(
            f"{path}: no checkout of spikegd (there is no spikegd/{missing[0]} in it); give the folder that was cloned"
        )


def load(path: Path, precision: str = "float64") -> Simulator:
    """The simulator in a checkout.

    Args:
        path: folder of the checkout, in which there is the package's folder ``spikegd``.
        precision: ``"float32"`` or ``"float64"``.

    Raises:
        InputError: there is no checkout.
        ImportError: it cannot be imported, as when JAX is not installed, or another one was imported before.
    """
    check_checkout(path)
    lif, qif = (_imported(path.resolve(), name) for name in ("lif", "qif"))

    def prepare(workload: Workload) -> Batch:
        # All events, the step that reaches the trial's end, and a few for spikes that rounding adds.
        steps = most_events(workload)[1] + 4
        constants = workload.network.neuron
        if workload.model == "lif":
            neuron = lif.LIFNeuron(tau=float(constants.tau), V_th=float(constants.threshold))
        else:
            neuron = qif.QIFNeuron(tau=float(constants.tau))
        return batch_of(workload, precision, _one_sample(neuron, workload, steps))

    method = f"from event to event, {where()}"
    return Simulator("spikegd", _version(path), precision, method, ("lif", "qif"), prepare)


def _one_sample(neuron: Any, load: Workload, steps: int) -> Any:
    import jax
    import jax.numpy as jnp

    _, n_hidden, n_out = load.network.sizes
    n, duration = n_hidden + n_out, float(load.network.duration)
    settings = {"T": duration, "K": steps}

    def simulate(times: Any, drive: Any, w_out: Any) -> Any:
        weights_in = jnp.zeros((n, times.size), drive.dtype).at[:n_hidden].set(drive.T)
        weights = jnp.zeros((n, n), drive.dtype).at[n_hidden:, :n_hidden].set(w_out)
        at_rest = jnp.zeros((2, n), drive.dtype)
        spikes, from_input, neurons, _ = neuron.event(
            at_rest, weights, weights_in, (times, jnp.arange(times.size)), settings
        )

        def first(i: Any) -> Any:
            own = (neurons == n_hidden + i) & ~from_input
            # The spikes come in the order of time. Not enough steps make all times nan, and that is to be seen.
            return jnp.where(own.any(), spikes[jnp.argmax(own)], duration + 0 * spikes[-1])

        return jax.vmap(first)(jnp.arange(n_out))

    return simulate


def _imported(path: Path, name: str) -> Any:
    before = set(sys.modules)
    sys.path.insert(0, str(path))
    try:
        module = importlib.import_module(f"spikegd.{name}")
    except BaseException:
        # A package half imported would stand in for that of another checkout.
        for half in [key for key in sys.modules if key.split(".")[0] == "spikegd" and key not in before]:
            del sys.modules[half]
        raise
    finally:
        sys.path.remove(str(path))
    found = Path(str(module.__file__)).resolve()
    if not found.is_relative_to(path):
        raise ImportError(f"another spikegd was imported, from {found.parent}; uninstall it to use the checkout")
    return module


def _version(path: Path) -> str:
    try:
        project = tomllib.loads((path / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        return str(project["version"])
    except (OSError, ValueError, KeyError):
        return "of unknown version"
