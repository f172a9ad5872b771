"""Discontinuities confirmed by another algorithm in extended precision.

The loss of a sample is computed anew with 40 digits, event by event, in other coordinates than the kernels use and
without any of their code. In the time variable ``x = exp(-t / tau)`` an input of weight ``w`` at ``x`` adds
``w / x**2`` to a constant ``J`` and nothing else happens between events:

- LIF: ``V = A x - J x**2`` with a constant ``A``, to which the input adds ``w / x``; a spike is a root of
  ``J x**2 - A x + threshold`` and makes ``A = J x``.
- QIF: ``V = x U`` with ``dU/dy = U**2 + J``, ``y = 1 - x``: a tangent for positive ``J``, a hyperbolic one for
  negative; a spike is where it is infinite.

A census narrows its brackets to numbers beside one another, as rounding has it; without rounding the jump is a few
numbers further. So it is looked for within 1e-12 of the range. A jump is confirmed if the losses there differ by it,
and still do when the bracket has been halved down to 1e-24 of the range: what is only steep is gone by then.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.constants import Objective
from landscape.errors import InputError
from landscape.evaluation import check_fit
from landscape.fragmentation.census.record import Census
from landscape.network import Network
from landscape.neurons import LIF, model_of
from landscape.readouts import MaxPotential, readout_of, resolved, spikes_read
from landscape.slices.directions import check_directions

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["DIGITS", "ExactLine", "confirm"]

DIGITS = 40
WIDEST = 1e-12  # of the range: where the jump is looked for
NARROWEST = 1e-24  # of the range: to which the bracket is halved
ABSOLUTE, RELATIVE = 1e-8, 1e-6  # how closely losses must agree, nats; and as a share of the jump
PSEUDOSPIKE_ALPHA = 10  # of the rate of QIF neurons after the trial (arXiv:2309.14523)

Real = Any  # mpmath's numbers carry no types
Spikes = list[tuple[Real, int]]  # (x, neuron) in the order of time: x = exp(-t / tau) falls


class ExactLine:
    """One sample's loss at any position of a line, in extended precision.

    Weights, times and positions are taken exactly as the floats are; ``centre + position * direction`` is not rounded
    to a float. Inputs at the end of the trial or after it have no effect; a spike at exactly its end counts.

    Args:
        network: the network at position 0; of LIF or QIF neurons.
        direction: arrays shaped like ``network.weights``.
        times: spike times of the sample, (n_spikes,).
        channels: their channels.
        label: the sample's class.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        digits: decimal digits of all numbers.

    Raises:
        InputError: there is no evaluation in extended precision for this model or objective.
        DirectionError: the direction does not fit the network.
    """

    def __init__(
        self,
        network: Network,
        direction: Sequence[ArrayLike],
        times: ArrayLike,
        channels: ArrayLike,
        label: int,
        objective: Objective,
        digits: int = DIGITS,
    ) -> None:
        check_supported(network, objective)
        self.mp = mp = mpmath.MPContext()  # of its own: nobody else's precision is changed
        mp.dps = digits
        self.neuron = network.neuron
        self.objective = resolved(objective, network.neuron)
        self.label = int(label)
        self.tau = mp.mpf(float(network.neuron.tau))
        self.duration = mp.mpf(network.duration)
        self.last = mp.exp(-self.duration / self.tau)
        parts = check_directions([[np.asarray(part, np.float64) for part in direction]], network)[0]
        # What each neuron of the first layer receives at each input time, at position 0 and as it changes.
        events: dict[float, list[int]] = {}
        for time, channel in zip(np.asarray(times, np.float64), np.asarray(channels, np.int64), strict=True):
            if time < network.duration:
                events.setdefault(float(time), []).append(int(channel))
        self.inputs: Spikes = []
        drives = []
        for column, time in enumerate(sorted(events)):
            self.inputs.append((mp.exp(-mp.mpf(time) / self.tau), column))
            drives.append([_sums(mp, matrix[:, events[time]]) for matrix in (network.weights[0], parts[0])])
        first = [[(base[i], change[i]) for base, change in drives] for i in range(network.sizes[1])]
        self.weights = [first]
        for w, d in zip(network.weights[1:], parts[1:], strict=True):
            pairs = np.stack([w, d], axis=-1)
            self.weights.append([[(mp.mpf(float(a)), mp.mpf(float(b))) for a, b in row] for row in pairs])

    def loss(self, position: Any) -> Real:
        """Loss at a position (a float or a number of ``self.mp``), nats."""
        position = self.mp.mpf(position)
        weights = [[[w + position * d for w, d in row] for row in layer] for layer in self.weights]
        spikes = self.inputs
        ends: list[list[tuple[Real, Real]]] = []
        integrates = spikes_read(self.objective) == 0
        for layer, rows in enumerate(weights):
            if integrates and layer == len(weights) - 1:
                return self._cross_entropy([self._score(spikes, row) for row in rows])
            step = self._lif if isinstance(self.neuron, LIF) else self._qif
            found: Spikes = []
            end = []
            for neuron, row in enumerate(rows):
                own, potential, current = step(spikes, row)
                found += [(x, neuron) for x in own]
                end.append((potential, current))
            spikes = sorted(found, key=lambda spike: (-spike[0], spike[1]))
            ends.append(end)
        return self._first_spike(spikes, ends, weights)

    def _lif(self, arrivals: Spikes, row: list[Real]) -> tuple[list[Real], Real, Real]:
        """Spikes of a neuron, its potential and its current at the end."""
        mp = self.mp
        threshold = mp.mpf(float(self.neuron.threshold))
        a = j = mp.mpf(0)
        begin = mp.mpf(1)
        spikes = []
        for x, source in [*arrivals, (self.last, -1)]:
            while True:
                # The potential rises to its maximum at x = a / 2 j and falls from there.
                discriminant = a * a - 4 * j * threshold
                if j <= 0 or a <= 0 or discriminant < 0:
                    break
                root = (a + mp.sqrt(discriminant)) / (2 * j)
                if not x <= root < begin:
                    break
                spikes.append(root)
                a = j * root
                begin = root
            if source >= 0:
                a += row[source] / x
                j += row[source] / x**2
                begin = x
        return spikes, a * self.last - j * self.last**2, j * self.last**2

    def _qif(self, arrivals: Spikes, row: list[Real]) -> tuple[list[Real], Real, Real]:
        """Spikes of a neuron, its potential and its current at the end."""
        mp = self.mp
        u = j = mp.mpf(0)
        begin = mp.mpf(1)
        spikes: list[Real] = []
        for x, source in [*arrivals, (self.last, -1)]:
            way = begin - x
            if j > 0:
                k = mp.sqrt(j)
                angle = mp.atan(u / k) if mp.isfinite(u) else -mp.pi / 2
                turned = angle + k * way
                number = int(mp.floor(turned / mp.pi + mp.mpf(1) / 2))
                spikes += [begin - (mp.pi * (n + mp.mpf(1) / 2) - angle) / k for n in range(number)]
                u = k * mp.tan(turned)
            elif j < 0:
                k = mp.sqrt(-j)
                bend = mp.tanh(k * way)
                if mp.isfinite(u):
                    if u > k and bend * u >= k:
                        spikes.append(begin - mp.atanh(k / u) / k)
                    below = 1 - u / k * bend
                    u = (u - k * bend) / below if below != 0 else -mp.inf
                elif way > 0:
                    u = -k / bend
            elif mp.isfinite(u):
                if u * way >= 1:
                    spikes.append(begin - 1 / u)
                u = u / (1 - u * way) if u * way != 1 else -mp.inf
            elif way > 0:
                u = -1 / way
            if source >= 0:
                j += row[source] / x**2
            begin = x
        return spikes, u * self.last, j * self.last**2

    def _score(self, arrivals: Spikes, row: list[Real]) -> Real:
        """Maximum or time average of the potential of an output without threshold."""
        mp = self.mp
        a = j = highest = integral = mp.mpf(0)
        begin = mp.mpf(1)
        for x, source in [*arrivals, (self.last, -1)]:
            # dt = -tau dx / x
            integral += self.tau * (a * (begin - x) - j * (begin**2 - x**2) / 2)
            highest = max(highest, a * x - j * x**2)
            if j > 0 and x < a / (2 * j) < begin:
                highest = max(highest, a * a / (4 * j))
            if source >= 0:
                a += row[source] / x
                j += row[source] / x**2
            begin = x
        return highest if isinstance(self.objective, MaxPotential) else integral / self.duration

    def _first_spike(self, spikes: Spikes, ends: list[list[tuple[Real, Real]]], weights: list[Any]) -> Real:
        mp = self.mp
        times: list[Real] = [None] * len(ends[-1])
        for x, neuron in spikes:
            if times[neuron] is None:
                times[neuron] = -self.tau * mp.log(x)
        if None in times:
            late = [self.duration] * len(times) if isinstance(self.neuron, LIF) else self._pseudospikes(ends, weights)
            times = [late[i] if time is None else time for i, time in enumerate(times)]
        tau_readout = mp.mpf(float(self.objective.tau_readout))
        loss = self._cross_entropy([-time / tau_readout for time in times])
        return loss + mp.mpf(float(self.objective.gamma)) * mp.expm1(times[self.label] / self.duration)

    def _pseudospikes(self, ends: list[list[tuple[Real, Real]]], weights: list[Any]) -> list[Real]:
        """First times after the trial at which the outputs spike as rate neurons do (arXiv:2309.14523)."""
        mp = self.mp
        rates: list[Real] = []
        times: list[Real] = []
        for end, rows in zip(ends, weights, strict=True):
            phases = []
            times = []
            for (potential, current), row in zip(end, rows, strict=True):
                drive = current + (mp.fdot(row, rates) if rates else 0)
                root = mp.sqrt(PSEUDOSPIKE_ALPHA * mp.log1p(mp.exp(drive / PSEUDOSPIKE_ALPHA)))
                angle = mp.atan((potential - mp.mpf(1) / 2) / root) if mp.isfinite(potential) else -mp.pi / 2
                phases.append(angle / mp.pi + mp.mpf(1) / 2)
                times.append(self.duration + self.tau * (mp.pi / 2 - angle) / root)
            rates = phases
        return times

    def _cross_entropy(self, scores: list[Real]) -> Real:
        return self.mp.log(self.mp.fsum(self.mp.exp(score - scores[self.label]) for score in scores))


def _sums(mp: Any, rows: NDArray[np.float64]) -> list[Real]:
    return [mp.fsum(map(float, row)) for row in rows]


def is_supported(network: Network, objective: Objective) -> bool:
    """Whether the network's model and the objective can be evaluated in extended precision."""
    return model_of(network.neuron).extended_precision and readout_of(objective).extended_precision


