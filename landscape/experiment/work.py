"""The work behind the pieces: training a network, sweeping a slice, recording an example sample."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from landscape.config import ModelConfig, SliceConfig
from landscape.errors import DirectionError, ResultFileError, SimulationError
from landscape.experiment.assembly import gather
from landscape.experiment.geometry import axes_of, directions_of
from landscape.experiment.lineage import made_from, piece_attributes
from landscape.experiment.piece import Piece
from landscape.experiment.pieces import read_partial_surface, read_piece, write_piece
from landscape.experiment.shards import (
    SharedDirections,
    around_hash,
    write_directions_piece,
    write_shard,
)
from landscape.parallel import thread_count
from landscape.readouts import READOUTS
from landscape.slices.directions import Surroundings

if TYPE_CHECKING:
    from landscape.datasets import Dataset
    from landscape.experiment.stages import Experiment
    from landscape.network import Network
    from landscape.simulator import Trial
    from landscape.slices.directions import Directions
    from landscape.slices.surface import Surface
    from landscape.training import TrainingSettings


def untrained_network(experiment: Experiment, model: ModelConfig) -> Network:
    """Return the network of a model before training."""
    from landscape.neurons import by_name
    from landscape.training import InitSettings, default_settings, initial_network

    data, _ = experiment.data
    neuron = by_name(model.neuron)(**model.constants)
    sizes = (data.n_channels, *model.hidden, data.n_classes)
    usual = default_settings(neuron, len(sizes) - 1)
    wanted = model.initialization
    settings = InitSettings(
        mean=usual.mean if wanted.mean is None else tuple(wanted.mean),
        spread=usual.spread if wanted.spread is None else tuple(wanted.spread),
    )
    return initial_network(
        neuron,
        sizes,
        experiment.config.trial.duration,
        data,
        experiment.config.seed_of(model),
        settings,
        objective=experiment.objective(model),
    )


def training_settings(experiment: Experiment, model: ModelConfig) -> TrainingSettings:
    """Return how a model is trained."""
    from landscape.training import TrainingSettings

    return TrainingSettings(**experiment.config.training_of(model).model_dump())


def train_model(experiment: Experiment, piece: Piece, model: ModelConfig) -> None:
    """Train a network and write its piece.

    Raises:
        KeyboardInterrupt: training was interrupted; what was reached is kept beside the piece.
    """
    from landscape.results import ModelResult
    from landscape.training import train

    progress = experiment.progress
    settings = training_settings(experiment, model)
    data, test_data = experiment.data
    network = untrained_network(experiment, model)
    if (experiment.folder.pieces / piece.partial_name).exists():
        progress.say(f"{model.name}: an interrupted training is there; it starts anew")
    progress.begin(f"{model.name}: training", settings.epochs, "epochs")

    def tell(done: float, total: float, latest: dict[str, float]) -> None:
        progress.advance(done, _latest(latest))

    try:
        record = train(
            network,
            data,
            test_data,
            experiment.objective(model),
            settings,
            threads=experiment.threads,
            progress=tell,
        )
    except SimulationError as error:
        raise SimulationError(f"model {model.name}: {error}") from error
    content = ModelResult(
        network=record.best,
        training=replace(record, attributes=_input_attributes(experiment)),
        attributes=_about(experiment, model),
    )
    folder = experiment.folder.pieces
    name = piece.partial_name if record.interrupted else piece.file_name
    write_piece(folder / name, model.name, content, piece_attributes(experiment, piece))
    if record.interrupted:
        raise KeyboardInterrupt
    with suppress(OSError):
        (folder / piece.partial_name).unlink(missing_ok=True)
    accuracy = record.history["test_accuracy"][record.best_epoch]
    progress.end(
        f"{model.name}: trained {settings.epochs} epochs in {duration_text(record.seconds)}, "
        f"test accuracy {accuracy:.1%} (epoch {record.best_epoch})"
    )


def _input_attributes(experiment: Experiment) -> dict[str, int]:
    """Return what trials leave of the input, as the format page names it."""
    from landscape.datasets.use import input_use

    uses = zip(("train", "test"), experiment.data, strict=True)
    counted = {which: input_use(data, experiment.config.trial.duration) for which, data in uses}
    names = ("spikes", "spikes_cut", "samples", "samples_silent")
    return {f"{which}_{name}": getattr(use, name) for which, use in counted.items() for name in names}


def surroundings(experiment: Experiment, model: ModelConfig, entry: SliceConfig) -> Surroundings:
    """Return what the directions of a slice can be made from."""
    networks = experiment.networks(model)
    trained = read_piece(experiment.piece_path(experiment.plan.train(model)), model.name)
    return Surroundings(
        centre=networks[entry.centre],
        initial=networks["initial"],
        best=networks["best"],
        trajectory=None if trained.training is None else trained.training.trajectory,
        data=samples_of(experiment, entry),
        objective=experiment.objective(model),
    )


def sweep_slice(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Evaluate a slice around a trained network and write its piece.

    If its directions cannot be made from what training gave, the piece holds the reason instead.

    Raises:
        KeyboardInterrupt: the sweep was interrupted; the finished points are kept and not computed again.
    """
    from landscape.results import ModelResult
    from landscape.slices.sweep import SweepInterrupted, sweep

    progress = experiment.progress
    partial = experiment.folder.pieces / piece.partial_name
    around = surroundings(experiment, model, entry)
    data = around.data
    axes = axes_of(entry)
    try:
        directions = directions_of(entry, experiment.config.seed_of(entry), around, model=model.name)
    except DirectionError as error:
        _write_skipped(experiment, piece, model, entry, str(error))
        return
    progress.begin(f"{model.name}: {entry.name}", _product(entry.shape), "points")
    start = time.perf_counter()

    def write(path: Any, surface: Any) -> None:
        surface.attributes.update(_about_slice(experiment, model, entry))
        content = ModelResult(slices={entry.name: surface})
        write_piece(path, model.name, content, piece_attributes(experiment, piece))

    try:
        surface = sweep(
            around.centre,
            directions,
            axes,
            around.data,
            around.objective,
            gradient=entry.gradient,
            sample_losses=entry.sample_losses,
            threads=experiment.threads,
            progress=lambda done, total: progress.advance(done),
            resume=_partial_surface(experiment, piece, axes, directions),
        )
    except SweepInterrupted as interrupt:
        write(partial, interrupt.surface)
        raise
    write(experiment.folder.pieces / piece.file_name, surface)
    with suppress(OSError):
        partial.unlink(missing_ok=True)
    shape = " x ".join(str(n) for n in entry.shape)
    seconds = time.perf_counter() - start
    progress.end(f"{model.name}: slice {entry.name}, {shape} points, {len(data)} samples, {duration_text(seconds)}")


