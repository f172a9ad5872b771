"""Results that look like real ones, made in milliseconds and without the simulator: the tests' and the eyes'
material.

The "lif" landscape is a bowl cut into pieces by lines across which it jumps, with silent plateaus; "qif" is
smooth. Run as a script, it writes a result file: ``python tests/synthetic/results.py PATH``.
"""

from __future__ import annotations

import sys
from itertools import pairwise
from typing import Any

import numpy as np

from landscape.fragmentation import analyze, fragments
from landscape.fragmentation.census import Census
from landscape.network_record import NetworkData
from landscape.results import ModelResult, SliceResult, provenance, write_results
from landscape.simulator.raster_record import RasterData, raster_data
from landscape.slices.directions import Directions
from landscape.slices.surface import Status, Surface
from landscape.training.record import TrainingRecord

SIZES = (20, 8, 3)
CONSTANTS = {
    "lif": {"tau": 1.0, "threshold": 1.0},
    "qif": {"tau": 1.0},
    "theta": {"tau": 1.0, "I0": 1.25},
    "oscillatory_lif": {"tau": 1.0, "I0": 1.5, "threshold": 1.0},
}
CONFIG = """name = "example"
description = "Synthetic surfaces that resemble trained networks on spoken digits."
seed = 1

[data]
source = "digits"
classes = [0, 1, 2]

[trial]
duration = 4.0

[objective]
kind = "first_spike"
gamma = 0.0

[[model]]
name = "lif"
neuron = "lif"
hidden = [8]
"""


def weights(sizes: tuple[int, ...] = SIZES, seed: int = 0) -> list[np.ndarray]:
    """Random weights of a network of these sizes."""
    rng = np.random.default_rng(seed)
    return [rng.normal(0.3, 0.5, (post, pre)) for pre, post in pairwise(sizes)]


def directions(count: int = 2, sizes: tuple[int, ...] = SIZES, seed: int = 0) -> Directions:
    """Orthogonal random directions."""
    vectors = [weights(sizes, 100 + seed + number) for number in range(count)]
    flat = [np.concatenate([part.ravel() for part in vector]) for vector in vectors]
    if count == 2:
        flat[1] = flat[1] - flat[0] * (flat[1] @ flat[0]) / (flat[0] @ flat[0])
    ends = np.cumsum([0] + [a * b for a, b in zip(sizes[1:], sizes[:-1], strict=True)])
    shaped = [
        [vector[a:b].reshape(part.shape) for a, b, part in zip(ends[:-1], ends[1:], weights(sizes), strict=True)]
        for vector in flat
    ]
    return Directions(
        shaped,
        recipe="random",
        seed=seed,
        normalization="neuron",
        network_norms=np.array([np.linalg.norm(part) for part in weights(sizes)]),
    )


def surface(
    kind: str = "lif",
    shape: tuple[int, ...] = (21, 21),
    *,
    seed: int = 0,
    hidden_sizes: tuple[int, ...] = (8,),
    samples: int | None = None,
    extent: float = 1.0,
) -> Surface:
    """A finished surface: smooth for "qif" and "theta", in pieces for the others."""
    rng = np.random.default_rng([seed, len(kind)])
    axes = [np.linspace(-extent, extent, n) for n in shape]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    centre = rng.normal(0.0, 0.12, len(shape))
    curvature = np.array([1.0, 0.55])[: len(shape)]
    offset = grid - centre
    loss = 0.25 + (curvature * offset**2).sum(axis=-1) / (0.35 + 0.5 * (offset**2).sum(axis=-1))
    slope = 2.0 * curvature * offset / (0.35 + 0.5 * (offset**2).sum(axis=-1))[..., None]
    radius = np.linalg.norm(offset, axis=-1)
    n_hidden = sum(hidden_sizes)
    silent = np.zeros((*shape, n_hidden), dtype=bool)
    jumps = kind in ("lif", "oscillatory_lif")
    for number in range(n_hidden):
        normal = rng.normal(size=len(shape))
        normal /= np.linalg.norm(normal)
        side = grid @ normal
        silent[..., number] = side > rng.uniform(0.15, 0.75) + (0.0 if jumps else 0.45)
    if jumps:
        for _ in range(22):
            normal = rng.normal(size=len(shape))
            normal /= np.linalg.norm(normal)
            bend = 0.25 * rng.normal() * np.sin(3.0 * grid[..., -1] + rng.uniform(0, 6))
            beyond = grid @ normal + bend > rng.uniform(-0.9, 0.9)
            loss = loss + beyond * rng.normal(0.0, 0.16) * (0.4 + radius)
        plateau = (grid @ np.ones(len(shape))) > 1.05 * extent * len(shape) / 2
        loss = np.where(plateau, np.log(3.0), np.abs(loss) + 0.05)
        slope = np.where(plateau[..., None], 0.0, slope + rng.normal(0.0, 0.2, (*shape, len(shape))))
        silent |= plateau[..., None]
    else:
        loss = loss + 0.06 * np.cos(5.0 * offset[..., 0])
        slope = slope - 0.3 * np.sin(5.0 * offset[..., :1])
    accuracy = np.clip(0.97 - 0.55 * loss / (loss.max() + 1e-9) - 0.1 * radius, 0.33, 1.0)
    share = silent.mean(axis=-1) if n_hidden else np.zeros(shape)
    counts = np.stack([1.8 * (1 - share), 0.9 * (1 - 0.5 * share)], axis=-1)
    result = Surface(
        axes=axes,
        loss=loss,
        accuracy=np.round(accuracy * 200) / 200,
        directional_derivative=slope,
        spike_count=counts,
        silent=silent,
        status=np.full(shape, Status.DONE, dtype=np.uint8),
        directions=directions(len(shape), (SIZES[0], *hidden_sizes, 3), seed),
        hidden_sizes=hidden_sizes,
        gradient_norm=np.linalg.norm(slope, axis=-1) * (1.3 + radius),
        attributes={
            "model": kind,
            "data": "synthetic digits (test)",
            "n_samples": 100,
            "objective": "first_spike",
            "centre": "best",
            "seed": seed,
        },
    )
    if samples is not None:
        result.sample_loss = loss[..., None] + rng.normal(0.0, 0.01, (*shape, samples))
    return result


