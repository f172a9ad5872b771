"""Censuses with chosen discontinuities, for measures whose values can be worked out by hand."""

from __future__ import annotations

import numpy as np

from landscape.fragmentation.census import Census


def census_of(jumps, n_samples, bounds=(0.0, 1.0), hidden=2, silent=(), unresolved=(), mechanisms=None):
    """A census of ``(sample, position, jump)``; one-sided losses are 0 and the jump."""
    rows = sorted(jumps, key=lambda row: (row[1], row[0]))
    n = len(rows)
    width = 1e-12 * (bounds[1] - bounds[0])
    position = np.array([row[1] for row in rows], float)
    jump = np.array([row[2] for row in rows], float)
    times = np.full((n, 2), np.nan)
    whole = np.zeros(n, np.int64)
    return Census(
        low=bounds[0],
        high=bounds[1],
        n_samples=n_samples,
        position=position,
        bracket=position[:, None] + np.array([-0.5, 0.5]) * width,
        loss=np.stack([np.zeros(n), jump], axis=1),
        jump=jump,
        error=np.zeros(n),
        sample=np.array([row[0] for row in rows], np.int64),
        layer=whole,
        neuron=whole,
        number=whole,
        time=times,
        kind=np.full(n, "appearance"),
        mechanism=np.array(mechanisms if mechanisms else ["grazing"] * n, np.str_),
        partner=whole - 1,
        partner_time=np.full(n, np.nan),
        downstream=np.ones(n, bool),
        difference=np.empty((n, 0)),
        widths=(),
        confirmed=np.full(n, -1, np.int8),
        change_of=np.empty(0, np.int64),
        change_layer=np.empty(0, np.int64),
        change_neuron=np.empty(0, np.int64),
        change_time=np.empty((0, 2)),
        change_count=np.empty((0, 2), np.int64),
        transitions={},
        largest_continuous=0.0,
        silent_neuron=np.array([piece[0] for piece in silent], np.int64),
        silent_interval=np.array([piece[1:] for piece in silent], float).reshape(len(silent), 2),
        unresolved_sample=np.array([piece[0] for piece in unresolved], np.int64),
        unresolved_interval=np.array([piece[1:] for piece in unresolved], float).reshape(len(unresolved), 2),
        attributes={"minimum": 1e-9, "hidden_sizes": np.array([hidden])},
    )
