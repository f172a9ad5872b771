"""Other simulators on the same workloads: one module for each, imported only where it is installed.

Each gives a :class:`Simulator`, whose :class:`Batch` computes what the benchmarks compute: the first spikes of all
output neurons, their mean loss and, where it can, the gradient. None of their code is here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path

from landscape.benchmarks.simulators import brian2, eventax, jaxsnn, spikegd
from landscape.benchmarks.simulators.interface import Batch, Simulator
from landscape.errors import InputError

__all__ = ["EXTRA", "PACKAGES", "SIMULATORS", "Batch", "Simulator", "choose", "not_installed"]

#: Simulators on the package index, by the name of the package.
PACKAGES: dict[str, Callable[[], Simulator]] = {"brian2": brian2.load, "eventax": eventax.load, "jaxsnn": jaxsnn.load}
SIMULATORS = (*PACKAGES, "spikegd")
EXTRA = "pip install 'spiking-landscape[bench]'"


def choose(names: Sequence[str] | None = None, checkout: Path | None = None) -> dict[str, Callable[[], Simulator]]:
    """Simulators to compare with, by name; calling one imports it.

    Args:
        names: which; all that are installed if not given.
        checkout: folder of a checkout of spikegd, which is added.

    Raises:
        InputError: a name is unknown, or what was asked for is not there.
    """
    wanted = [name for name in PACKAGES if find_spec(name)] if names is None else list(dict.fromkeys(names))
    for name in wanted:
        if name not in SIMULATORS:
            raise InputError(f"simulator {name} is unknown; known ones are {', '.join(SIMULATORS)}")
        if name == "spikegd" and checkout is None:
            raise InputError("spikegd is on no package index; give the folder of a checkout with --spikegd")
        if name in PACKAGES and not find_spec(name):
            raise InputError(f"simulator {name} is not installed; install it with {EXTRA}")
    chosen = {name: PACKAGES[name] for name in wanted if name in PACKAGES}
    if checkout is not None:
        place = checkout
        spikegd.check_checkout(place)
        for name in ("jax", "jaxtyping"):
            if not find_spec(name):
                raise InputError(f"spikegd needs {name}, which is not installed; install it with {EXTRA}")
        chosen["spikegd"] = lambda: spikegd.load(place)
    return chosen


def not_installed() -> list[str]:
    """Simulators on the package index that are not installed here."""
    return [name for name in PACKAGES if not find_spec(name)]
