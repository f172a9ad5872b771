"""A data set through a network: losses, accuracy, activity, silence, and the gradient."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from landscape.compilation import kernel
from landscape.constants import Objective
from landscape.datasets.use import warn_of_unused
from landscape.errors import DataError, SimulationError
from landscape.gradients.inputs import add_collected, input_gradients
from landscape.gradients.trial import trial_gradient_collected
from landscape.network import Network
from landscape.parallel import run_blocks, thread_count
from landscape.readouts import interface, resolved
from landscape.simulator.inputs import group, project_to
from landscape.simulator.memory import aligned, aligned_zeros, borrowed
from landscape.simulator.packed import PackedNetwork, Samples, layer_rows, lent, pack, packed_layout, unpack
from landscape.simulator.rooms import MAX_SPIKES, run_of
from landscape.simulator.trial import rooms_for, run_hidden_in

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["Evaluation", "evaluate", "loss_and_gradient"]


@dataclass(frozen=True)
class Evaluation:
    """What a network does with a data set.

    Attributes:
        loss: float; mean of the samples' losses.
        accuracy: float; share of samples whose label has the best score; a tie does not count.
        sample_losses: array (n_samples,)
        correct: array (n_samples,), bool
        spike_counts: list of arrays (n_samples, n_neurons), int64; per layer, the output layer included (zeros where
            its units do not spike).
        silent: list of arrays (n_neurons,), bool; per hidden layer, the neurons without a spike in any sample.
        silent_before_output: list of arrays (n_neurons,), bool; per hidden layer, the neurons without a spike before
            the first output spike (before the trial's end where there is none) in any sample: they cannot have
            contributed to a first-spike loss.
    """

    loss: float
    accuracy: float
    sample_losses: np.ndarray
    correct: np.ndarray
    spike_counts: list[np.ndarray]
    silent: list[np.ndarray]
    silent_before_output: list[np.ndarray]


class _Found(NamedTuple):
    """What is found out about each sample."""

    losses: np.ndarray  # (n_samples,)
    correct: np.ndarray  # (n_samples,) bool
    counts: np.ndarray  # (n_samples, neurons of all layers) int64: of spikes
    early: np.ndarray  # (the same) bool: spiked before the first output spike
    gradients: np.ndarray  # (n_groups, n_flat): of each group of samples, flat


@kernel
def _evaluate_samples(
    objective,
    neuron,
    network,
    samples,
    begin,
    end,
    found,
    per_gradient,
):
    """Samples ``begin`` to ``end``, up to the first that cannot be simulated (its loss is nan); returns whether there
    is none.

    The gradient of sample ``s`` is added to ``found.gradients[s // per_gradient]`` unless that is empty.
    """
    network = lent(network)
    times = borrowed(samples.times)
    channels = borrowed(samples.channels)
    gradients = borrowed(found.gradients)
    offsets, labels = samples.offsets, samples.labels
    losses, correct, counts, early = found.losses, found.correct, found.counts, found.early
    n_layers = network.sizes.size - 1
    keep = gradients.size > 0
    rows = layer_rows(network, network.flat, np.int64(0))
    rooms = rooms_for(neuron, network)
    most = np.int64(0)
    for sample in range(begin, end):
        most = max(most, offsets[sample + 1] - offsets[sample])
    index = np.arange(most)
    drive = aligned(most * rows.shape[1]).reshape((most, rows.shape[1]))
    collected = input_gradients(network.sizes[0] if keep else 0, rows.shape[1], most if keep else 0)
    for sample in range(begin, end):
        gradient = gradients[sample // per_gradient]
        inputs = group(
            times[offsets[sample] : offsets[sample + 1]],
            channels[offsets[sample] : offsets[sample + 1]],
            network.duration,
        )
        n_events = inputs.times.size
        project_to(drive, inputs, rows)
        sources, fine = run_hidden_in(rooms, neuron, network, inputs.times, index[:n_events], drive[:n_events], keep)
        if not fine:
            losses[sample] = np.nan
            return False
        source = sources[n_layers - 1]
        loss, right, readout = interface.read(objective, neuron, network, source, rooms, labels[sample], keep)
        losses[sample] = loss
        correct[sample] = right
        if np.isnan(loss):
            return False
        output_times, output_neurons = interface.output_spikes(objective, readout)
        first_output = output_times[0] if output_times.size else network.duration
        column = 0
        for layer in range(n_layers - 1):
            run = run_of(rooms[layer])
            for j in range(run.time.size):
                counts[sample, column + run.neuron[j]] += 1
                if run.time[j] < first_output:
                    early[sample, column + run.neuron[j]] = True
            column += network.sizes[layer + 1]
        for j in range(output_neurons.size):
            counts[sample, column + output_neurons[j]] += 1
        if keep:
            trial_gradient_collected(objective, neuron, network, inputs, sources, rooms, readout, gradient, collected)
            if sample + 1 == end or (sample + 1) % per_gradient == 0:
                add_collected(collected, layer_rows(network, gradient, np.int64(0)))
    return True


def packed(network: Network) -> PackedNetwork:
    """The network as kernels see it."""
    sizes, widths, starts = packed_layout(network.sizes)
    return PackedNetwork(sizes, widths, starts, pack(network.weights), network.duration)


def check_fit(network: Network, data: Dataset) -> None:
    """Raise :class:`DataError` unless the data set's channels and labels fit the network's inputs and outputs."""
    n_in, n_out = network.sizes[0], network.sizes[-1]
    if data.n_channels != n_in:
        raise DataError(
            f"the data set has {data.n_channels} channels, the network {n_in} inputs; "
            f"pool the channels or give the first weights {data.n_channels} columns"
        )
    if data.n_classes > n_out:
        raise DataError(
            f"the data set has {data.n_classes} classes, the network {n_out} outputs; "
            f"give the last weights {data.n_classes} rows"
        )


def blocks_of(n: int, size: int) -> list[tuple[int, int]]:
    """``range(n)`` in blocks of at most ``size``, as (begin, end)."""
    return [(begin, min(begin + size, n)) for begin in range(0, n, size)]


def check_losses(losses: np.ndarray) -> None:
    """Raise :class:`SimulationError` if a sample could not be simulated."""
    if np.isnan(losses).any():
        sample = int(np.flatnonzero(np.isnan(losses))[0])
        raise SimulationError(
            f"sample {sample} cannot be simulated: a layer has more than {MAX_SPIKES:,} spikes in one trial, or a "
            "number overflows; the weights are too large"
        )


def evaluate(network: Network, data: Dataset, objective: Objective, *, threads: int | None = None) -> Evaluation:
    """Run every sample of a data set through a network.

    Args:
        network: the network.
        data: the samples; their channels are the network's inputs. Spikes at the trial's end or later have no effect.
        objective: the readout, as ``FirstSpike()``.
        threads: number of threads, all cores by default; the result does not depend on it.

    Raises:
        DataError: the data do not fit the network.
        SimulationError: a layer spikes without bound.

    Warns:
        DataWarning: more than a tenth of the input spikes come too late to have an effect, or more than half of
            the samples have none in time.
    """
    warn_of_unused(data, network.duration)
    return evaluated(network, data, objective, threads=threads)


def evaluated(network: Network, data: Dataset, objective: Objective, *, threads: int | None = None) -> Evaluation:
    """:func:`evaluate` without its warning."""
    return _run(network, data, objective, threads, False)[0]


def loss_and_gradient(
    network: Network, data: Dataset, objective: Objective, *, threads: int | None = None
) -> tuple[float, list[np.ndarray]]:
    """Mean loss over a data set and its exact gradient.

    Args:
        network: the network.
        data: the samples; their channels are the network's inputs.
        objective: the readout, as ``FirstSpike()``.
        threads: number of threads, all cores by default; the result does not depend on it.

    Returns:
        loss: float; in nats.
        gradients: list of arrays shaped like ``network.weights``; in nats per unit of weight.

    Raises:
        DataError: the data do not fit the network.
        SimulationError: a layer spikes without bound, or the gradient is infinite (a potential touches the
            threshold exactly).

    Warns:
        DataWarning: As :func:`evaluate`.
    """
    warn_of_unused(data, network.duration)
    evaluation, gradients = differentiate(network, data, objective, threads=threads)
    return evaluation.loss, gradients


def differentiate(
    network: Network, data: Dataset, objective: Objective, *, threads: int | None = None
) -> tuple[Evaluation, list[np.ndarray]]:
    """:func:`evaluate` and :func:`loss_and_gradient` in one pass."""
    evaluation, gradient = _run(network, data, objective, threads, True)
    if not np.isfinite(gradient).all():
        raise SimulationError(
            "the gradient is infinite: a potential touches its threshold without crossing it, or a loss is infinite"
        )
    return evaluation, unpack(gradient, network.sizes)


GRADIENT_MEMORY = 2**28  # bytes for the partial sums of gradients
GRADIENT_GROUPS = 64
GRADIENT_SAMPLES = 8  # at least so many to a partial sum


def _run(
    network: Network, data: Dataset, objective: Objective, threads: int | None, with_gradient: bool
) -> tuple[Evaluation, np.ndarray]:
    check_fit(network, data)
    objective = resolved(objective, network.neuron)
    net = packed(network)
    n = len(data)
    neurons = sum(network.sizes[1:])
    losses = np.zeros(n)
    correct = np.zeros(n, np.bool_)
    counts = np.zeros((n, neurons), np.int64)
    early = np.zeros((n, neurons), np.bool_)
    # Gradients of a group of samples are summed first. The groups depend on the work alone, so that the order of
    # summation does not depend on the threads, which take one or several of them at a time.
    group_size = n
    if with_gradient:
        most = max(2, min(GRADIENT_GROUPS, GRADIENT_MEMORY // net.flat.nbytes))
        group_size = max(GRADIENT_SAMPLES, -(-n // most))
    n_groups = -(-n // group_size)
    unit = group_size if with_gradient else 1
    blocks = blocks_of(n, unit * max(1, -(-n // (4 * unit * thread_count(threads)))))
    gradients = aligned_zeros(n_groups, net.flat.size if with_gradient else 0)

    samples = Samples(data.times, data.channels, data.offsets, data.labels)
    found = _Found(losses, correct, counts, early, gradients)

    def work(block: tuple[int, int]) -> bool:
        return _evaluate_samples(
            objective,
            network.neuron,
            net,
            samples,
            block[0],
            block[1],
            found,
            group_size,
        )

    for _, fine in run_blocks(work, blocks, threads):
        if not fine:
            check_losses(losses)
    ends = list(itertools.accumulate(network.sizes[1:], initial=0))
    layers = [slice(a, b) for a, b in itertools.pairwise(ends)]
    silent = np.logical_not(counts.any(axis=0))
    silent_before_output = np.logical_not(early.any(axis=0))
    evaluation = Evaluation(
        loss=float(np.mean(losses)),
        accuracy=float(np.mean(correct)),
        sample_losses=losses,
        correct=correct,
        spike_counts=[counts[:, layer] for layer in layers],
        silent=[silent[layer] for layer in layers[:-1]],
        silent_before_output=[silent_before_output[layer] for layer in layers[:-1]],
    )
    return evaluation, np.add.reduce(gradients, axis=0) / n
