"""The census of a line: all samples, in parallel, put together in the order of positions."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from landscape.constants import Objective
from landscape.datasets.use import warn_of_unused
from landscape.errors import InputError
from landscape.fragmentation.census import confirmation, search
from landscape.fragmentation.census.limits import WIDTHS
from landscape.fragmentation.census.record import Census
from landscape.fragmentation.census.sample import SampleCensus
from landscape.fragmentation.census.samples import (
    MINIMUM,
    POINTS,
    censuses_of_samples,
    checked_bounds,
    checked_direction,
)
from landscape.network import Network
from landscape.neurons import neuron_name
from landscape.readouts import objective_name, resolved

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["find_discontinuities"]

MECHANISMS = ("grazing", "order", "trial_end")
KINDS = ("disappearance", "appearance")


def find_discontinuities(
    network: Network,
    direction: Sequence[ArrayLike] | Sequence[Sequence[ArrayLike]],
    bounds: tuple[float, float],
    data: Dataset,
    objective: Objective,
    *,
    points: int = POINTS,
    minimum: float = MINIMUM,
    confirm: int = 0,
    threads: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    resume: Mapping[int, SampleCensus] | None = None,
) -> Census:
    """Find every discontinuity of the loss of every sample on a line through the space of weights.

    The spikes of every sample are followed along the line. They jump only where a margin of some neuron, the distance
    of a maximum of its potential from threshold, is zero; these zeros are bracketed to 1e-12 of the range, and the loss
    is evaluated on both sides. Which cells of the line can hold a zero is judged from the margins and their exact
    derivatives at both ends of the cell (``landscape/fragmentation/census/README.md``).

    Args:
        network: the network at position 0.
        direction: arrays shaped like ``network.weights``, or ``Directions`` with one direction.
        bounds: lower and higher end of the line, in multiples of the direction. A jump exactly at an end counts if the
            loss at the end differs from its limit from inside.
        data: its channels are the network's inputs.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        points: starting points of the search; the result does not depend on them where the margins do not turn faster
            than they show at both ends of a cell.
        minimum: smallest absolute jump of a sample's loss that is reported, nats.
        confirm: number of discontinuities, the largest ones, to be evaluated in extended precision as well.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(samples done, samples in all)``.
        resume: what an interrupted census had finished (:class:`CensusInterrupted`).

    Raises:
        InputError: the bounds are no range, ``points``, ``minimum`` or ``confirm`` is out of range, or there is no
            evaluation in extended precision for this model.
        DirectionError: the direction does not fit the network or is zero.
        DataError: the data do not fit the network.
        UnfitSampleError: a sample cannot be simulated somewhere on the line; the first of them is named.
        CensusInterrupted: on an interrupt; it carries what was finished.

    Warns:
        DataWarning: much of the input comes too late to have an effect, as in :func:`landscape.evaluate`.
    """
    warn_of_unused(data, network.duration)
    if not (isinstance(confirm, int | np.integer) and confirm >= 0):
        raise InputError(f"confirm must be a number of discontinuities, 0 or more, not {confirm!r}")
    objective_here = resolved(objective, network.neuron)
    if confirm:
        confirmation.check_supported(network, objective_here)
    finished = censuses_of_samples(
        network,
        direction,
        bounds,
        data,
        objective,
        range(len(data)),
        points=points,
        minimum=minimum,
        threads=threads,
        progress=progress,
        resume=resume,
    )
    low, high = checked_bounds(bounds)
    census = _assembled([finished[sample] for sample in range(len(data))], network, low, high, minimum)
    census.attributes.update(
        neuron=neuron_name(network.neuron),
        objective=objective_name(objective),
        points=points,
        minimum=minimum,
        hidden_sizes=np.array(network.hidden_sizes, np.int64),
    )
    if confirm and len(census):
        checked = checked_direction(direction, network)
        codes = confirmation.confirm(census, network, checked, data, objective_here, confirm)
        census = replace(census, confirmed=codes)
    return census


def _assembled(samples: list[SampleCensus], network: Network, low: float, high: float, minimum: float) -> Census:
    rows: list[dict[str, Any]] = []
    changes: list[list[dict[str, Any]]] = []
    transitions = dict.fromkeys(MECHANISMS, 0)
    largest = 0.0
    unresolved = []
    for sample, found in enumerate(samples):
        for kind in found.whole[found.settled, search.KIND]:
            transitions[MECHANISMS[kind]] += 1
        unresolved += [(float(sample), *piece) for piece in found.unresolved]
        for cluster, (before, after) in enumerate(found.loss):
            jump = _difference(after, before)
            if not found.jumps[cluster]:
                largest = max(largest, abs(jump))
                continue
            rows.append(_row(sample, found, cluster, jump, network, low, high))
            own = np.flatnonzero(found.displaced[:, 0] == cluster)
            changes.append(
                [
                    {
                        "layer": found.displaced[j, 1],
                        "neuron": found.displaced[j, 2],
                        "time": found.displaced_time[j],
                        "count": found.displaced[j, 4:6],
                    }
                    for j in own
                ]
            )
    order = sorted(range(len(rows)), key=lambda j: (rows[j]["position"], rows[j]["sample"]))
    rows = [rows[j] for j in order]
    changed = [(number, change) for number, j in enumerate(order) for change in changes[j]]

    def column(name: str, dtype: Any, width: int | None = None) -> Any:
        shape = (len(rows),) if width is None else (len(rows), width)
        return np.array([row[name] for row in rows], dtype).reshape(shape)

    def changed_column(name: str, dtype: Any, width: int | None = None) -> Any:
        shape = (len(changed),) if width is None else (len(changed), width)
        return np.array([change[name] for _, change in changed], dtype).reshape(shape)

    silent_neuron, silent_interval = _silent(samples, low, high)
    return Census(
        low=low,
        high=high,
        n_samples=len(samples),
        position=column("position", np.float64),
        bracket=column("bracket", np.float64, 2),
        loss=column("loss", np.float64, 2),
        jump=column("jump", np.float64),
        error=column("error", np.float64),
        sample=column("sample", np.int64),
        layer=column("layer", np.int64),
        neuron=column("neuron", np.int64),
        number=column("number", np.int64),
        time=column("time", np.float64, 2),
        kind=column("kind", np.str_),
        mechanism=column("mechanism", np.str_),
        partner=column("partner", np.int64),
        partner_time=column("partner_time", np.float64),
        downstream=column("downstream", np.bool_),
        difference=column("difference", np.float64, len(WIDTHS)),
        widths=WIDTHS,
        confirmed=np.full(len(rows), -1, np.int8),
        change_of=np.array([number for number, _ in changed], np.int64),
        change_layer=changed_column("layer", np.int64),
        change_neuron=changed_column("neuron", np.int64),
        change_time=changed_column("time", np.float64, 2),
        change_count=changed_column("count", np.int64, 2),
        transitions=transitions,
        largest_continuous=largest,
        silent_neuron=silent_neuron,
        silent_interval=silent_interval,
        unresolved_sample=np.array([piece[0] for piece in unresolved], np.int64),
        unresolved_interval=np.array([piece[1:] for piece in unresolved], np.float64).reshape(len(unresolved), 2),
    )


def _difference(after: float, before: float) -> float:
    """``after - before``; 0 where both are infinite alike."""
    return 0.0 if after == before else float(after - before)


def _row(
    sample: int, found: SampleCensus, cluster: int, jump: float, network: Network, low: float, high: float
) -> dict[str, Any]:
    """One discontinuity, by its cause: of several transitions at once the lowest layer's earliest one."""
    own = np.flatnonzero(found.cluster == cluster)
    first = min(own, key=lambda j: (found.whole[j, search.LAYER], np.nanmin(found.real[j, 2:4]), j))
    whole, real = found.whole[first], found.real[first]
    beside = search.MARGIN * search.RESOLUTION * (high - low)
    number, time = whole[search.NUMBER], real[[search.TIME_LEFT, search.TIME_RIGHT]]
    appears = whole[search.APPEARS]
    same = (found.whole[own][:, [search.LAYER, search.NEURON]] == whole[[search.LAYER, search.NEURON]]).all(axis=1)
    if same.sum() > 1:
        # By rounding a spike may come and go several times before it stays: what counts is how it is on both sides.
        wanted = (cluster, whole[search.LAYER], whole[search.NEURON])
        changed = np.flatnonzero((found.displaced[:, :3] == wanted).all(axis=1))
        if changed.size:
            number, time = found.displaced[changed[0], 3], found.displaced_time[changed[0]]
            appears = int(np.isnan(time[0]) or time[1] < time[0])
    left, right = found.real[own, search.LEFT].min(), found.real[own, search.RIGHT].max()
    return {
        "sample": sample,
        "position": 0.5 * (left + right),
        # Rounding may have found the zero of a margin a few numbers beside where it is.
        "bracket": (max(left - beside, low), min(right + beside, high)),
        "loss": found.loss[cluster],
        "jump": jump,
        "error": float(found.error[cluster].sum()),
        "layer": whole[search.LAYER],
        "neuron": whole[search.NEURON],
        "number": number,
        "time": time,
        "kind": KINDS[appears],
        "mechanism": MECHANISMS[whole[search.KIND]],
        "partner": whole[search.PARTNER],
        "partner_time": real[search.PARTNER_TIME],
        "downstream": whole[search.LAYER] < len(network.weights) - 1,
        "difference": found.difference[cluster],
    }


