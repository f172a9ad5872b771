"""What ``landscape bench`` measures, row by row."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from landscape.benchmarks.comparison import compare
from landscape.benchmarks.kernels import STAGES, calibrate, first_drive, run_hidden_layer, run_stages
from landscape.benchmarks.rows import TARGETS, Row
from landscape.benchmarks.simulators import EXTRA, choose, not_installed
from landscape.benchmarks.timing import interleaved, peak_memory
from landscape.benchmarks.workloads import Workload, workload
from landscape.evaluation import evaluate, loss_and_gradient, packed
from landscape.parallel import thread_count
from landscape.readouts import FirstSpike, resolved
from landscape.simulator.packed import pack
from landscape.slices.directions import random_directions
from landscape.slices.sweep import sweep

__all__ = ["run_suite"]

# Milliseconds for loss, loss and gradient of 100 samples with spikegd (JAX 0.10.2, float64, 2 cores of a Xeon).
PUBLISHED = {
    ("W1", "lif"): (3.88, 12.7),
    ("W1", "qif"): (22.9, 74.1),
    ("W2", "lif"): (117.0, 642.0),
    ("W2", "qif"): (503.0, 2208.0),
}
OBJECTIVE = FirstSpike()
STRIP = 5  # points


def run_suite(
    *,
    threads: int | None = None,
    repeats: int = 7,
    large: bool = False,
    simulators: Sequence[str] | None = None,
    spikegd: Path | None = None,
) -> Iterator[Row]:
    """Measure everything, a row at a time.

    Args:
        threads: number of threads; all cores if not given.
        repeats: how often each call is timed.
        large: sweep 101 x 101 points of 1,000 samples, which takes minutes, instead of 101 x 5.
        simulators: names of the other simulators to compare with; all that are installed if not given.
        spikegd: folder of a checkout of spikegd, to compare with it too.

    Raises:
        InputError: Before anything is measured, if a simulator is unknown or not there.
    """
    threads = thread_count(threads)
    others = choose(simulators, spikegd)
    for name in ("W1", "W2"):
        for model in ("lif", "qif"):
            yield from _batches(workload(name, model), threads, repeats)
    for model in ("lif", "qif"):
        load = workload("W2", model)
        yield from _hidden_layer(load, repeats)
        yield from _stages(load, repeats)
        yield from _slices(load, threads, repeats)
        yield from _many_channels(load, threads, repeats)
    yield Row("peak memory of all of the above", peak_memory(), "MiB")
    for model in ("lif", "qif"):
        yield from _large_slice(model, threads, 101 if large else STRIP)
    # Last, so that the memory above is this package's own.
    loads = [workload(name, model) for name in ("W1", "W2") for model in ("lif", "qif")]
    yield from compare(others, loads, threads=threads, repeats=repeats)
    if simulators is None and not_installed():
        yield Row(f"not installed, so not compared: {', '.join(not_installed())} ({EXTRA})")


def _batches(load: Workload, threads: int, repeats: int) -> Iterator[Row]:
    key = load.name, load.model
    arguments = (load.network, load.data, OBJECTIVE)
    (loss, gradient), (loss_work, gradient_work) = interleaved(
        [
            lambda: evaluate(*arguments, threads=threads),
            lambda: loss_and_gradient(*arguments, threads=threads),
        ],
        repeats,
    )
    n = len(load.data)
    kinds = (("loss", loss, loss_work, 0), ("loss and gradient", gradient, gradient_work, 1))
    for what, seconds, work, column in kinds:
        wanted = f">= {TARGETS[key][column]}"
        ratio = PUBLISHED[key][column] / (1e3 * seconds)
        title = f"{load.name} {load.model} {what}, {n} samples ({n / seconds:,.0f} samples/s)"
        yield Row(title, 1e3 * seconds, "ms", 1e3 * work, ratio, "spikegd, published", wanted)
    yield Row(f"{load.name} {load.model} gradient against loss", gradient_work / loss_work, "x", wanted="<= 4")


def _hidden_layer(load: Workload, repeats: int) -> Iterator[Row]:
    network = load.network
    n_in, n = network.sizes[:2]
    times, channels, _ = load.data[0]
    rows = pack(network.weights[:1]).reshape(n_in, -1)
    events, drive = first_drive(times, channels, network.duration, rows)
    rounds = 100
    updates = rounds * n * (events.size + 1)
    arguments = (network.neuron, n, network.duration, events)
    _, (roofline, spiking, quiet) = interleaved(
        [
            lambda: calibrate(network.neuron, network.duration, drive, rounds),
            lambda: run_hidden_layer(*arguments, drive, rounds),
            lambda: run_hidden_layer(*arguments, np.zeros_like(drive), rounds),
        ],
        repeats,
    )
    for what, seconds in (("without spikes", quiet), ("with its spikes", spiking)):
        rate = updates / seconds / 1e6
        title = f"W2 {load.model} hidden layer {what}"
        yield Row(title, rate, "M updates/s", None, roofline / seconds, "calibration kernel", ">= 0.5")
    yield Row(f"W2 {load.model} calibration kernel", updates / roofline / 1e6, "M updates/s")


def _stages(load: Workload, repeats: int) -> Iterator[Row]:
    """What a sample costs stage by stage, on one thread."""
    data, network = load.data, load.network
    arguments = (resolved(OBJECTIVE, network.neuron), network.neuron, packed(network))
    spikes = (data.times, data.channels, data.offsets, data.labels)
    counts = np.arange(1, len(STAGES) + 1)
    calls = [lambda n=n, keep=keep: run_stages(*arguments, *spikes, n, keep) for keep in (False, True) for n in counts]
    calls.pop(len(STAGES) - 1)  # no adjoint without a record
    _, work = interleaved(calls, repeats)
    plain, recorded = work[: len(STAGES) - 1], work[len(STAGES) - 1 :]
    for what, seconds in (("", plain), (", recorded for gradients", recorded)):
        steps = 1e6 * np.diff(seconds, prepend=0.0) / len(data)
        shares = ", ".join(f"{stage} {step:.3g}" for stage, step in zip(STAGES, steps, strict=False))
        yield Row(f"{load.name} {load.model} us per sample{what}: {shares}")


def _sweeps(load: Workload, n_points: int, n_directions: int, threads: int, derivative: bool) -> Callable[[], object]:
    directions = random_directions(load.network, count=n_directions, seed=0)
    line = [np.linspace(-0.05, 0.05, n_points)]
    axes = line if n_directions == 1 else [*line, np.array([0.01])]
    return lambda: sweep(load.network, directions, axes, load.data, OBJECTIVE, threads=threads, derivative=derivative)


def _per_point(few: float, many: float, points: int, n_samples: int) -> float:
    """Seconds per grid point and sample, from the times for ``points`` and twice as many."""
    return (many - few) / (points * n_samples)


def _slices(load: Workload, threads: int, repeats: int) -> Iterator[Row]:
    points = 64
    n = len(load.data)
    loss_of_spikegd = PUBLISHED[load.name, load.model][0] / n
    kinds = (("loss", 1, False), ("loss and derivative", 1, True), ("loss and two derivatives", 2, True))
    for what, count, derivative in kinds:
        calls = [_sweeps(load, k * points, count, threads, derivative) for k in (1, 2)]
        alone = [_sweeps(load, k * points, count, 1, derivative) for k in (2,)]
        (few, many, one), (few_work, many_work, _) = interleaved([*calls, *alone], max(2, repeats // 2))
        seconds = _per_point(few, many, points, n)
        work = _per_point(few_work, many_work, points, n)
        wanted = f">= {TARGETS[load.name, load.model][2]}"
        title = f"W2 {load.model} slice, {what}, per point and sample after projection"
        yield Row(
            title, 1e6 * seconds, "us", 1e6 * work, loss_of_spikegd / (1e3 * seconds), "spikegd, published", wanted
        )
        if threads > 1:
            yield Row(f"W2 {load.model} slice, {what}, {threads} threads", one / many, "x", wanted=">= 1.8 for 2")


def _many_channels(load: Workload, threads: int, repeats: int) -> Iterator[Row]:
    points = 64
    # The same drives: each channel ten times, of which one has the spikes.
    weights = [np.repeat(load.network.weights[0], 10, axis=1), *load.network.weights[1:]]
    data = load.data
    wide = Workload(
        load.name,
        load.model,
        load.network.with_weights(weights),
        type(data)(data.times, data.channels * 10, data.offsets, data.labels, data.n_channels * 10, data.n_classes),
    )
    calls = [_sweeps(each, k * points, 1, threads, True) for each in (load, wide) for k in (1, 2)]
    _, (few, many, few_wide, many_wide) = interleaved(calls, max(2, repeats // 2))
    ratio = (many_wide - few_wide) / (many - few)
    yield Row(f"W2 {load.model} slice, 7,000 channels against 700, per point", ratio, "x", wanted="<= 1.1")


def _large_slice(model: str, threads: int, side: int) -> Iterator[Row]:
    """A large slice of the loss alone, ``side`` points wide, and a narrow strip of it with derivatives."""
    load = workload("W2", model, n_samples=1000)
    directions = random_directions(load.network, count=2, seed=0)
    line = np.linspace(-0.2, 0.2, 101)
    for what, derivative, width in (("loss", False, side), ("loss and two derivatives", True, STRIP)):
        axes = [line, np.linspace(-0.2, 0.2, width)]
        begin, begin_work = time.perf_counter(), time.process_time()
        sweep(load.network, directions, axes, load.data, OBJECTIVE, threads=threads, derivative=derivative)
        seconds, work = time.perf_counter() - begin, time.process_time() - begin_work
        title = f"W2 {model} slice of 101 x {width} points, 1,000 samples, {what}"
        wanted = "<= 240" if width == line.size else ""
        yield Row(title, seconds, "s", work, wanted=wanted)
        if not wanted:
            yield Row(
                f"the same for 101 x 101 points at this pace ({model})", seconds * 101 / width, "s", wanted="<= 240"
            )
        yield Row(f"peak memory so far, after 101 x {width} points", peak_memory(), "MiB", wanted="<= 1024")
