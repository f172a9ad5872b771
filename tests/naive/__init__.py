"""The slow, obvious reference that the fast code is judged by: trials, losses, gradients in multiprecision.

Written from the mathematics alone, and differently from the fast code: one neuron after another, QIF neurons
as angles instead of projective coordinates (:mod:`naive.neurons`), gradients as central differences with so
many digits that their error is far below double precision. Networks and objectives are taken by their
attributes, so that this module needs nothing of the package: ``network.neuron`` (``tau``, for LIF
``threshold``; its class name says which), ``network.weights`` (list of ``(n_post, n_pre)``),
``network.duration``; ``objective`` by its class name.

Conventions: an input or spike at exactly the trial end has no effect, later inputs neither; a crossing at
exactly the trial end is a spike. Floats are taken exactly as they are.
"""

from __future__ import annotations

import random
from typing import NamedTuple

import numpy as np

from naive.neurons import REST, State, lif_interval, mp, qif_interval

DIGITS = 50
PSEUDOSPIKE_ALPHA = 10


class SignatureChangeError(Exception):
    """A difference quotient was asked for across a spike that appears or disappears."""


class Interval(NamedTuple):
    """Time from one group of simultaneous arrivals (or 0) to the next (or the trial end)."""

    start: object
    end: object
    s: object
    sigma: object
    channels: list[int]  # arriving at the start


class NeuronRun(NamedTuple):
    """One neuron's trial."""

    spikes: list
    state: State
    current: object
    maximum: object = None
    integral: object = None


class LayerRecord(NamedTuple):
    """Spikes ``(time, neuron)`` sorted by time, and the state at the trial end."""

    spikes: list
    potential: list
    current: list

    @property
    def times(self) -> np.ndarray:
        return np.array([float(time) for time, _ in self.spikes])

    @property
    def neurons(self) -> np.ndarray:
        return np.array([neuron for _, neuron in self.spikes], dtype=int)