def check_supported(network: Network, objective: Objective) -> None:
    """Raise InputError unless the network's model and the objective can be evaluated in extended precision."""
    if not is_supported(network, objective):
        names = f"{type(network.neuron).__name__} neurons with {type(objective).__name__}"
        raise InputError(f"{names} cannot be evaluated in extended precision; leave confirm at 0")


def confirm(
    census: Census,
    network: Network,
    direction: Sequence[ArrayLike],
    data: Dataset,
    objective: Objective,
    count: int,
    digits: int = DIGITS,
) -> NDArray[np.int8]:
    """Confirm the largest discontinuities of a census in extended precision.

    Args:
        census: what :func:`~landscape.find_discontinuities` returned for the following four.
        network: the network at position 0.
        direction: the line's direction, arrays shaped like ``network.weights``.
        data: the samples.
        objective: the objective.
        count: how many discontinuities, those with the largest jumps; all if there are fewer.
        digits: decimal digits of all numbers.

    Returns:
        (n_discontinuities,), int8: 1 where within 1e-12 of the range there is a jump from the one of the census's
        one-sided losses to the other, both to 1e-8 nats and a millionth of the jump; 0 where not, or where the jump
        is no larger than that; -1 where nothing was evaluated.

    Raises:
        InputError: there is no evaluation in extended precision for this model or objective.
    """
    check_supported(network, objective)
    check_fit(network, data)
    codes = np.full(len(census), -1, np.int8)
    # Of equal jumps those at lower positions come first.
    largest = np.argsort(-np.abs(census.jump), kind="stable")[:count]
    lines: dict[int, ExactLine] = {}
    for row in sorted(largest):
        sample = int(census.sample[row])
        if sample not in lines:
            chosen = slice(data.offsets[sample], data.offsets[sample + 1])
            lines[sample] = ExactLine(
                network,
                direction,
                data.times[chosen],
                data.channels[chosen],
                int(data.labels[sample]),
                objective,
                digits,
            )
        codes[row] = _is_there(lines[sample], census, int(row))
    return codes


