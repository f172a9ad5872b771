"""What a result file holds of one model, as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from landscape.storage.networks import NetworkData

if TYPE_CHECKING:
    from landscape.fragmentation.anatomy import Anatomy
    from landscape.fragmentation.census.result import Census
    from landscape.fragmentation.curves import Curves
    from landscape.fragmentation.fragments import Fragments
    from landscape.slices.surface import Surface

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class TrainingData:
    """The record of a training run.

    Attributes:
        history: columns by name, one value per epoch, epoch 0 (the initial network) first. ``epoch`` must be
            among them; further columns beyond those of the file format are kept.
        best_epoch: epoch of the best network.
        settings: settings by name: text, numbers, booleans or None (unset).
        trajectory: parameter vectors (n_kept, n_parameters), or None.
        trajectory_epochs: the epochs they belong to (n_kept,), or None.
        interrupted: whether training was interrupted.
        seconds: how long it took.
        initial: the network before training, or None.
        final: the network after the last epoch, or None.
        attributes: where the record comes from (text and numbers): when, with which versions.
    """

    history: Mapping[str, NDArray[Any]]
    best_epoch: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    trajectory: FloatArray | None = None
    trajectory_epochs: NDArray[np.int32] | None = None
    interrupted: bool = False
    seconds: float | None = None
    initial: NetworkData | None = None
    final: NetworkData | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def at_best(self, name: str) -> float:
        """The value of a history column at the best epoch; NaN where there is none."""
        column = self.history.get(name)
        if column is None:
            return float("nan")
        rows = np.flatnonzero(np.asarray(self.history["epoch"]) == self.best_epoch)
        return float(column[rows[0]]) if rows.size else float("nan")


@dataclass(frozen=True)
class RasterData:
    """All spikes of one sample, one row per spike.

    Attributes:
        time: spike times (n_spikes,), trial time.
        layer: layer of each spike (n_spikes,): 0 for the input, the last for the output.
        neuron: neuron or input channel of each spike (n_spikes,).
        sizes: number of input channels and of neurons in each layer.
        duration: trial duration.
        sample: number of the sample in the data.
        label: its class.
        prediction: the class that the network gave, or None.
    """

    time: FloatArray
    layer: NDArray[np.int32]
    neuron: NDArray[np.int32]
    sizes: tuple[int, ...]
    duration: float
    sample: int
    label: int
    prediction: int | None = None


@dataclass(frozen=True)
class SliceResult:
    """A surface with what was measured on it.

    Attributes:
        surface: the sampled values.
        regions: the table of silent regions by dataset name, as :func:`landscape.fragmentation.analyze` gives
            it, or None.
        summary: the measures by dataset name, as :func:`landscape.fragmentation.analyze` gives them, or None.
        census: the discontinuities, as :func:`landscape.find_discontinuities` gives them, or None.
        anatomy: one sample's spike times along a line, as :func:`landscape.fragmentation.anatomy.anatomy` gives them,
            or None.
        fragments: measures of fragmentation along a line, as :func:`landscape.fragmentation.fragments` gives them, or
            None.
        curves: discontinuity curves of a plane, as :func:`landscape.fragmentation.trace_curves` gives them, or None.
    """

    surface: Surface
    regions: Mapping[str, ArrayLike] | None = None
    summary: Mapping[str, ArrayLike] | None = None
    census: Census | None = None
    anatomy: Anatomy | None = None
    fragments: Fragments | None = None
    curves: Curves | None = None


@dataclass(frozen=True)
class ModelResult:
    """Everything a result file holds of one model.

    Attributes:
        network: the network that the slices are around, a :class:`landscape.Network` or its plain numbers; or
            None.
        training: the training record, or None.
        slices: surfaces by name, measured or not, in the order of the experiment; the first takes the model's
            own group. None stands for a slice that is not sampled yet.
        raster: the spikes of an example sample, or None.
        attributes: what else is known of the model (text and numbers); kept with its network.
        skipped: why a slice could not be sampled, in one line, by the slice's name.
        census: discontinuities on the first slice where this is not sampled here, as in a piece of an experiment;
            else None: those of a sampled slice are with its surface.
        anatomy: one sample's spike times along the first slice, likewise.
        fragments: the measures of fragmentation of the first slice, likewise.
        curves: the discontinuity curves of the first slice, likewise.
    """

    network: Any = None
    training: TrainingData | None = None
    slices: Mapping[str, SliceResult | Surface | None] = field(default_factory=dict)
    raster: RasterData | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    skipped: Mapping[str, str] = field(default_factory=dict)
    census: Census | None = None
    anatomy: Anatomy | None = None
    fragments: Fragments | None = None
    curves: Curves | None = None


def raster_data(
    input_times: ArrayLike,
    input_channels: ArrayLike,
    layers: list[tuple[ArrayLike, ArrayLike]],
    *,
    sizes: tuple[int, ...],
    duration: float,
    sample: int,
    label: int,
    prediction: int | None = None,
) -> RasterData:
    """One table of all spikes of a sample, sorted by layer and, within it, by time.

    Args:
        input_times: times of the input spikes.
        input_channels: their channels.
        layers: spike times and neurons of each layer, as of ``trial.layers``.
        sizes: number of input channels and of neurons in each layer.
        duration: trial duration.
        sample: number of the sample in the data.
        label: its class.
        prediction: the class that the network gave.
    """
    times, numbers, neurons = [], [], []
    for number, (t, n) in enumerate([(input_times, input_channels), *layers]):
        t, n = np.asarray(t, dtype=np.float64), np.asarray(n, dtype=np.int32)
        order = np.argsort(t, kind="stable")
        times.append(t[order])
        neurons.append(n[order])
        numbers.append(np.full(t.size, number, dtype=np.int32))
    return RasterData(
        np.concatenate(times),
        np.concatenate(numbers),
        np.concatenate(neurons),
        tuple(int(size) for size in sizes),
        float(duration),
        int(sample),
        int(label),
        None if prediction is None else int(prediction),
    )


def training_data(record: Any, settings: Any = None) -> TrainingData:
    """The plain numbers of a :class:`landscape.training.TrainingRecord` and of its settings.

    Args:
        record: the record (or a TrainingData, which is returned).
        settings: a mapping, or a dataclass such as ``TrainingSettings``.
    """
    if isinstance(record, TrainingData):
        return record
    from dataclasses import asdict, is_dataclass

    from landscape.storage.networks import network_data

    plain = asdict(settings) if is_dataclass(settings) and not isinstance(settings, type) else dict(settings or {})
    return TrainingData(
        history={name: np.asarray(column) for name, column in record.history.items()},
        best_epoch=int(record.best_epoch),
        settings=plain,
        trajectory=np.asarray(record.trajectory, dtype=np.float64),
        trajectory_epochs=np.asarray(record.trajectory_epochs, dtype=np.int32),
        interrupted=bool(record.interrupted),
        seconds=float(record.seconds),
        initial=network_data(record.initial),
        final=network_data(record.final),
    )