class _Problem:
    """A network, one sample, and what to compute of it, in multiprecision numbers."""

    def __init__(self, network, times, channels, objective=None, noise=None):
        self.model = type(network.neuron).__name__.lower()
        if self.model not in ("lif", "qif"):
            raise ValueError(f"no reference for neuron model {self.model}")
        self.tau = mp.mpf(float(network.neuron.tau))
        self.threshold = mp.mpf(float(getattr(network.neuron, "threshold", 1.0)))
        self.duration = mp.mpf(float(network.duration))
        self.weights = [[[mp.mpf(float(w)) for w in row] for row in layer] for layer in network.weights]
        self.inputs = [(mp.mpf(float(t)), int(c)) for t, c in zip(times, channels, strict=True)]
        self.objective = objective
        self.integrating = type(objective).__name__ in ("MaxPotential", "MeanPotential")
        self.noise = noise if noise is not None else lambda value: value
        if noise is not None:
            self.weights = [[[noise(w) for w in row] for row in layer] for layer in self.weights]
            self.inputs = [(noise(t), c) for t, c in self.inputs]

    def run(self, base=None, changed=None):
        """Layers of :class:`NeuronRun`; with ``changed`` (layer, neuron) only what differs from ``base``."""
        first, neuron = changed if changed is not None else (0, None)
        runs = list(base[:first]) if base is not None else []
        for layer in range(first, len(self.weights)):
            sources = self.inputs if layer == 0 else spikes_of(runs[layer - 1])
            intervals = self.intervals(sources)
            step = self.integrate if self.integrating and layer == len(self.weights) - 1 else self.spike
            if layer == first and neuron is not None:
                runs.append(list(base[layer]))
                runs[layer][neuron] = step(intervals, self.weights[layer][neuron])
            else:
                runs.append([step(intervals, row) for row in self.weights[layer]])
        return runs

    def intervals(self, sources):
        groups: dict = {}
        for time, channel in sorted(sources):
            if time < self.duration:
                groups.setdefault(time, []).append(channel)
        starts = [mp.mpf(0), *groups] if mp.mpf(0) not in groups else list(groups)
        result = []
        for start, end in zip(starts, [*starts[1:], self.duration], strict=True):
            dt = (end - start) / self.tau
            result.append(Interval(start, end, mp.exp(-dt), -mp.expm1(-dt), groups.get(start, [])))
        return result

    def spike(self, intervals, row):
        """A neuron that spikes."""
        state, current, spikes = REST, mp.mpf(0), []
        for start, end, s, sigma, channels in intervals:
            current = self.noise(current + sum(row[c] for c in channels))
            if self.model == "lif":
                state, crossings = lif_interval(state, current, s, self.threshold)
            else:
                state, crossings = qif_interval(state, current, s, sigma)
            spikes += [min(start - self.tau * mp.log1p(-x), end) for x in crossings]
            state, current = State(state.inverse, self.noise(state.value)), current * s**2
        if self.model == "lif" and state.value >= self.threshold:
            spikes.append(self.duration)
            state = REST
        return NeuronRun([self.noise(t) for t in spikes], state, current)

    def integrate(self, intervals, row):
        """A leaky integrator without threshold: besides the end, its largest potential and time integral."""
        potential, current, maximum, integral = mp.mpf(0), mp.mpf(0), mp.mpf(0), mp.mpf(0)
        for _, _, s, sigma, channels in intervals:
            current = self.noise(current + sum(row[c] for c in channels))
            if current > 0:
                peak = (potential + current) / (2 * current)
                if s < peak < 1:
                    maximum = max(maximum, peak * (potential + current * (1 - peak)))
            integral += self.tau * ((potential + current) * sigma - current * (1 - s**2) / 2)
            potential = self.noise(s * (potential + current * sigma))
            maximum = max(maximum, potential)
            current *= s**2
        return NeuronRun([], State(False, potential), current, maximum, integral)

    def scores(self, runs):
        """Class scores: the larger, the likelier."""
        kind = type(self.objective).__name__
        if kind == "MaxPotential":
            return [run.maximum for run in runs[-1]]
        if kind == "MeanPotential":
            return [run.integral / self.duration for run in runs[-1]]
        if kind == "FirstSpike":
            return [-t for t in self.first_spikes(runs)]
        raise ValueError(f"no reference for objective {kind}")

    def first_spikes(self, runs):
        if self.model == "lif":
            return [run.spikes[0] if run.spikes else self.duration for run in runs[-1]]
        rates: list = []  # none at first: the inputs have no rate
        half = mp.mpf(1) / 2
        for layer, row_of in zip(runs, self.weights, strict=True):
            phases = []
            for run, row in zip(layer, row_of, strict=True):
                kick = sum(w * r for w, r in zip(row, rates or [mp.mpf(0)] * len(row), strict=True))
                drive = (run.current + kick) / PSEUDOSPIKE_ALPHA
                g = PSEUDOSPIKE_ALPHA * (max(drive, 0) + mp.log1p(mp.exp(-abs(drive))))
                if run.spikes and run.spikes[-1] == self.duration:
                    share = mp.mpf(1)  # its spike at T is not delivered yet
                else:
                    share = mp.atan((run.state.potential() - half) / mp.sqrt(g)) / mp.pi + half
                phases.append((share, mp.pi * self.tau / mp.sqrt(g)))
            rates = [share for share, _ in phases]
        return [
            run.spikes[0] if run.spikes else self.duration + (1 - share) * period
            for run, (share, period) in zip(runs[-1], phases, strict=True)
        ]

    def loss(self, runs, label):
        scores = self.scores(runs)
        extra = mp.mpf(0)
        if type(self.objective).__name__ == "FirstSpike":
            tau_readout = self.objective.tau_readout
            gamma = mp.mpf(float(self.objective.gamma))
            extra = gamma * mp.expm1(-scores[label] / self.duration)
            scale = self.tau if tau_readout is None else mp.mpf(float(tau_readout))
            scores = [score / scale for score in scores]
        return mp.log(sum(mp.exp(score - scores[label]) for score in scores)) + extra


def spikes_of(layer):
    """Spikes of a layer's runs as ``(time, neuron)``, sorted."""
    return sorted((time, neuron) for neuron, run in enumerate(layer) for time in run.spikes)


def counts_of(runs):
    """Spike counts per layer and neuron."""
    return [[len(run.spikes) for run in layer] for layer in runs]


def simulate_reference(network, times, channels, digits=DIGITS, noise=None):
    """Every layer's :class:`LayerRecord` of one trial; times and states are multiprecision numbers."""
    with mp.workdps(digits):
        layers = _Problem(network, times, channels, noise=noise).run()
        return [
            LayerRecord(spikes_of(runs), [r.state.potential() for r in runs], [r.current for r in runs])
            for runs in layers
        ]


def scores_reference(network, times, channels, objective, digits=DIGITS):
    """Scores of every class: minus the (pseudo)spike time, or the maximum or mean potential."""
    with mp.workdps(digits):
        problem = _Problem(network, times, channels, objective)
        return problem.scores(problem.run())


def loss_reference(network, times, channels, label, objective, digits=DIGITS):
    """Loss of one sample."""
    with mp.workdps(digits):
        problem = _Problem(network, times, channels, objective)
        return problem.loss(problem.run(), int(label))


