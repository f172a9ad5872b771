"""What a failure or an interrupt leaves of an experiment: what was there before, and the parts that were finished."""

from __future__ import annotations

import os
import re
from pathlib import Path

import h5py
import numpy as np
import pytest
from synthetic import tiny_experiment
from synthetic.noting import Noting, Stop
from synthetic.tiny_experiment import piece, tiny

from landscape.errors import ConfigError, DataError, DirectionError, InputError, ResultFileError
from landscape.experiment import Experiment, Progress
from landscape.h5.files import replace_file
from landscape.results import ResultFile, validate
from landscape.slices.surface import Surface

#: The plane in several parts.
PARTS = "jobs.shard_cost=0.002"


def surface_of(experiment: Experiment, model: int, entry: int) -> Surface:
    """What the file of a slice holds."""
    from landscape.experiment.tasks.sweep import Sweep

    config = experiment.config
    found = experiment.context.result(experiment.plan.of(Sweep, config.model[model], config.slice[entry]))
    assert isinstance(found, Surface)
    return found


class Told(Progress):
    """Keeps what is told of the work under way, by its label."""

    def __init__(self) -> None:
        self.told: dict[str, list[float]] = {}

    def begin(self, label: str, total: float, unit: str) -> None:
        self.current = self.told.setdefault(label, [])

    def advance(self, done: float, note: str = "") -> None:
        self.current.append(done)


# --- interrupts ---


def test_an_interrupted_sweep_goes_on_after_its_last_finished_part(results: Path, computed: list[str]) -> None:
    undisturbed = ResultFile(results / "landscape.h5").surface("lif", "plane")
    config = tiny(PARTS)
    piece(results, "sweep.lif.plane").unlink()
    with pytest.raises(KeyboardInterrupt):
        Experiment(config, results, threads=1, progress=Stop("lif: plane", 10)).sweep()
    (folder,) = (path for path in (results / "pieces").glob("sweep.lif.plane.*") if path.is_dir())
    parts = {path.name: path.stat() for path in folder.iterdir()}
    (task,) = (task for task in Experiment(config, results).plan.tasks if task.name == "sweep.lif.plane")
    assert 1 <= len(parts) < task.n_parts
    computed.clear()
    told = Told()
    Experiment(config, results, progress=told).sweep()
    assert computed.count("sweep.lif.plane") == task.n_parts - len(parts)
    assert told.told["lif: plane"][-1] == 28
    for name, before in parts.items():
        after = (folder / name).stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    resumed = surface_of(Experiment(config, results), 0, 0)
    for name in (
        "loss",
        "accuracy",
        "directional_derivative",
        "gradient_norm",
        "spike_count",
        "silent",
        "status",
    ):
        np.testing.assert_array_equal(getattr(resumed, name), getattr(undisturbed, name))


def test_a_damaged_part_does_not_keep_the_sweep_from_going_on(results: Path, computed: list[str]) -> None:
    config = tiny(PARTS)
    whole = piece(results, "sweep.lif.plane")
    undisturbed = surface_of(Experiment(config, results), 0, 0)
    whole.unlink()
    Experiment(config, results).sweep()
    (folder,) = (path for path in (results / "pieces").glob("sweep.lif.plane.*") if path.is_dir())
    whole.unlink()
    (folder / "00001.h5").write_bytes(b"\x89HDF\r\n\x1a\nbroken")
    computed.clear()
    progress = Noting()
    Experiment(config, results, progress=progress).sweep()
    assert computed == ["sweep.lif.plane"]
    assert f"{folder.name}/00001.h5: damaged, computed again" in progress.said
    np.testing.assert_array_equal(surface_of(Experiment(config, results), 0, 0).loss, undisturbed.loss)


def test_an_interrupted_training_leaves_nothing_and_starts_anew(tmp_path: Path, computed: list[str]) -> None:
    with pytest.raises(KeyboardInterrupt):
        Experiment(tiny("training.epochs=50"), tmp_path / "r", progress=Stop("lif: training", 3)).train()
    assert list((tmp_path / "r" / "pieces").iterdir()) == []
    computed.clear()
    Experiment(tiny("training.epochs=4"), tmp_path / "r").train()
    assert computed == ["train.lif", "train.qif"]


# --- failures leave earlier results alone ---


@pytest.mark.parametrize(
    ("override", "error"),
    [
        ("data.source=nowhere.h5", ConfigError),
        ("data.classes=[0, 9]", DataError),
        ("data.channels=99", DataError),
        ("data.test_source=yin-yang", ConfigError),
        ("slice.plane.directions=['file:nowhere.h5', 'random']", DirectionError),
        ("slice.line.directions={kind = 'weight', layer = 0, post = 99, pre = 0}", DirectionError),
        ("slice.line.directions=['line', 'line']", ConfigError),
        ("figures.raster_sample=500", ConfigError),
    ],
)
def test_an_error_leaves_earlier_results_as_they_were(results: Path, override: str, error: type[Exception]) -> None:
    before = tiny_experiment.contents(results)
    with pytest.raises(error):
        Experiment(tiny(override), results).run()
    after = tiny_experiment.contents(results)
    assert {name: after[name] for name in before} == before