def census(
    kind: str = "lif", count: int = 12, *, samples: int = 10, extent: float = 1.0, seed: int = 0, unresolved: int = 0
) -> Census:
    """What a census of a line may find: discontinuities for "lif", none for "qif"."""
    rng = np.random.default_rng([seed, len(kind), count])
    n = count if kind in ("lif", "oscillatory_lif") else 0
    position = np.sort(rng.uniform(-0.99 * extent, 0.99 * extent, n))
    mechanism = np.array(["grazing", "order", "trial_end"])[np.arange(n) % 3]
    left = rng.uniform(0.2, 2.0, n)
    jump = rng.normal(0.0, 0.3, n)
    jump[np.abs(jump) < 1e-6] = 0.1
    loss = np.stack([left, left + jump], axis=1)
    appears = rng.random(n) < 0.5
    time = np.where(np.stack([appears, ~appears], axis=1), np.nan, rng.uniform(0.5, 3.5, (n, 1)))
    of = np.repeat(np.arange(n), 2)
    widths = (1e-6, 1e-9)
    return Census(
        low=-extent,
        high=extent,
        n_samples=samples,
        position=position,
        bracket=np.stack([position - 1e-13, position + 1e-13], axis=1),
        loss=loss,
        jump=loss[:, 1] - loss[:, 0],
        error=np.where(np.arange(n) % 5 == 4, np.inf, 1e-13),
        sample=rng.integers(0, samples, n),
        layer=rng.integers(0, 2, n),
        neuron=rng.integers(0, 3, n),
        number=rng.integers(0, 2, n),
        time=time,
        kind=np.where(appears, "appearance", "disappearance"),
        mechanism=mechanism,
        partner=np.where(mechanism == "order", 4, -1),
        partner_time=np.where(mechanism == "order", 1.5, np.nan),
        downstream=np.arange(n) % 2 == 0,
        difference=np.where(np.arange(n)[:, None] % 5 == 4, np.nan, jump[:, None] + np.array(widths)),
        widths=widths,
        confirmed=np.where(np.arange(n) < 3, 1, -1).astype(np.int8),
        change_of=of,
        change_layer=np.ones(2 * n, np.int64),
        change_neuron=np.tile([0, 2], n),
        change_time=rng.uniform(0.5, 3.5, (2 * n, 2)),
        change_count=rng.integers(0, 3, (2 * n, 2)),
        transitions={"grazing": 900, "order": 80, "trial_end": 20},
        largest_continuous=3.2e-13,
        silent_neuron=np.array([2, 2]),
        silent_interval=extent * np.array([[-1.0, -0.5], [0.25, 1.0]]),
        unresolved_sample=np.ones(unresolved, np.int64),
        unresolved_interval=np.array([[-0.1 * extent, 0.1 * extent]] * unresolved).reshape(unresolved, 2),
        samples=3 * np.arange(samples),
        attributes={
            "neuron": kind,
            "objective": "first_spike",
            "points": 51,
            "minimum": 1e-9,
            "hidden_sizes": np.array([8]),
        },
    )


def partly_finished(full: Surface, first_pending: int = 200) -> Surface:
    """The same surface with points pending from some point on, a few failed, a few not finite."""
    status = full.status.ravel().copy()
    status[first_pending:] = Status.PENDING
    status[10:13] = Status.FAILED
    status[40:42] = Status.NOT_FINITE
    status = status.reshape(full.shape)
    for name in ("loss", "accuracy", "directional_derivative", "spike_count", "gradient_norm"):
        values = getattr(full, name)
        if values is not None:
            values[status != Status.DONE] = np.nan
    full.silent[status != Status.DONE] = False
    full.status = status
    return full


