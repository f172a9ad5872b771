"""Other simulators timed in turns with this one, and how far apart the results are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from landscape.benchmarks.rows import TARGETS, Row
from landscape.benchmarks.simulators import Batch, Simulator
from landscape.benchmarks.timing import interleaved
from landscape.benchmarks.workloads import Workload
from landscape.evaluation import evaluate, loss_and_gradient
from landscape.readouts import FirstSpike
from landscape.simulator import simulate

__all__ = ["compare", "first_output_spikes"]

BUDGET = 15.0  # seconds; some simulators take ten for a batch, and then three turns have to be enough
PAUSE = 0.3  # seconds; as long as the threads of XLA may still be awake
CLOSE = 0.01  # tau; first output spikes nearer than that count as the same


def compare(
    simulators: Mapping[str, Callable[[], Simulator]],
    loads: Sequence[Workload],
    *,
    threads: int,
    repeats: int,
) -> Iterator[Row]:
    """Rows of each simulator on each workload.

    One that cannot be imported or fails, as another version of it may, gives a row that says so, and the next one
    follows.

    Args:
        simulators: by name; calling one imports it.
        loads: the workloads.
        threads: number of threads of this package; the others use as many as they do.
        repeats: how often each call is timed; three times where that takes long.
    """
    for name, imported in simulators.items():
        try:
            simulator = imported()
        # Whatever a package of another version does on import, it is not to end the benchmarks.
        except Exception as error:
            yield Row(f"{name} cannot be used: {_one_line(error)}")
            continue
        yield Row(f"{name} {simulator.version}: {simulator.precision}, {simulator.method}")
        for load in loads:
            if load.model not in simulator.models:
                yield Row(f"{load.name} {load.model}, {name}: it has no {load.model.upper()} neuron")
                continue
            try:
                yield from _rows(load, name, simulator.prepare(load), threads, repeats)
            except Exception as error:  # as above
                yield Row(f"{load.name} {load.model}, {name} failed: {_one_line(error)}")


def first_output_spikes(load: Workload) -> np.ndarray:
    """First spike times of the output neurons (n_samples, n_out), the trial's duration where there is none."""
    first = np.full((len(load.data), load.network.sizes[-1]), load.network.duration)
    for sample, (times, channels, _) in enumerate(load.data):
        output = simulate(load.network, times, channels).layers[-1]
        np.minimum.at(first[sample], output.neurons, output.times)
    return first


def _rows(load: Workload, name: str, batch: Batch, threads: int, repeats: int) -> Iterator[Row]:
    arguments = (load.network, load.data, FirstSpike())
    title = f"{load.name} {load.model}"
    both = batch.loss_and_gradient
    timed: list[Callable[[], Any]] = [lambda: evaluate(*arguments, threads=threads), batch.loss]
    if both is not None:
        timed += [lambda: loss_and_gradient(*arguments, threads=threads), both]
    results: list[Any] = [None] * len(timed)

    def kept(number: int) -> Callable[[], None]:
        def call() -> None:
            results[number] = timed[number]()

        return call

    seconds, work = interleaved([kept(number) for number in range(len(timed))], repeats, BUDGET, PAUSE)
    for column, what in enumerate(("loss", "loss and gradient")):
        if column == 1 and both is None:
            yield Row(f"{title} loss and gradient, {name}: it gives no gradient")
            continue
        ours, theirs = 2 * column, 2 * column + 1
        # Aims are set against spikegd.
        wanted = f">= {TARGETS[load.name, load.model][column]}" if name == "spikegd" else ""
        ratio = seconds[theirs] / seconds[ours]
        value, cpu = 1e3 * seconds[theirs], 1e3 * work[theirs]
        yield Row(f"{title} {what}, {name}", value, "ms", cpu, ratio, "landscape's time", wanted)
    difference = abs(results[1] / results[0].loss - 1)
    yield Row(f"{title}, {name}: difference of its loss from landscape's", difference, "relative")
    apart = np.abs(batch.first_spikes() - first_output_spikes(load)) / load.network.neuron.tau
    yield Row(f"{title}, {name}: first output spikes, largest difference", float(apart.max()), "tau")
    yield Row(f"{title}, {name}: first output spikes within {CLOSE} tau", 100 * float((apart < CLOSE).mean()), "%")
    if both is not None:
        cosine = _cosine(results[3][1], results[2][1])
        yield Row(f"{title}, {name}: cosine of its gradient with landscape's", cosine)


def _cosine(one: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> float:
    a, b = (np.concatenate([np.ravel(part) for part in parts]) for parts in (one, other))
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


def _one_line(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:160]}" if text else type(error).__name__
