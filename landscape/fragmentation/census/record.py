"""What a census finds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from landscape.h5.fields import Dim, array, attribute, attributes, counters, record
from landscape.h5.layout import Array, layout_of

__all__ = ["MECHANISMS", "Census", "CensusInterrupted"]

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
TextArray = NDArray[np.str_]

MECHANISMS = ("order", "grazing", "trial_end")
"""Why a spike comes, goes or jumps."""

#: A jump is stored beside the limits that it is the difference of.
_JUMP_TOLERANCE = 1e-12


def _row(doc: str, *dims: str, **options: Any) -> Any:
    return array(("discontinuity", *dims), doc, **options)


def _number(doc: str, dim: str = "discontinuity", **options: Any) -> Any:
    return array(dim, doc, dtype="i4", **({"lowest": 0} | options))


@record(
    "discontinuities",
    of="line",
    name="census",
    title="discontinuities, in a slice with one axis",
    doc=(
        "The census: every discontinuity of the losses of single samples on the line, and hence of their mean, in the "
        "order of positions. `left` and `right` are the sides of lower and of higher positions. Rows `change_...` are "
        "the spikes that come, go or jump at a discontinuity, in its layer and in later ones."
    ),
    dims={
        "discontinuity": "number of the discontinuity, from 0",
        "side": Dim("0: left, 1: right", size=2),
        "change": "number of the displaced spike, from 0",
        "end": Dim("0: lower end of a piece of the line, 1: upper end", size=2),
        "silent": "number of the silent piece, from 0",
        "unresolved": "number of the piece that was given up, from 0",
        "census_sample": "number of the sample in the census, from 0",
    },
)
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
        unresolved_sample: (u,); sample whose transitions are not told apart, for too many margins near zero, on ...
        unresolved_interval: (u, 2); ... these pieces of the line.
        samples: (n_samples,); number of each sample in the slice's data; None where it has all of them.
        attributes: what else is known (text and numbers).

    """

    low: float = attribute("number", "lower end of the line")
    high: float = attribute("number", "upper end")
    n_samples: int = attribute("integer", "number of samples", lowest=1)
    position: FloatArray = _row(
        "where it is, in multiples of the direction", lowest="low", highest="high", ascending=True
    )
    bracket: FloatArray = _row("positions between which the loss jumps", "side", lowest="low", highest="high")
    loss: FloatArray = _row("one-sided limits of the sample's loss", "side", unit="nat", inf=True)
    jump: FloatArray = _row(
        "jump of the sample's loss, right minus left; that of the mean loss is this over `n_samples`",
        unit="nat",
        inf=True,
    )
    error: FloatArray = _row(
        "estimated error of the jump; infinite where another transition is too close for an estimate",
        unit="nat",
        inf=True,
        lowest=0.0,
    )
    # A group that is in a slice has no datasets of the names of the slice's coordinates, `sample` and `layer`.
    sample: IntArray = _number("number of the sample in the census", name="discontinuity_sample", below="n_samples")
    layer: IntArray = _number("layer of the spike that comes, goes or jumps", name="spike_layer")
    neuron: IntArray = _number("its neuron, in the layer", name="spike_neuron")
    number: IntArray = _number("which of the neuron's spikes it is, from 0", name="spike_number")
    time: FloatArray = _row(
        "time of the neuron's spike of that number; NaN where there is none",
        "side",
        name="spike_time",
        unit="trial time",
        nan=True,
    )
    kind: TextArray = _row(
        "what the earlier of the two spikes does in the direction of travel",
        dtype="u1",
        flags=dict(enumerate(("appearance", "disappearance"))),
        words=True,
    )
    mechanism: TextArray = _row(
        "why: the threshold crossing coincides with an incoming spike, the potential touches the threshold, or the "
        "spike is at the trial's end",
        dtype="u1",
        flags=dict(enumerate(MECHANISMS)),
        words=True,
    )
    partner: IntArray = _number(
        "for order: neuron of the layer below (input channel) whose spike it coincides with; otherwise -1", lowest=-1
    )
    partner_time: FloatArray = _row("time of that spike; otherwise NaN", unit="trial time", nan=True)
    downstream: NDArray[np.bool_] = _row(
        "whether the loss changes only by what the spike causes in later layers", dtype="bool"
    )
    difference: FloatArray = _row(
        "loss on the right minus loss on the left across these brackets; NaN where one holds another transition",
        "widths",
        unit="nat",
        nan=True,
        inf=True,
    )
    widths: tuple[float, ...] = array(
        "widths", "widths of brackets that shrink, as shares of the range", make=lambda values: tuple(values.tolist())
    )
    confirmed: NDArray[np.int8] = _row(
        "whether evaluations in extended precision on both sides agree with the jump",
        dtype="i1",
        flags={-1: "not_evaluated", 0: "contradicted", 1: "confirmed"},
    )
    change_of: IntArray = _number("discontinuity that it belongs to", "change", below="discontinuity")
    change_layer: IntArray = _number("its layer", "change")
    change_neuron: IntArray = _number("its neuron, in the layer", "change")
    change_time: FloatArray = array(
        ("change", "side"),
        "time of the neuron's first spike that differs; NaN where there is none",
        unit="trial time",
        nan=True,
    )
    change_count: IntArray = array(("change", "side"), "number of the neuron's spikes", dtype="i4", lowest=0)
    transitions: dict[str, int] = counters("transitions", MECHANISMS, "examined transitions by mechanism")
    largest_continuous: float = attribute("number", "largest change of a loss at a transition that is no jump, nats")
    silent_neuron: IntArray = _number(
        "hidden neuron, numbered through all layers, that is silent in all samples on ...", "silent"
    )
    silent_interval: FloatArray = array(
        ("silent", "end"), "... this piece of the line, exactly bounded", lowest="low", highest="high"
    )
    unresolved_sample: IntArray = _number(
        "sample whose transitions are not told apart ...", "unresolved", below="n_samples"
    )
    unresolved_interval: FloatArray = array(
        ("unresolved", "end"), "... on this piece of the line", lowest="low", highest="high"
    )
    samples: IntArray | None = _number(
        "number of each of the census's samples in the slice's data, where it has not all of them",
        "census_sample",
        default=None,
    )
    attributes: dict[str, Any] = attributes(
        {"minimum": attribute("number", "smallest jump of a sample's loss that counts as one, nats")}
    )

    def __len__(self) -> int:
        return int(self.position.size)

    @property
    def mean_jump(self) -> FloatArray:
        """Jumps of the mean loss, nats; (n,)."""
        return self.jump / self.n_samples

    @property
    def unresolved(self) -> FloatArray:
        """The pieces of the line that were given up, (u, 3): sample, lower and upper end."""
        return np.column_stack([self.unresolved_sample.astype(np.float64), self.unresolved_interval])

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
        for name in _rows("discontinuity"):
            values[name] = values[name][rows]
        for name in _rows("change"):
            values[name] = values[name][kept]
        values["change_of"] = of[values["change_of"]]
        return Census(**values)

    def problems(self) -> Iterator[str]:
        """What does not fit together, one line each."""
        if not self.low < self.high:
            yield f"position: low ({self.low:g}) is not below high ({self.high:g})"
        for name in ("bracket", "silent_interval", "unresolved_interval"):
            begin, end = getattr(self, name).T
            if np.any(begin > end):
                yield f"{name}: holds an interval that ends before it begins"
        begin, end = self.bracket.T
        if np.any((self.position < begin) | (self.position > end)):
            yield "bracket: holds an interval that its position is not in"
        if self.samples is not None and self.samples.size != self.n_samples:
            yield f"samples: names {self.samples.size} samples, but n_samples is {self.n_samples}"
        left, right = self.loss.T
        finite = np.isfinite(left) & np.isfinite(right)
        scale = 1.0 + np.abs(left[finite]) + np.abs(right[finite])
        if np.any(np.abs(right[finite] - left[finite] - self.jump[finite]) > _JUMP_TOLERANCE * scale):
            yield "jump: is not the difference of the limits in 'loss'"
        # Of two infinite limits of one sign there is no jump; of others it is infinite.
        if np.any(np.isfinite(self.jump[~finite])) or np.any(left[~finite] == right[~finite]):
            yield "jump: does not fit the infinite limits in 'loss'"
        minimum = float(self.attributes.get("minimum", 0.0))
        if np.any(np.abs(self.jump) < minimum):
            yield f"jump: holds a jump below the attribute 'minimum', {minimum:g}"


def _rows(dim: str) -> list[str]:
    """Names of the fields with a row for everything along a dimension."""
    return [name for name, spec in layout_of(Census).items.items() if isinstance(spec, Array) and spec.dims[0] == dim]


class CensusInterrupted(KeyboardInterrupt):
    """Raised when a census is interrupted; ``finished`` can be given to resume it."""

    def __init__(self, finished: dict[int, Any]) -> None:
        super().__init__("the census was interrupted")
        self.finished = finished