def training(kind: str = "lif", epochs: int = 30, seed: int = 0) -> TrainingRecord:
    """A training record: LIF collapses into silence late, QIF learns."""
    rng = np.random.default_rng([seed, len(kind), 7])
    epoch = np.arange(epochs + 1)
    pace = 6.0 if kind == "lif" else 9.0
    floor = 0.42 if kind == "lif" else 0.12
    train_loss = floor + (1.1 - floor) * np.exp(-epoch / pace) + 0.015 * rng.normal(size=epoch.size)
    test_loss = train_loss + 0.05 + 0.004 * epoch + 0.02 * rng.normal(size=epoch.size)
    silent = np.clip(0.1 + (0.018 if kind == "lif" else -0.002) * epoch, 0, 1)
    learning_rate = 0.01 * 0.8 ** (epoch // 10)
    gradient_norm = 1.5 * np.exp(-epoch / 12.0) * (1 + 0.3 * np.abs(rng.normal(size=epoch.size)))
    learning_rate[0] = np.nan
    history = {
        "epoch": epoch,
        "train_loss": train_loss,
        "train_accuracy": np.clip(1.03 - 0.62 * train_loss, 0, 1),
        "test_loss": test_loss,
        "test_accuracy": np.clip(0.98 - 0.6 * test_loss, 0, 1),
        "activity": 1.9 * (1 - silent) + 0.03 * rng.normal(size=epoch.size),
        "silent_share": silent,
        "gradient_norm": gradient_norm,
        "learning_rate": learning_rate,
    }
    best = int(np.argmin(test_loss))
    kept = np.arange(0, epochs + 1, 5)
    n_parameters = sum(w.size for w in weights())
    settings: dict[str, Any] = {
        "epochs": epochs,
        "optimizer": "adam",
        "learning_rate": 0.01,
        "clip_norm": None,
    }
    if kind == "lif":
        settings["missing_spike_increase"] = 0.02
    return TrainingRecord(
        history=history,
        best_epoch=best,
        settings=settings,
        trajectory=rng.normal(size=(kept.size, n_parameters)),
        trajectory_epochs=kept,
        seconds=42.5,
        initial=network(kind, seed=3),
        final=network(kind, seed=4),
    )


def network(kind: str = "lif", sizes: tuple[int, ...] = SIZES, seed: int = 0) -> NetworkData:
    """A network as plain numbers."""
    return NetworkData(kind, CONSTANTS[kind], weights(sizes, seed), 4.0)


def raster(kind: str = "lif", sizes: tuple[int, ...] = (140, 60, 10), seed: int = 0) -> RasterData:
    """Spikes of a sample that sweeps through the channels, as a spoken word does."""
    rng = np.random.default_rng([seed, len(kind)])
    n_input = 900
    t = rng.uniform(0.05, 2.8, n_input)
    ridge = 0.5 * sizes[0] * (1 + 0.6 * np.sin(2.2 * t))
    channels = np.clip(ridge + rng.normal(0, 12, n_input) * (1 + (rng.random(n_input) > 0.8)), 0, sizes[0] - 1)
    layers = []
    for number, size in enumerate(sizes[1:], start=1):
        per_neuron = rng.poisson(2.2 if number < len(sizes) - 1 else 1.1, size)
        neurons = np.repeat(np.arange(size), per_neuron)
        layers.append((rng.uniform(0.5 * number, 4.0, neurons.size), neurons))
    return raster_data(t, channels.astype(int), layers, sizes=sizes, duration=4.0, sample=7, label=3, prediction=3)


def results(
    models: tuple[str, ...] = ("lif", "qif"),
    plane: tuple[int, int] = (21, 21),
    line: int = 101,
    *,
    analyzed: bool = True,
) -> dict[str, ModelResult]:
    """Full results of some models: a plane, a line, training, a raster."""
    found = {}
    for number, kind in enumerate(models):
        slices = {"plane": surface(kind, plane, seed=number), "line": surface(kind, (line,), seed=number)}
        measured = {name: SliceResult(s, **(analyze(s) if analyzed else {})) for name, s in slices.items()}
        if analyzed:
            found_there = census(kind, seed=number)
            measured["line"] = measured["line"].changed(
                census=found_there, fragments=fragments(found_there, resamples=99)
            )
        found[kind] = ModelResult(
            network=network(kind),
            training=training(kind),
            slices=measured,
            raster=raster(kind),
            attributes={"remedies": "missing_spike_increase" if kind == "lif" else "none"},
        )
    return found


def write_example(path: Any, models: tuple[str, ...] = ("lif", "qif"), **options: Any) -> None:
    """Write an example result file."""
    attributes = provenance(CONFIG, {"seed": 1}, data_hash="0" * 64)
    write_results(path, results(models, **options), attributes)


if __name__ == "__main__":
    write_example(sys.argv[1])
