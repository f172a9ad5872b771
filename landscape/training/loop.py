"""Minibatch gradient descent with exact gradients."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from landscape.arithmetic import norm
from landscape.constants import Objective
from landscape.datasets.use import warn_of_unused
from landscape.errors import NetworkError, SimulationError
from landscape.evaluation import differentiate, evaluated
from landscape.network import Network
from landscape.readouts import spikes_read
from landscape.training.augmentation import batch_of, time_grid
from landscape.training.optimizers import Optimizer
from landscape.training.record import HISTORY, TrainingRecord
from landscape.training.settings import TrainingSettings

if TYPE_CHECKING:
    from landscape.datasets import Dataset

__all__ = ["train"]


@dataclass(frozen=True)
class _State:
    """Everything that an epoch changes."""

    rows: list[dict[str, float]]
    current: Network
    best: Network
    best_epoch: int
    kept: list[tuple[int, np.ndarray]]

    def after(self, row: dict[str, float], trained: Network, keep: bool) -> _State:
        epoch = len(self.rows)
        better = row["test_loss"] < self.rows[self.best_epoch]["test_loss"]
        return _State(
            rows=[*self.rows, row],
            current=trained,
            best=trained if better else self.best,
            best_epoch=epoch if better else self.best_epoch,
            kept=[*self.kept, (epoch, trained.parameters)] if keep else self.kept,
        )


def train(
    network: Network,
    train_data: Dataset,
    test_data: Dataset,
    objective: Objective,
    settings: TrainingSettings | None = None,
    *,
    threads: int | None = None,
    progress: Callable[[float, int, dict[str, float]], None] | None = None,
) -> TrainingRecord:
    """Train a network by minibatch gradient descent with exact gradients.

    Args:
        network: where to start.
        train_data: what is learned.
        test_data: what is only evaluated, after every epoch, and chooses the best network.
        objective: ``FirstSpike``, ``MaxPotential`` or ``MeanPotential``.
        settings: how to train.
        threads: number of threads; the result does not depend on it.
        progress: called as ``progress(epochs done, epochs in all, latest row of the history)`` after every batch.

    Raises:
        DataError: the data do not fit the network.
        SimulationError: a layer spikes without bound, from the start or because training ran away.

    Warns:
        DataWarning: much of the input comes too late to have an effect, as in :func:`landscape.evaluate`.

    An interrupt (Ctrl-C) ends the training after the last whole epoch; the record says so.
    """
    warn_of_unused(train_data, network.duration)
    warn_of_unused(test_data, network.duration)
    settings = settings or TrainingSettings()
    begin = time.monotonic()
    rng = np.random.default_rng(settings.seed)
    grid = time_grid(train_data) if settings.time_jitter else None
    units = _units(network) if settings.relative_rate else np.ones(network.parameters.size)
    optimizer = Optimizer(settings.optimizer, network.parameters.size, settings.weight_decay, units)
    try:
        _, gradient = differentiate(network, train_data, objective, threads=threads)
        start_norm = float(np.sqrt(sum(np.sum(part**2) for part in gradient)))
    except SimulationError:
        start_norm = float("inf")

    row = _row(0, network, train_data, test_data, objective, start_norm, settings.learning_rate, 0, threads)
    state = _State([row], network, network, 0, [(0, network.parameters)])
    interrupted = False
    try:
        for epoch in range(1, settings.epochs + 1):
            rate = settings.learning_rate * settings.decay ** ((epoch - 1) // settings.decay_every)
            trained, norms, skipped = state.current, [], 0
            order = rng.permutation(len(train_data))
            for first in range(0, order.size, settings.batch_size):
                indices = np.sort(order[first : first + settings.batch_size])
                batch = batch_of(train_data, indices, settings, grid, rng)
                try:
                    trained, norm = _step(trained, batch, objective, settings, optimizer, rate, threads)
                except NetworkError as error:
                    raise _ran_away(epoch) from error
                if np.isfinite(norm):
                    norms.append(norm)
                else:
                    skipped += 1
                if progress is not None:
                    share = min(1.0, (first + settings.batch_size) / order.size)
                    progress(epoch - 1 + share, settings.epochs, state.rows[-1])
            norm = float(np.mean(norms)) if norms else float("inf")
            try:
                row = _row(epoch, trained, train_data, test_data, objective, norm, rate, skipped, threads)
            except SimulationError as error:
                raise _ran_away(epoch) from error
            keep = epoch % settings.keep_every == 0 or epoch == settings.epochs
            # One assignment: an interrupt finds either all of the epoch or nothing of it.
            state = state.after(row, trained, keep)
            if progress is not None:
                progress(epoch, settings.epochs, row)
    except KeyboardInterrupt:
        interrupted = True
    return TrainingRecord(
        initial=network,
        final=state.current,
        best=state.best,
        best_epoch=state.best_epoch,
        history={name: np.array([row[name] for row in state.rows]) for name in HISTORY},
        trajectory=np.array([parameters for _, parameters in state.kept]),
        trajectory_epochs=np.array([epoch for epoch, _ in state.kept], np.int64),
        interrupted=interrupted,
        seconds=time.monotonic() - begin,
        settings=settings,
    )


def _ran_away(epoch: int) -> SimulationError:
    return SimulationError(
        f"training ran away in epoch {epoch}: the weights have become too large for the network to be simulated; lower "
        "training.learning_rate, or set training.clip_norm"
    )


def _row(
    epoch: int,
    network: Network,
    train_data: Dataset,
    test_data: Dataset,
    objective: Objective,
    gradient_norm: float,
    learning_rate: float,
    skipped: int,
    threads: int | None,
) -> dict[str, float]:
    on_train = evaluated(network, train_data, objective, threads=threads)
    on_test = evaluated(network, test_data, objective, threads=threads)
    hidden = on_train.spike_counts[:-1]
    silent = on_train.silent
    return {
        "epoch": epoch,
        "train_loss": on_train.loss,
        "train_accuracy": on_train.accuracy,
        "test_loss": on_test.loss,
        "test_accuracy": on_test.accuracy,
        "activity": float(np.mean(np.concatenate(hidden, axis=1))) if hidden else 0.0,
        "silent_share": float(np.mean(np.concatenate(silent))) if silent else 0.0,
        "gradient_norm": gradient_norm,
        "learning_rate": learning_rate,
        "skipped_batches": skipped,
    }


def _step(
    network: Network,
    batch: Dataset,
    objective: Objective,
    settings: TrainingSettings,
    optimizer: Optimizer,
    rate: float,
    threads: int | None,
) -> tuple[Network, float]:
    """The network after one step on a batch, and the norm of the batch's gradient (infinite: no step was taken)."""
    try:
        found, gradients = differentiate(network, batch, objective, threads=threads)
    except SimulationError:
        return network, float("inf")
    gradient = np.concatenate([part.ravel() for part in gradients])
    length = norm(gradient)
    if settings.clip_norm is not None and length > settings.clip_norm:
        gradient *= settings.clip_norm / length
    if settings.activity_weight:
        gradient += settings.activity_weight * _activity_pull(network, found.spike_counts, settings)
    parameters = optimizer.step(network.parameters, gradient, rate)
    if settings.missing_spike_increase:
        spiking_output = spikes_read(objective) > 0
        missing = _missing_shares(network, batch, found.spike_counts, spiking_output)
        decayed = settings.missing_spike_increase * rate / settings.learning_rate
        parameters += decayed * optimizer.units * missing
    return network.with_parameters(parameters), length


