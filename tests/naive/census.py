"""Discontinuities without margins: closed forms in multiprecision, and brute force on a grid.

A LIF neuron that gets one input of weight ``w`` has the potential ``w s (1 - s)``, ``s = exp(-(t - t0) / tau)``: all
the networks of the hand-solved cases are built of such neurons.
"""

from __future__ import annotations

from typing import NamedTuple

import mpmath
import numpy as np

from landscape.evaluation import packed
from landscape.fragmentation.census.sample import census_of_sample, losses_on_line
from landscape.fragmentation.census.search import LEFT, RIGHT
from landscape.readouts import FirstSpike, resolved
from landscape.simulator.packed import pack

mp = mpmath.MPContext()
mp.dps = 40


# --- closed forms -----------------------------------------------------------------------------------------------------


def crossing(weight, threshold=1):
    """Time, in ``tau``, from an input to the spike that it causes in a neuron at rest."""
    return -mp.log((1 + mp.sqrt(1 - 4 * mp.mpf(threshold) / mp.mpf(weight))) / 2)


def crossing_weight(delay, threshold=1):
    """Weight of the input that makes a neuron at rest spike after ``delay``, in ``tau``."""
    s = mp.exp(-mp.mpf(delay))
    return mp.mpf(threshold) / (s * (1 - s))


def after(weight, delay):
    """Potential and current ``delay`` after an input to a neuron at rest."""
    s = mp.exp(-mp.mpf(delay))
    return mp.mpf(weight) * s * (1 - s), mp.mpf(weight) * s**2


def peak(potential, current):
    """Maximum that a potential goes to, and the time until then."""
    return (potential + current) ** 2 / (4 * current), -mp.log((potential + current) / (2 * current))


def next_crossing(potential, current, threshold=1):
    """Time until a potential reaches the threshold."""
    rise = potential + current
    return -mp.log((rise + mp.sqrt(rise**2 - 4 * current * threshold)) / (2 * current))


def cross_entropy(scores, label):
    return mp.log(sum(mp.exp(mp.mpf(score) - scores[label]) for score in scores))


def first_spike_loss(times, label, tau=1, gamma=0, duration=1):
    """Loss of first spike times."""
    scores = [-mp.mpf(time) / mp.mpf(tau) for time in times]
    return cross_entropy(scores, label) + mp.mpf(gamma) * mp.expm1(mp.mpf(times[label]) / mp.mpf(duration))


def mean_potential(weight, delay, duration, tau=1):
    """Time average of the potential over a trial, of which ``delay`` is left when the input comes."""
    sigma = 1 - mp.exp(-mp.mpf(delay) / mp.mpf(tau))
    return mp.mpf(weight) * mp.mpf(tau) * sigma**2 / 2 / mp.mpf(duration)


# --- brute force ------------------------------------------------------------------------------------------------------


class Jumps(NamedTuple):
    """Jumps found by brute force."""

    position: np.ndarray
    jump: np.ndarray


def line_losses(network, direction, data, objective, sample, positions):
    """Losses of one sample at many positions, in double precision."""
    chosen = slice(data.offsets[sample], data.offsets[sample + 1])
    return losses_on_line(
        resolved(objective, network.neuron),
        network.neuron,
        packed(network),
        pack([np.asarray(part, np.float64) for part in direction]),
        np.ascontiguousarray(positions, np.float64),
        data.times[chosen],
        data.channels[chosen],
        data.labels[sample],
    )


def every_transition(network, direction, bounds, data, objective, sample, points=51):
    """Adjacent numbers between which a spike of a sample comes, goes or jumps, whatever the loss does; (n, 2)."""
    chosen = slice(data.offsets[sample], data.offsets[sample + 1])
    found = census_of_sample(
        resolved(objective, network.neuron),
        network.neuron,
        packed(network),
        pack([np.asarray(part, np.float64) for part in direction]),
        np.linspace(*bounds, points),
        data.times[chosen],
        data.channels[chosen],
        data.labels[sample],
        -1 if isinstance(objective, FirstSpike) else 0,
        1e-9,
    )
    return found.real[:, [LEFT, RIGHT]]


def brute_force(network, direction, bounds, data, objective, sample, points, smallest=1e-6):
    """Jumps of at least ``smallest`` between neighbours of a grid: where the difference of two losses is not like
    those beside it, the cell is halved towards the larger difference, down to adjacent numbers."""

    def losses(positions):
        return line_losses(network, direction, data, objective, sample, positions)

    grid = np.linspace(*bounds, points)
    values = losses(grid)
    steps = np.diff(values)
    beside = np.abs(np.diff(steps))
    odd = np.zeros(steps.size, bool)
    odd[:-1] |= beside > 0.4 * smallest
    odd[1:] |= beside > 0.4 * smallest
    cells = np.flatnonzero(odd & (np.abs(steps) > 0.4 * smallest))
    low, high = grid[cells], grid[cells + 1]
    on_left, on_right = values[cells], values[cells + 1]
    while True:
        middle = 0.5 * (low + high)
        open_cells = (low < middle) & (middle < high) & (np.abs(on_right - on_left) >= 0.1 * smallest)
        if not open_cells.any():
            break
        here = np.flatnonzero(open_cells)
        found = losses(middle[here])
        to_left = np.abs(found - on_left[here]) >= np.abs(on_right[here] - found)
        left, right = here[to_left], here[~to_left]
        high[left], on_right[left] = middle[left], found[to_left]
        low[right], on_left[right] = middle[right], found[~to_left]
    jump = on_right - on_left
    large = np.abs(jump) >= smallest
    return Jumps(0.5 * (low + high)[large], jump[large])
