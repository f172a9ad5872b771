"""Kernels compiled by a second process while the first one compiles or computes.

Numba compiles one kernel at a time in a process. When an experiment finds its first kernel missing, a process beside it
goes through all that the experiment will need and compiles what nobody else does (:mod:`landscape.claims`); so two
models take about as long as one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.claims import clear, when_compiling
from landscape.constants import Objective
from landscape.datasets import Dataset
from landscape.experiment.plan import Plan
from landscape.network import Network
from landscape.neurons import by_name as neuron_of
from landscape.parallel import thread_count
from landscape.readouts import by_name as readout_of
from landscape.simulator import simulate
from landscape.slices.directions import random_directions

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["compiled_ahead", "kernels_of"]

_under_way = False


def kernels_of(plan: Plan) -> list[str]:
    """Name what an experiment computes with, ``STEP:NEURON:READOUT``, the most urgent first.

    The steps come in the order in which the experiment takes them, the kinds of models in reverse: the experiment
    begins with the first one, and compiles that itself meanwhile.
    """
    used: dict[str, tuple[str, str]] = {}
    for model in plan.config.trained_models:
        pair = (model.neuron, plan.config.objective_of(model).kind)
        used.setdefault(":".join(pair), pair)
    steps = dict.fromkeys(step for task in plan.tasks for step in task.compiles)
    return [f"{step}:{name}" for step in sorted(steps, key=list(_STEPS).index) for name in reversed(used)]


@contextmanager
def compiled_ahead(kernels: Sequence[str], threads: int | None) -> Iterator[None]:
    """Have a second process compile kernels ahead while the block runs, from when one is found missing.

    It does nothing where there is only one thread to compute with, or ``LANDSCAPE_COMPILE_AHEAD`` is 0.
    """
    global _under_way
    if _under_way or thread_count(threads) < 2 or os.environ.get("LANDSCAPE_COMPILE_AHEAD") == "0":
        yield
        return
    started: list[subprocess.Popen[bytes]] = []

    def start() -> None:
        # -P: modules come from where they come from here, and not from the working directory as well.
        command = [sys.executable, "-P", "-m", __name__, str(os.getpid()), *kernels]
        places = [place for place in sys.path if isinstance(place, str)]
        variables = os.environ | {"PYTHONPATH": os.pathsep.join(places), "LANDSCAPE_THREADS": "1"}
        silent = subprocess.DEVNULL
        with suppress(OSError):  # it is a convenience
            started.append(subprocess.Popen(command, env=variables, stdin=silent, stdout=silent, stderr=silent))

    _under_way = True
    try:
        with when_compiling(start):
            yield
    finally:
        _under_way = False
        for process in started:
            process.kill()  # it would not listen before the kernel under way is done
            process.wait()
            from landscape.compilation import cache_directory  # with Numba, which takes a while to load

            folder = cache_directory()
            if folder is not None:
                clear(folder, process.pid)


def _tiny(neuron_name: str, readout: str) -> tuple[Network, Dataset, Any]:
    """A network of the kind, two samples and the objective."""
    network = Network(neuron_of(neuron_name)(), [np.full((3, 2), 4.0), np.full((2, 3), 2.0)], 4.0)
    data = Dataset([0.1, 0.5, 0.3], [0, 1, 1], [0, 2, 3], [0, 1], n_channels=2, n_classes=2)
    return network, data, readout_of(readout)()


def _evaluate(network: Network, data: Dataset, objective: Objective) -> None:
    from landscape.evaluation import evaluate

    evaluate(network, data, objective)


def _simulate(network: Network, data: Dataset, objective: Objective) -> None:
    times, channels, _ = data[0]
    simulate(network, times, channels, objective=objective)


def _sweep(network: Network, data: Dataset, objective: Objective) -> None:
    from landscape.slices.sweep import sweep

    sweep(network, random_directions(network, count=1), [[0.0, 0.1]], data, objective)


def _census(network: Network, data: Dataset, objective: Objective) -> None:
    from landscape.fragmentation.census import find_discontinuities

    find_discontinuities(network, network.weights, (-1.0, 0.0), data, objective)


_STEPS: dict[str, Callable[[Network, Dataset, Any], None]] = {
    "evaluate": _evaluate,
    "sweep": _sweep,
    "simulate": _simulate,
    "census": _census,
}


def main(parent: int, names: list[str]) -> None:
    """Compile the named kernels, unless others do, as long as the parent process lives."""
    from landscape.compilation import leave_to_others

    leave_to_others()
    for name in names:
        if os.getppid() != parent:
            return
        step, neuron, readout = name.split(":")
        # Whatever does not work here is compiled, or fails with a message, where it is wanted.
        with suppress(Exception):
            _STEPS[step](*_tiny(neuron, readout))


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main(int(sys.argv[1]), sys.argv[2:])