def test_a_missing_data_file_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"data\.source: no file 'nowhere\.h5'.*--set data\.source=PATH"):
        Experiment(tiny("data.source=nowhere.h5"), tmp_path / "r").run()
    assert not (tmp_path / "r").exists()


def test_a_pipe_or_folder_in_the_place_of_a_data_file_is_named_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, what in (("pipe", "a pipe"), ("", "a folder")):
        with pytest.raises(ConfigError, match=rf"data\.test_source: {tmp_path / name} ?: cannot be read \(is {what}"):
            Experiment(tiny(f"data.test_source={tmp_path / name}"), tmp_path / "r").train()
    assert not (tmp_path / "r").exists()


def test_plotting_without_a_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match="landscape run tiny"):
        Experiment(tiny(), tmp_path / "r").plot()
    with pytest.raises(ResultFileError, match="landscape run tiny"):
        Experiment(tiny(), tmp_path / "r").report()


def test_a_result_file_of_another_version_is_refused_and_left_as_it_is(results: Path) -> None:
    with h5py.File(results / "landscape.h5", "r+") as file:
        file.attrs["format_version"] = np.int64(99)
    before = tiny_experiment.contents(results)
    for stage in (Experiment.run, Experiment.train, Experiment.sweep, Experiment.analyze, Experiment.plot):
        with pytest.raises(ResultFileError, match=r"landscape\.h5: is of format version 99"):
            stage(Experiment(tiny(), results))
    assert tiny_experiment.contents(results) == before


@pytest.mark.parametrize("content", [b"", b"no HDF5 file", "truncated"])
def test_a_damaged_result_file_is_refused_and_left_as_it_is(results: Path, content: bytes | str) -> None:
    path = results / "landscape.h5"
    path.write_bytes(content if isinstance(content, bytes) else path.read_bytes()[:-2000])
    before = tiny_experiment.contents(results)
    with pytest.raises(ResultFileError, match="choose another --out or remove it"):
        Experiment(tiny(), results).run()
    assert tiny_experiment.contents(results) == before


def test_a_damaged_piece_is_computed_again_and_one_of_another_version_refused(results: Path) -> None:
    path = piece(results, "sweep.lif.line")
    whole = ResultFile(results / "landscape.h5").surface("lif", "line").loss
    path.write_bytes(path.read_bytes()[:-1000])
    progress = Noting()
    Experiment(tiny(), results, progress=progress).run()
    assert any("damaged, computed again" in line and path.name in line for line in progress.said)
    np.testing.assert_array_equal(ResultFile(results / "landscape.h5").surface("lif", "line").loss, whole)
    with h5py.File(path, "r+") as file:
        file.attrs["format_version"] = np.int64(99)
    with pytest.raises(ResultFileError, match=re.escape(path.name)):
        Experiment(tiny(), results).run()


@pytest.mark.parametrize(
    ("attributes", "named"),
    [
        ({"host": 5}, "'host' is 5, not of type str"),
        ({"data_hash": [1.0, 2.0]}, "'data_hash' is"),
        ({"reason": "too long"}, "'order' is None, not of type int"),
        ({"reason": 7, "order": 0}, "'reason' is 7, not of type str"),
        ({"piece": "../../elsewhere"}, "belongs to another experiment"),
    ],
)
def test_a_piece_of_somebody_else_that_says_odd_things_of_itself_is_refused_by_name(
    results: Path, attributes: dict[str, object], named: str
) -> None:
    path = piece(results, "sweep.lif.line")
    with replace_file(path, copy=True) as file:
        file.attrs.update(attributes)
    with pytest.raises(ResultFileError, match=rf"{re.escape(path.name)}: .*{named}"):
        Experiment(tiny(), results).analyze()


def test_a_slice_whose_direction_cannot_be_made_is_skipped_and_said(tmp_path: Path) -> None:
    progress = Noting()
    # Nothing is learned: the best network is the initial one, and no line joins it to itself.
    experiment = Experiment(tiny("training.learning_rate=1e-300"), tmp_path / "r", progress=progress)
    experiment.run()
    assert any(line.startswith("slice line (lif): skipped: ") for line in progress.said)
    result = ResultFile(tmp_path / "r" / "landscape.h5")
    assert set(result.skipped("lif")) == {"line"}
    assert result.slices("lif") == ["plane"]
    assert validate(tmp_path / "r" / "landscape.h5") == []
    assert "skipped" in (tmp_path / "r" / "report.md").read_text()


def test_a_damaged_piece_alone_is_computed_again(results: Path, computed: list[str]) -> None:
    path = piece(results, "sweep.lif.plane")
    good = ResultFile(results / "landscape.h5").surface("lif", "plane").loss
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    (results / "landscape.h5").unlink()
    Experiment(tiny(), results).analyze()
    assert computed == ["sweep.lif.plane"]
    np.testing.assert_array_equal(surface_of(Experiment(tiny(), results), 0, 0).loss, good)


def test_input_errors_are_all_of_one_kind() -> None:
    assert issubclass(ConfigError, InputError)