def gradient_reference(network, times, channels, label, objective, digits=DIGITS, step=None):
    """Central differences of one sample's loss for every weight.

    Returns:
        float64 arrays shaped like the weights; truncation and rounding error are below 1e-25 times the third
        derivative or the condition number.

    Raises:
        SignatureChangeError: a spike appears or disappears within the step: there is no derivative here.
    """
    with mp.workdps(digits):
        relative = mp.mpf(10) ** -(digits // 3) if step is None else mp.mpf(step)
        problem = _Problem(network, times, channels, objective)
        base = problem.run()
        signature = counts_of(base)
        gradients = []
        for layer, rows in enumerate(problem.weights):
            gradients.append(np.zeros((len(rows), len(rows[0]))))
            largest = max(abs(w) for row in rows for w in row)
            step = relative * (min(1, largest) or 1)  # as nothing beside the weights, be they ever so small
            arrived = {c for _, c in (problem.inputs if layer == 0 else spikes_of(base[layer - 1]))}
            for neuron, row in enumerate(rows):
                for source in sorted(arrived) if not _pseudo(problem, layer) else range(len(row)):
                    weight, sides = row[source], []
                    for sign in (1, -1):
                        row[source] = weight + sign * step
                        runs = problem.run(base, (layer, neuron))
                        _check_signature(runs, signature)
                        sides.append(problem.loss(runs, int(label)))
                    row[source] = weight
                    gradients[layer][neuron, source] = float((sides[0] - sides[1]) / (2 * step))
        return gradients


def directional_reference(network, direction, times, channels, label, objective, digits=DIGITS, step=None):
    """Central difference of one sample's loss along ``direction``, a list shaped like the weights."""
    with mp.workdps(digits):
        step = mp.mpf(10) ** -(digits // 3) if step is None else mp.mpf(step)
        problem = _Problem(network, times, channels, objective)
        centre, signature = problem.weights, counts_of(problem.run())
        sides = []
        for sign in (1, -1):
            problem.weights = [
                [
                    [w + sign * step * mp.mpf(float(d)) for w, d in zip(*rows, strict=True)]
                    for rows in zip(*layers, strict=True)
                ]
                for layers in zip(centre, direction, strict=True)
            ]
            runs = problem.run()
            _check_signature(runs, signature)
            sides.append(problem.loss(runs, int(label)))
        return float((sides[0] - sides[1]) / (2 * step))


def _pseudo(problem, layer):
    """Whether a weight from a neuron without spikes can matter: through its rate at the trial end."""
    return layer > 0 and problem.model == "qif" and not problem.integrating


def _check_signature(runs, signature):
    if counts_of(runs) != signature:
        raise SignatureChangeError("a spike appears or disappears within the difference step")


class Conditioning(NamedTuple):
    """Amplification of relative rounding errors, per layer; infinite where a spike may come or go."""

    times: list  # per layer (n_spikes,), in the order of the layer's sorted spikes
    potential: list  # per layer (n,)
    current: list  # per layer (n,)


def conditioning(network, times, channels, size=1e-10, draws=4, digits=DIGITS):
    """How much a relative error of every weight, input time, spike time, state and current is amplified.

    The reference is run again with each of these changed by up to ``size`` at every event: what rounding
    does, but larger and measurable. An amplification of K means that double precision cannot promise better
    than about ``2e-16 K`` (absolute for times, relative above 1 for potentials and currents).
    """
    exact = simulate_reference(network, times, channels, digits)
    result = Conditioning(
        [np.zeros(len(layer.spikes)) for layer in exact],
        [np.zeros(len(layer.potential)) for layer in exact],
        [np.zeros(len(layer.current)) for layer in exact],
    )
    for draw in range(draws):
        random_numbers = random.Random(draw)

        def noise(value, numbers=random_numbers):
            return value * (1 + mp.mpf(numbers.uniform(-size, size)))

        noisy = simulate_reference(network, times, channels, digits, noise=noise)
        same = True  # a spike more or less leaves the layers above without a finite bound
        for i, (here, there) in enumerate(zip(exact, noisy, strict=True)):
            keys = _spike_keys(here)
            moved = dict(zip(_spike_keys(there), (time for time, _ in there.spikes), strict=True))
            same = same and set(moved) == set(keys)
            shifts = [abs(moved.get(k, mp.inf) - t) for k, (t, _) in zip(keys, here.spikes, strict=True)]
            _raise_to(result.times[i], shifts, size)
            for bound, a, b in (
                (result.potential[i], here.potential, there.potential),
                (result.current[i], here.current, there.current),
            ):
                _raise_to(bound, [distance(x, y) if same else mp.inf for x, y in zip(a, b, strict=True)], size)
    return result


def _raise_to(bound, changes, size):
    bound[:] = np.maximum(bound, [float(change / size) for change in changes])


def distance(x, y):
    return abs(x - y) / max(1, abs(x)) if mp.isfinite(x) else mp.inf


def _spike_keys(record):
    """Each spike of a layer as (neuron, how many of its spikes came before)."""
    seen: dict = {}
    keys = []
    for _, neuron in record.spikes:
        keys.append((neuron, seen.get(neuron, 0)))
        seen[neuron] = seen.get(neuron, 0) + 1
    return keys