def _is_there(line: ExactLine, census: Census, row: int) -> bool:
    mp = line.mp
    jump = abs(float(census.jump[row]))
    tolerance = ABSOLUTE + RELATIVE * jump
    if not jump > tolerance:  # nothing could be told from it
        return False

    def agree() -> bool:
        here = (on_left, on_right)
        return all(abs(value - mp.mpf(wanted)) <= tolerance for value, wanted in zip(here, wanted_losses, strict=True))

    wanted_losses = [float(value) for value in census.loss[row]]
    span = mp.mpf(census.high) - mp.mpf(census.low)
    left, right = (mp.mpf(float(end)) for end in census.bracket[row])
    half = mp.mpf(WIDEST) * span / 2
    low, high = min(left, (left + right) / 2 - half), max(right, (left + right) / 2 + half)
    on_left, on_right = line.loss(low), line.loss(high)
    agreed = agree()
    while high - low > mp.mpf(NARROWEST) * span:
        middle = (low + high) / 2
        here = line.loss(middle)
        if abs(here - on_left) >= abs(on_right - here):
            high, on_right = middle, here
        else:
            low, on_left = middle, here
    # Where two jumps share a bracket, its ends agree, and one of the two is left.
    return agree() or (agreed and abs(on_right - on_left) > tolerance)