def make_directions(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Make the directions that the shards of a slice or of a census share and write their piece.

    If they cannot be made from what training gave, the slice's own piece is written too, and holds the reason.
    """
    around = surroundings(experiment, model, entry)
    attributes = piece_attributes(experiment, piece) | {"piece": piece.file_name}
    try:
        directions = directions_of(entry, experiment.config.seed_of(entry), around, model=model.name)
    except DirectionError as error:
        shared = SharedDirections(None, str(error), around_hash(around.centre, None))
        write_directions_piece(experiment.piece_path(piece), shared, attributes)
        if piece.kind == "directions":
            _write_skipped(experiment, experiment.plan.sweep(model, entry), model, entry, str(error))
        return
    shared = SharedDirections(directions, "", around_hash(around.centre, directions))
    write_directions_piece(experiment.piece_path(piece), shared, attributes)


def sweep_shard(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig) -> None:
    """Evaluate the points of one shard of a slice and write its piece; nothing to do if the slice cannot be made.

    Raises:
        KeyboardInterrupt: the sweep was interrupted; nothing of this shard is kept.
    """
    from landscape.slices.sweep import sweep

    (made,) = piece.needs
    shared = experiment.shared_directions(made)
    if shared.directions is None:
        return
    assert piece.block is not None
    centre = experiment.networks(model)[entry.centre]
    if around_hash(centre, shared.directions) != shared.around:
        raise ResultFileError(f"{made}: was made around another network; remove it")
    start = time.perf_counter()
    already = experiment.parts_done
    surface = sweep(
        centre,
        shared.directions,
        [axis[part] for axis, part in zip(axes_of(entry), piece.block.index, strict=True)],
        samples_of(experiment, entry),
        experiment.objective(model),
        gradient=entry.gradient,
        sample_losses=entry.sample_losses,
        threads=experiment.threads,
        progress=lambda done, total: experiment.progress.advance(already + done),
    )
    surface.attributes.update(_about_slice(experiment, model, entry))
    attributes = piece_attributes(experiment, piece) | {
        "piece": piece.file_name,
        "around": shared.around,
        "seconds": time.perf_counter() - start,
        "threads": thread_count(experiment.threads),
    }
    write_shard(experiment.piece_path(piece), surface, attributes)


def join_slice(
    experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig, surface: Surface | None = None
) -> None:
    """Put a slice together from its shards and write its piece.

    Args:
        experiment: the experiment.
        piece: the piece of the whole slice.
        model: its model.
        entry: the slice.
        surface: the slice, if it was put together already.

    Raises:
        DamagedFileError: a shard is damaged or missing.
        ResultFileError: a shard belongs to another experiment, or was swept around another network.
    """
    from landscape.results import ModelResult, ResultFile

    shared = experiment.shared_directions(experiment.plan.directions(model, entry).file_name)
    if shared.directions is None:
        _write_skipped(experiment, piece, model, entry, shared.reason)
        return
    if surface is None:
        surface = gather(experiment, model, entry)
    content = ModelResult(slices={entry.name: surface})
    # From a piece: to put it together takes no samples.
    train = experiment.piece_path(experiment.plan.train(model))
    data_hash = str(ResultFile(train).attributes["data_hash"])
    write_piece(experiment.piece_path(piece), model.name, content, piece_attributes(experiment, piece, data_hash))


def _write_skipped(experiment: Experiment, piece: Piece, model: ModelConfig, entry: SliceConfig, said: str) -> None:
    from landscape.results import ModelResult

    reason = said.removeprefix(f"slice {entry.name} ({model.name}): ")
    content = ModelResult(slices={entry.name: None}, skipped={entry.name: reason})
    write_piece(experiment.piece_path(piece), model.name, content, piece_attributes(experiment, piece))
    experiment.progress.say(skipped_text(model.name, entry.name, reason))


def skipped_text(model: str, name: str, reason: str) -> str:
    """Return how a run says that it leaves out a slice."""
    return f"slice {name} ({model}): skipped: {reason}"


def _partial_surface(experiment: Experiment, piece: Piece, axes: list[Any], directions: Directions) -> Surface | None:
    """Return what an interrupted sweep left, if it is of use, and say if it is not."""
    path = experiment.folder.pieces / piece.partial_name
    surface = read_partial_surface(path, piece.model, axes, directions, made_from(experiment, piece))
    if surface is None and path.exists():
        experiment.progress.say(f"{path.name}: damaged, of other points or of another network, the sweep starts anew")
    return surface


def record_raster(experiment: Experiment, piece: Piece, model: ModelConfig) -> None:
    """Simulate the example sample and write all its spikes."""
    from landscape.readouts import readout_of
    from landscape.results import ModelResult
    from landscape.simulator import simulate
    from landscape.simulator.raster_record import raster_data

    _, data = experiment.data
    sample = experiment.config.figures.raster_sample
    network = experiment.networks(model)["best"]
    objective = experiment.objective(model)
    times, channels, label = data[sample]
    trial = simulate(network, times, channels, objective=objective)
    raster = raster_data(
        times,
        channels,
        [(layer.times, layer.neurons) for layer in trial.layers],
        sizes=network.sizes,
        duration=network.duration,
        sample=sample,
        label=label,
        prediction=_first_to_spike(trial) if readout_of(objective).names_first_spike else None,
    )
    content = ModelResult(raster=raster)
    write_piece(experiment.piece_path(piece), model.name, content, piece_attributes(experiment, piece))


def samples_of(experiment: Experiment, entry: SliceConfig, most: int | None = None) -> Dataset:
    """Return the samples that a slice is evaluated on."""
    train_data, test_data = experiment.data
    data = test_data if entry.data == "test" else train_data
    wanted = min(n for n in (entry.samples, most, len(data)) if n is not None)
    if wanted == len(data):
        return data
    # The shards of a slice come one after another: they share one selection.
    key = (entry.data, wanted)
    if key not in experiment.selections:
        experiment.selections[key] = data.select(count=wanted, seed=experiment.config.seed)
    return experiment.selections[key]


def _first_to_spike(trial: Trial) -> int | None:
    """Return the class that the outputs name; None if none of them spikes."""
    output = trial.layers[-1]
    return int(output.neurons[0]) if output.neurons.size else None


def _about(experiment: Experiment, model: ModelConfig) -> dict[str, Any]:
    """Return what a result of a model belongs to, in words and numbers."""
    config = experiment.config
    objective = config.objective_of(model)
    remedies = training_settings(experiment, model).remedies
    constants = {key: value for key, value in objective.constants.items() if value is not None}
    remedies += [
        f"{key} = {constants[key]:g}" for key in READOUTS[objective.kind].remedies if constants.get(key, 0.0) > 0.0
    ]
    return constants | {
        "experiment": config.name,
        "model": model.name,
        "objective": objective.kind,
        "remedies": ", ".join(remedies) or "none",
        "model_seed": config.seed_of(model),
    }


def _about_slice(experiment: Experiment, model: ModelConfig, entry: SliceConfig) -> dict[str, Any]:
    source = experiment.config.data.source
    if entry.data == "test" and experiment.config.data.test_source is not None:
        source = experiment.config.data.test_source
    name = source.replace("\\", "/").rsplit("/", 1)[-1]
    return _about(experiment, model) | {
        "centre": entry.centre,
        "data": f"{name} ({entry.data} samples)",
    }


def _latest(values: dict[str, float]) -> str:
    parts = []
    if "train_loss" in values:
        parts.append(f"loss {values['train_loss']:.3f}")
    if "test_accuracy" in values:
        parts.append(f"test accuracy {values['test_accuracy']:.1%}")
    return ", ".join(parts)


def duration_text(seconds: float) -> str:
    """Return a time that something took, in words."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for n in shape:
        total *= n
    return total
