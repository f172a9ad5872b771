"""What a census finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Census", "CensusInterrupted"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
TextArray = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class Census:
    """All discontinuities of the losses of single samples on a line, and hence of their mean.

    One row per discontinuity, in the order of ``position``, then of ``sample``. Positions are in multiples of the
    direction, losses in nats, times in the unit of the network's. "Left" and "right" are the sides of lower and of
    higher positions. Layer 0 is the first hidden layer; the output layer is counted where the objective reads its
    spikes.

    Attributes:
        low: lower end of the line.
        high: upper end.
        n_samples: number of samples; a jump of the mean loss is ``jump / n_samples``.
        position: (n,)
        bracket: (n, 2); the jump lies between these positions, at most 1e-12 of the range apart.
        loss: (n, 2); one-sided limits of the sample's loss on the left and on the right.
        jump: (n,); their difference, right minus left.
        error: (n,); estimated error of the jump; infinite where another transition is too close for an estimate.
        sample: (n,)
        layer: (n,); layer of the spike that comes or goes.
        neuron: (n,); its neuron.
        number: (n,); which of the neuron's spikes it is, from 0.
        time: (n, 2); time of the neuron's spike of that number on the left and on the right, nan where there is none.
        kind: (n,); ``"appearance"`` or ``"disappearance"`` of the earlier one of the two, in the direction of travel.
        mechanism: (n,); ``"order"``: the threshold crossing coincides with an incoming spike, ``"grazing"``: the
            potential touches the threshold, ``"trial_end"``: the spike is at the trial's end.
        partner: (n,); for ``"order"``, the neuron of the layer below (the input channel) whose spike it coincides with;
            of several channels that spike at once the most inhibitory one; otherwise -1.
        partner_time: (n,); time of that spike, otherwise nan.
        downstream: (n,), bool; whether the loss changes only by what the spike causes in later layers.
        difference: (n, len(widths)); loss on the right minus loss on the left across brackets that shrink; nan where
            the bracket holds another transition.
        widths: widths of these brackets, as shares of the range.
        confirmed: (n,), int8; 1 if evaluations in extended precision on both sides agree with the jump, 0 if they do
            not, -1 if none were made.
        change_of: (m,); row of the discontinuity that a displaced spike belongs to. Rows of spikes that come, go or
            jump in the discontinuity's layer and in later ones: everything that follows from it.
        change_layer: (m,)
        change_neuron: (m,)
        change_time: (m, 2); time of the neuron's first spike that differs, left and right; nan where there is none.
        change_count: (m, 2); number of the neuron's spikes.
        transitions: examined transitions (spikes that come, go or jump) by mechanism, whether the loss jumps or not;
            of output neurons those of the first spike, if the objective reads it.
        largest_continuous: largest change of a loss across the bracket of a transition that is no jump.
        silent_neuron: (k,); hidden neurons, numbered through all layers, silent in all samples on ...
        silent_interval: (k, 2); ... these pieces of the line, exactly bounded.
        unresolved: (u, 3); sample, and lower and upper end of a piece that was given up: too many margins near zero.
        attributes: what else is known (text and numbers).

    """

    low: float
    high: float
    n_samples: int
    position: FloatArray
    bracket: FloatArray
    loss: FloatArray
    jump: FloatArray
    error: FloatArray
    sample: IntArray
    layer: IntArray
    neuron: IntArray
    number: IntArray
    time: FloatArray
    kind: TextArray
    mechanism: TextArray
    partner: IntArray
    partner_time: FloatArray
    downstream: NDArray[np.bool_]
    difference: FloatArray
    widths: tuple[float, ...]
    confirmed: NDArray[np.int8]
    change_of: IntArray
    change_layer: IntArray
    change_neuron: IntArray
    change_time: FloatArray
    change_count: IntArray
    transitions: dict[str, int]
    largest_continuous: float
    silent_neuron: IntArray
    silent_interval: FloatArray
    unresolved: FloatArray
    attributes: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return int(self.position.size)

    @property
    def mean_jump(self) -> FloatArray:
        """Jumps of the mean loss, nats; (n,)."""
        return self.jump / self.n_samples

    def of_sample(self, sample: int) -> Census:
        """The discontinuities of one sample."""
        return self.select(self.sample == sample)

    def select(self, chosen: NDArray[np.bool_]) -> Census:
        """Some of the discontinuities: those where ``chosen`` (n,) is true."""
        rows = np.flatnonzero(chosen)
        of = np.full(len(self), -1, np.int64)
        of[rows] = np.arange(rows.size)
        kept = of[self.change_of] >= 0
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        for name in ROWS:
            values[name] = values[name][rows]
        for name in CHANGES:
            values[name] = values[name][kept]
        values["change_of"] = of[values["change_of"]]
        return Census(**values)


ROWS: Sequence[str] = (
    "position",
    "bracket",
    "loss",
    "jump",
    "error",
    "sample",
    "layer",
    "neuron",
    "number",
    "time",
    "kind",
    "mechanism",
    "partner",
    "partner_time",
    "downstream",
    "difference",
    "confirmed",
)
"""Attributes with a row per discontinuity."""

CHANGES: Sequence[str] = ("change_of", "change_layer", "change_neuron", "change_time", "change_count")
"""Attributes with a row per displaced spike."""


class CensusInterrupted(KeyboardInterrupt):
    """Raised when a census is interrupted; ``finished`` can be given to resume it."""

    def __init__(self, finished: dict[int, Any]) -> None:
        super().__init__("the census was interrupted")
        self.finished = finished
