"""Networks of QIF neurons have steep losses, and none that jump.

``LANDSCAPE_LONG_TESTS=1`` examines more than 100,000 transitions (several minutes); ``-s`` prints what was examined.
"""

from __future__ import annotations

import os
from itertools import pairwise

import numpy as np
import pytest
from naive.census import every_transition, line_losses
from synthetic.builders import READOUTS, a_network, data_of, some_data

import landscape as ls
from landscape.fragmentation.census.confirmation import ExactLine

LONG = bool(os.environ.get("LANDSCAPE_LONG_TESTS"))
SHAPES = [((5, 30, 3), 1.0), ((5, 20, 10, 3), 0.6), ((5, 12, 8, 6, 3), 0.8), ((5, 6, 4, 3), 1.2), ((5, 10, 8, 3), 1.6)]
SEEDS = 24 if LONG else 1
SAMPLES = 16 if LONG else 4
WANTED = 34_000 if LONG else 500  # transitions of each objective


def change_without_rounding(network, direction, data, objective, sample, place):
    """Largest change of a loss across 1e-26 of the line, within what rounding can shift the place by."""
    chosen = slice(data.offsets[sample], data.offsets[sample + 1])
    label = int(data.labels[sample])
    line = ExactLine(network, direction, data.times[chosen], data.channels[chosen], label, objective)
    low, high = line.mp.mpf(place[0]) - 1e-12, line.mp.mpf(place[1]) + 1e-12
    on_left, on_right = line.loss(low), line.loss(high)
    while high - low > 1e-26:
        middle = (low + high) / 2
        here = line.loss(middle)
        if abs(here - on_left) >= abs(on_right - here):
            high, on_right = middle, here
        else:
            low, on_left = middle, here
    return abs(on_right - on_left)


@pytest.mark.slow
@READOUTS
def test_no_loss_jumps_at_any_transition_of_random_networks(objective):
    bounds = (-3.0, 3.0)
    examined = 0
    steep = 0
    adjacent = across = 0.0
    for seed in range(SEEDS):
        for sizes, strength in SHAPES:
            network, data = a_network("qif", seed, sizes, strength=strength), some_data(seed, n_samples=SAMPLES)
            (direction,) = ls.random_directions(network, 1, seed=seed)
            found = ls.find_discontinuities(network, direction, bounds, data, objective)
            assert len(found) == 0, (sizes, seed, found.position, found.jump)
            assert found.unresolved.size == 0
            assert found.transitions["grazing"] == found.transitions["order"] == 0
            across = max(across, found.largest_continuous)
            for sample in range(len(data)):
                places = every_transition(network, direction, bounds, data, objective, sample)
                losses = line_losses(network, direction, data, objective, sample, places.ravel()).reshape(-1, 2)
                assert np.isfinite(losses).all()
                changes = np.abs(losses[:, 1] - losses[:, 0])
                adjacent = max(adjacent, np.max(changes, initial=0.0))
                examined += len(places)
                # Where the loss is so steep that it changes between adjacent numbers, more digits tell.
                for place in places[changes > 1e-9]:
                    steep += 1
                    left = change_without_rounding(network, direction, data, objective, sample, place)
                    assert left < 1e-9, (sizes, seed, sample, place)
    print(f"\n{objective}: {examined} transitions; largest change of the loss between adjacent numbers {adjacent:.1e},")
    print(f"across brackets {across:.1e} nats; {steep} above 1e-9 between adjacent numbers, none with more digits")
    assert examined > WANTED


def steep_lines():
    """Loss, network, direction, data: steep in between, by neurons that linger at their unstable fixed point."""
    data = data_of([([0.2, 0.9, 1.0], [0, 1, 0])], [0], 2, 2)
    single = ls.Network(ls.QIF(), [np.array([[2.5, 0.3], [1.0, 0.5]])], 12.0)
    hidden = ls.Network(ls.QIF(), [np.array([[2.5, 0.3], [1.0, 4.0]]), np.array([[9.0, 1.0], [0.5, 4.0]])], 12.0)
    along = np.array([[1.0, 0.0], [0.0, 0.0]])
    return [
        (ls.FirstSpike(), single, [along], data),
        (ls.FirstSpike(), hidden, [along, np.zeros((2, 2))], data),
        (ls.MaxPotential(), hidden, [along, np.zeros((2, 2))], data),
        (ls.MeanPotential(), hidden, [along, np.zeros((2, 2))], data),
    ]


@pytest.mark.parametrize("number", range(4))
def test_what_a_threshold_on_grid_differences_calls_a_jump_is_a_steep_piece_and_not_reported(number):
    objective, network, direction, data = steep_lines()[number]
    bounds = (-2.0, 2.0)
    grid = np.linspace(*bounds, 501)
    losses = line_losses(network, direction, data, objective, 0, grid)
    steps = np.abs(np.diff(losses))
    steepest = int(steps.argmax())
    assert steps[steepest] > 0.1  # ten times what is taken for a jump
    found = ls.find_discontinuities(network, direction, bounds, data, objective)
    assert sum(found.transitions.values()) > 0
    assert len(found) == 0
    # Without rounding the difference goes to zero with the width of the cell, as a derivative has it.
    line = ExactLine(network, direction, data.times, data.channels, int(data.labels[0]), objective)
    low, high = (line.mp.mpf(x) for x in grid[steepest : steepest + 2])
    on_left, on_right = line.loss(low), line.loss(high)
    widths, changes = [], []
    while high - low > 1e-24:
        middle = (low + high) / 2
        here = line.loss(middle)
        if abs(here - on_left) >= abs(on_right - here):
            high, on_right = middle, here
        else:
            low, on_left = middle, here
        widths.append(high - low)
        changes.append(abs(on_right - on_left))
    assert changes[-1] < 1e-14
    slopes = [float(change / width) for change, width in zip(changes, widths, strict=True)]
    for before, after in pairwise(slopes[-20:]):
        assert after == pytest.approx(before, rel=1e-3)
    assert slopes[-1] > 1e3 * np.median(steps) / (grid[1] - grid[0])
