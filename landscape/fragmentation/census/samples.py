"""The censuses of the samples of a data set, in parallel, each on its own."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from landscape.constants import Objective
from landscape.errors import DirectionError, InputError, SimulationError
from landscape.evaluation import check_fit, packed
from landscape.fragmentation.census.record import CensusInterrupted
from landscape.fragmentation.census.sample import SampleCensus, census_of_sample
from landscape.network import Network
from landscape.neurons import model_of, neuron_name
from landscape.parallel import run_blocks
from landscape.readouts import resolved, spikes_read
from landscape.simulator.packed import pack
from landscape.slices.directions import check_directions
from landscape.slices.directions.vectors import LARGEST

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["MINIMUM", "POINTS", "UnfitSampleError", "censuses_of_samples", "checked_bounds", "checked_direction"]

#: Starting points of the search, and the smallest jump of a sample's loss that is reported, nats.
POINTS = 51
MINIMUM = 1e-9


class UnfitSampleError(SimulationError):
    """Raised when a sample cannot be simulated somewhere on a line; ``sample`` is its number."""

    def __init__(self, sample: int) -> None:
        super().__init__(
            f"sample {sample} cannot be simulated on the whole line: a layer or a neuron spikes too often; the weights "
            "are too large, take a shorter range"
        )
        self.sample = sample


def censuses_of_samples(
    network: Network,
    direction: Sequence[ArrayLike] | Sequence[Sequence[ArrayLike]],
    bounds: tuple[float, float],
    data: Dataset,
    objective: Objective,
    samples: Sequence[int],
    *,
    points: int = POINTS,
    minimum: float = MINIMUM,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: Mapping[int, SampleCensus] | None = None,
) -> dict[int, SampleCensus]:
    """Return the censuses of some samples, each of which is on its own; by the number of the sample.

    Those of all samples, computed together or in parts, are what :func:`find_discontinuities` takes as ``resume``.

    Args:
        network: the network at position 0.
        direction: as for :func:`find_discontinuities`, and likewise what follows.
        bounds: lower and higher end of the line.
        data: its channels are the network's inputs.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        samples: numbers of the samples, ascending.
        points: starting points of the search.
        minimum: smallest absolute jump of a sample's loss that is reported, nats.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(samples done, samples in all)``.
        resume: what was finished before; it is in what is returned.

    Raises:
        InputError: the bounds are no range, or ``points`` or ``minimum`` is out of range.
        DirectionError: the direction does not fit the network or is zero.
        DataError: the data do not fit the network.
        UnfitSampleError: a sample cannot be simulated somewhere on the line; the first of them is named.
        CensusInterrupted: on an interrupt; it carries what was finished.
    """
    check_fit(network, data)
    low, high = checked_bounds(bounds)
    if not (isinstance(points, int | np.integer) and points >= 2):
        raise InputError(f"points must be at least 2, a whole number, not {points!r}")
    if not (isinstance(minimum, int | float | np.number) and math.isfinite(minimum) and minimum > 0.0):
        raise InputError(f"minimum must be a positive number, not {minimum!r}")
    objective_here = resolved(objective, network.neuron)
    if not model_of(network.neuron).census:
        raise InputError(f"{neuron_name(network.neuron)} neurons have no census: the model lacks the steps for it")
    centre = packed(network)
    flat = pack(checked_direction(direction, network))
    grid = np.linspace(low, high, points)
    read = spikes_read(objective_here)
    finished: dict[int, SampleCensus] = dict(resume or {})

    def work(sample: int) -> SampleCensus:
        chosen = slice(data.offsets[sample], data.offsets[sample + 1])
        return census_of_sample(
            objective_here,
            network.neuron,
            centre,
            flat,
            grid,
            data.times[chosen],
            data.channels[chosen],
            data.labels[sample],
            read,
            minimum,
        )

    todo = [sample for sample in samples if sample not in finished]
    unfit = len(todo)
    try:
        if progress is not None:
            progress(len(finished), len(samples))
        for position, found in run_blocks(work, todo, threads):
            if found.fine:
                finished[todo[position]] = found
            else:
                unfit = min(unfit, position)
            # The first one is named, whichever thread is the fastest.
            if unfit < len(todo) and all(sample in finished for sample in todo[:unfit]):
                raise UnfitSampleError(todo[unfit])
            if progress is not None:
                progress(len(finished), len(samples))
    except KeyboardInterrupt:
        raise CensusInterrupted(finished) from None
    return finished


def checked_bounds(bounds: tuple[float, float]) -> tuple[float, float]:
    """Return the ends of a line.

    Raises:
        InputError: they are no range.
    """
    try:
        low, high = (float(bound) for bound in bounds)
    except (TypeError, ValueError):
        raise InputError(f"bounds must be a pair of numbers, not {bounds!r}") from None
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"bounds ({low}, {high}) are not finite")
    if max(abs(low), abs(high)) > LARGEST:
        raise InputError(f"bounds ({low}, {high}) are beyond {LARGEST:g}; scale the direction instead")
    if not low < high:
        what = "of zero length" if low == high else "reversed"
        raise InputError(f"bounds ({low:g}, {high:g}) are {what}; give the lower end first, then the higher one")
    return low, high


def checked_direction(direction: Any, network: Network) -> list[np.ndarray]:
    """Return one direction, given as such or as the only one of a list.

    Raises:
        DirectionError: it does not fit the network or is zero.
    """
    if not isinstance(direction, Sequence | np.ndarray):
        raise DirectionError(
            f"a direction is a list of arrays shaped like the network's weights, not {type(direction).__name__}"
        )
    given: Any = direction  # a list of arrays, or a list of one such list
    nested = all(isinstance(part, list | tuple) and len(part) and np.ndim(part[0]) == 2 for part in given)
    checked = check_directions(given if nested else [given], network)
    if len(checked) > 1:
        raise DirectionError(f"{len(checked)} directions are given, but a line has one; give one of them")
    return checked[0]