def _units(network: Network) -> np.ndarray:
    """Root mean square weight of each weight's layer, (n_parameters,); 1 for a layer of zeros."""
    sizes = [float(np.sqrt(np.mean(w**2))) or 1.0 for w in network.weights]
    return np.concatenate([np.full(w.size, size) for w, size in zip(network.weights, sizes, strict=True)])


def _activity_pull(network: Network, counts: list[np.ndarray], settings: TrainingSettings) -> np.ndarray:
    """Excess of each hidden neuron's mean spike count over its band, for each of its incoming weights."""
    parts = []
    for layer, w in enumerate(network.weights):
        excess = np.zeros(w.shape[0])
        if layer < len(network.weights) - 1:
            mean = counts[layer].mean(axis=0)
            excess = mean - np.clip(mean, settings.activity_low, settings.activity_high)
        parts.append(np.repeat(excess, w.shape[1]))
    return np.concatenate(parts)


def _missing_shares(network: Network, batch: Dataset, counts: list[np.ndarray], spiking_output: bool) -> np.ndarray:
    """For each weight: 1 if its hidden neuron has no spike in the batch; for an output neuron the share of the
    batch's samples of its class in which it has none."""
    parts = []
    for layer, w in enumerate(network.weights):
        if layer < len(network.weights) - 1:
            share = (~counts[layer].any(axis=0)).astype(np.float64)
        elif spiking_output:
            own = counts[layer][np.arange(len(batch)), batch.labels] == 0
            per_class = np.bincount(batch.labels, minlength=w.shape[0])
            share = np.bincount(batch.labels, weights=own, minlength=w.shape[0]) / np.maximum(per_class, 1)
        else:
            share = np.zeros(w.shape[0])
        parts.append(np.repeat(share, w.shape[1]))
    return np.concatenate(parts)