def _silent(samples: list[SampleCensus], low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Neurons and pieces of the line on which they are silent in all samples."""
    n_hidden = samples[0].active_first.size
    # For each neuron, how many samples it spikes in, followed from change to change.
    count = np.sum([found.active_first for found in samples], axis=0)
    changes: list[tuple[float, int, int]] = []
    for found in samples:
        for cluster, neuron, awakes in found.toggles:
            inside = found.cluster == cluster
            place = 0.5 * (found.real[inside, search.LEFT].min() + found.real[inside, search.RIGHT].max())
            changes.append((float(place), int(neuron), 1 if awakes else -1))
    changes.sort()
    since = [low if count[neuron] == 0 else math.nan for neuron in range(n_hidden)]
    pieces: list[tuple[int, float, float]] = []
    for place, neuron, change in changes:
        count[neuron] += change
        if change < 0 and count[neuron] == 0:
            since[neuron] = place
        elif change > 0 and count[neuron] == 1:
            if place > since[neuron]:
                pieces.append((neuron, since[neuron], place))
            since[neuron] = math.nan
    pieces += [(neuron, begin, high) for neuron, begin in enumerate(since) if not math.isnan(begin)]
    pieces.sort()
    neurons = np.array([piece[0] for piece in pieces], np.int64)
    return neurons, np.array([piece[1:] for piece in pieces], np.float64).reshape(len(pieces), 2)
