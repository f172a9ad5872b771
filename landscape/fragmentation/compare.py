"""The censuses that a comparison of models is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from landscape.constants import Objective
from landscape.errors import InputError
from landscape.fragmentation.comparison import PRIMARY, compare_tables
from landscape.fragmentation.comparison_record import Comparison
from landscape.fragmentation.fragments import fragments
from landscape.fragmentation.fragments_record import Fragments
from landscape.measures import compared_measures

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.network import Network

__all__ = ["ComparisonInterrupted", "compare", "measure_line"]


Finished = dict[tuple[str, int, int], dict[str, float]]


class ComparisonInterrupted(KeyboardInterrupt):
    """Raised when a comparison is interrupted; ``finished`` can be given to resume it."""

    def __init__(self, finished: Finished) -> None:
        super().__init__("the comparison was interrupted")
        self.finished = finished


def compare(
    networks: Mapping[str, Sequence[Network]],
    data: Dataset,
    objectives: Any,
    *,
    directions: int = 4,
    bounds: tuple[float, float] = (-0.5, 0.5),
    points: int = 101,
    normalization: str = "neuron",
    primary: str = PRIMARY,
    minimum: float = 1e-9,
    resamples: int = 9999,
    level: float = 0.95,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: Mapping[tuple[str, int, int], Mapping[str, float]] | None = None,
) -> Comparison:
    """Compare the fragmentation of two models around their trained networks.

    Around every network the same number of random lines is examined: the exact census of every sample, and the losses
    and derivatives at ``points`` points. Networks with the same number are a pair (trained from one seed on the same
    data), as are lines with the same number: where the networks have the same sizes their directions come from the same
    normal numbers.

    Args:
        networks: by the names of two models, the reference first, equally many networks each.
        data: the samples, the same for all.
        objectives: one objective for both models, or a mapping with one for each.
        directions: number of random lines around each network.
        bounds: lower and higher end of each line, in multiples of its direction.
        points: number of points at which losses and derivatives are measured.
        normalization: of the directions, as in :func:`landscape.random_directions`.
        primary: the measure that the verdict is about.
        minimum: smallest absolute jump of a sample's loss, nats.
        resamples: number of bootstrap replicates.
        level: confidence level of the intervals.
        seed: seed of the directions and of the draws.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(lines done, lines in all)``.
        resume: what an interrupted comparison of the same networks, data and settings had finished.

    Raises:
        InputError: there are not two models with equally many networks, or a setting is out of range.
        DataError: the data do not fit a network.
        SimulationError: a sample cannot be simulated somewhere on a line.
        ComparisonInterrupted: on an interrupt; it carries what was finished.
    """
    models = tuple(networks)
    if len(models) != 2:
        raise InputError(f"two models are compared, not {len(models)}: {', '.join(models)}")
    counts = [len(networks[model]) for model in models]
    if counts[0] != counts[1] or counts[0] == 0:
        raise InputError(
            f"{models[0]} has {counts[0]} networks, {models[1]} has {counts[1]}; networks are compared in pairs, give "
            "equally many, at least one"
        )
    if directions < 1:
        raise InputError(f"directions must be a positive whole number, not {directions}")
    if points < 2:
        raise InputError(f"points must be at least 2, not {points}")
    if seed < 0:
        raise InputError(f"seed must be a whole number, 0 or more, not {seed}")
    names = [measure.name for measure in compared_measures()]
    if primary not in names:
        raise InputError(f"there is no measure {primary!r}; choose one of {', '.join(names)}")
    finished: Finished = {key: dict(found) for key, found in (resume or {}).items()}
    lines = [(model, k, d) for k in range(counts[0]) for d in range(directions) for model in models]
    try:
        for done, (model, k, d) in enumerate(lines):
            if progress is not None:
                progress(done, len(lines))
            if (model, k, d) in finished:
                continue
            objective = objectives[model] if isinstance(objectives, Mapping) else objectives
            found = measure_line(
                networks[model][k],
                data,
                objective,
                number=(k, d),
                bounds=bounds,
                points=points,
                normalization=normalization,
                minimum=minimum,
                seed=seed,
                threads=threads,
            )
            finished[model, k, d] = {name: found[name].value for name in names}
        if progress is not None:
            progress(len(lines), len(lines))
    except KeyboardInterrupt:
        raise ComparisonInterrupted(finished) from None
    values = {
        name: np.array(
            [[[finished[model, k, d][name] for d in range(directions)] for k in range(counts[0])] for model in models]
        )
        for name in names
    }
    return compare_tables((models[0], models[1]), values, primary=primary, resamples=resamples, level=level, seed=seed)


def measure_line(
    network: Network,
    data: Dataset,
    objective: Objective,
    *,
    number: tuple[int, int],
    bounds: tuple[float, float] = (-0.5, 0.5),
    points: int = 101,
    normalization: str = "neuron",
    minimum: float = 1e-9,
    seed: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Fragments:
    """Measure one line of a comparison; every argument but the following is one of :func:`compare`.

    Args:
        network: the network at position 0.
        data: the samples.
        objective: readout and loss.
        number: number of the pair that the network belongs to and number of the line around it, from 0.
        bounds: lower and higher end of the line.
        points: points with losses and derivatives.
        normalization: of the direction.
        minimum: smallest jump.
        seed: seed of all directions of the comparison.
        threads: number of threads.
        progress: called as ``progress(samples done, samples in all)`` by the census, which takes most of the time.

    Returns:
        The measures, without intervals: those of a single line are not needed.

    Raises:
        DirectionError: the direction cannot be made.
        SimulationError: a sample cannot be simulated somewhere on the line.
    """
    from landscape.fragmentation.census import find_discontinuities
    from landscape.slices.directions import random_directions
    from landscape.slices.sweep import sweep

    # One number from the three, so that no two lines share their directions.
    own = int(np.random.SeedSequence((seed, *number)).generate_state(1, np.uint64)[0])
    direction = random_directions(network, 1, own, normalization)
    census = find_discontinuities(
        network, direction, bounds, data, objective, minimum=minimum, threads=threads, progress=progress
    )
    axis = np.linspace(bounds[0], bounds[1], points)
    surface = sweep(network, direction, [axis], data, objective, sample_losses=True, threads=threads)
    return fragments(census, surface, resamples=1)
