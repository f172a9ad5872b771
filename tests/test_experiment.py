"""Stages of an experiment: what they leave, what they do not do again, and what a failure leaves alone."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import tiny_experiment
from noting import Noting

from landscape.config import Config, parse_config
from landscape.errors import ConfigError, DataError, DirectionError, InputError, ResultFileError
from landscape.experiment import Experiment, FolderInUseError, Plan, Progress, prepare_data
from landscape.experiment import work as stage_work
from landscape.experiment.geometry import axis
from landscape.results import ResultFile, validate


def tiny(*overrides: str) -> Config:
    return parse_config(tiny_experiment.TOML, origin="tiny.toml", overrides=overrides)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with everything done; not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "tiny"
    Experiment(tiny(), folder).run()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(finished, tmp_path / "tiny"))


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pieces that are computed from here on."""
    names: list[str] = []

    def watch(function_name: str) -> None:
        original = getattr(stage_work, function_name)

        def spy(experiment, piece, *rest):
            names.append("-".join(filter(None, (piece.kind, piece.model, piece.slice))))
            return original(experiment, piece, *rest)

        monkeypatch.setattr(stage_work, function_name, spy)

    for function_name in ("train_model", "sweep_slice", "record_raster"):
        watch(function_name)
    return names


@pytest.fixture
def quick_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures that are only empty files, where the test is not about how they look."""
    import landscape.figures
    import landscape.report

    def draw_all(path, folder, formats):
        folder.mkdir(exist_ok=True)
        names = [f"profiles_{name}" for name in ResultFile(path).slices("lif")]
        files = [folder / f"{name}.{kind}" for name in names for kind in formats]
        for file in files:
            file.touch()
        return files

    monkeypatch.setattr(landscape.figures, "draw_all", draw_all)
    monkeypatch.setattr(landscape.report, "write_report", lambda *arguments: [])


class Stop(Progress):
    """Interrupts the work after a number of steps, as Ctrl-C would."""

    def __init__(self, label: str, done: float) -> None:
        self.label, self.at, self.active = label, done, False

    def begin(self, label: str, total: float, unit: str) -> None:
        self.active = label == self.label

    def advance(self, done: float, note: str = "") -> None:
        if self.active and done >= self.at:
            self.active = False
            raise KeyboardInterrupt


# --- what a run leaves ---


def test_a_run_leaves_a_valid_result_file_figures_a_report_and_the_resolved_experiment(
    finished: Path,
) -> None:
    assert validate(finished / "landscape.h5") == []
    result = ResultFile(finished / "landscape.h5")
    assert result.models == ["lif", "qif"]
    assert result.slices("lif") == ["plane", "line"]
    assert (finished / "report.md").is_file()
    assert (finished / "report.html").is_file()
    assert list((finished / "figures").glob("*.png"))
    assert (finished / "config.toml").read_text(encoding="utf-8") == tiny().to_toml()


def test_the_result_file_says_where_it_comes_from(finished: Path) -> None:
    attributes = ResultFile(finished / "landscape.h5").attributes
    assert attributes["config"] == tiny().to_toml()
    assert attributes["seed"] == 3
    assert len(attributes["data_hash"]) == 64
    surface = ResultFile(finished / "landscape.h5").surface("qif", "plane")
    assert surface.attributes["model"] == "qif"
    assert surface.attributes["remedies"] == "none"
    assert surface.attributes["centre"] == "best"
    assert surface.attributes["n_samples"] == 20
    assert "yin-yang" in surface.attributes["data"]


def test_remedies_are_named_in_every_result(tmp_path: Path) -> None:
    config = tiny("model.lif.training.missing_spike_increase=0.01", "slice.plane.points=2", "training.epochs=1")
    Experiment(config, tmp_path / "r").analyze()
    result = ResultFile(tmp_path / "r" / "landscape.h5")
    for slice_name in ("plane", "line"):
        assert "missing_spike_increase = 0.01" in result.surface("lif", slice_name).attributes["remedies"]
        assert result.surface("qif", slice_name).attributes["remedies"] == "none"
    training = result.training("lif")
    assert training is not None
    assert training.settings["missing_spike_increase"] == 0.01


def test_a_surface_has_the_shape_the_axes_and_the_centre_that_were_asked_for(finished: Path) -> None:
    result = ResultFile(finished / "landscape.h5")
    for model in ("lif", "qif"):
        plane = result.surface(model, "plane")
        assert plane.shape == (7, 4)
        assert plane.done.all()
        centre = tuple(int(np.flatnonzero(coordinates == 0.0)[0]) for coordinates in plane.axes)
        line = result.surface(model, "line")
        at_best = int(np.flatnonzero(line.axes[0] == 0.0)[0])
        assert line.loss[at_best] == plane.loss[centre]


def test_the_line_passes_through_the_initial_network(finished: Path) -> None:
    from landscape.evaluation import evaluate

    experiment = Experiment(tiny(), finished)
    surface = ResultFile(finished / "landscape.h5").surface("qif", "line")
    networks = experiment.networks(experiment.config.model[1])
    _, test = experiment.data
    expected = evaluate(networks["initial"], test, experiment.objective(experiment.config.model[1]))
    start = int(np.argmin(np.abs(surface.axes[0] + 1.0)))
    assert surface.axes[0][start] == -1.0
    assert surface.loss[start] == pytest.approx(expected.loss, rel=1e-9)


# --- what is not done again ---


def test_a_second_run_computes_nothing_and_changes_nothing(results: Path, computed: list[str]) -> None:
    before = tiny_experiment.contents(results)
    files = Experiment(tiny(), results).run()
    assert computed == []
    assert tiny_experiment.contents(results) == before
    assert all(path.is_file() for path in files)
    assert results / "report.html" in files


def test_a_second_run_does_not_load_the_compiler(results: Path) -> None:
    path = tiny_experiment.write(results.parent)
    code = (
        "import sys\n"
        "from landscape.config import load_config\n"
        "from landscape.experiment import Experiment\n"
        f"Experiment(load_config({str(path)!r}), {str(results)!r}).run()\n"
        "sys.exit(any(name in sys.modules for name in ('numba', 'matplotlib', 'scipy')))\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=60)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("slice.plane.points=[4, 7]", ["sweep-lif-plane", "sweep-qif-plane"]),
        ("slice.line.range=[-1.0, 0.5]", ["sweep-lif-line", "sweep-qif-line"]),
        ("figures.raster_sample=1", ["raster-lif", "raster-qif"]),
        ("model.qif.training.epochs=1", ["train-qif", "sweep-qif-plane", "sweep-qif-line", "raster-qif"]),
        ("description=other words", []),
        ("slice.line.name=renamed", ["sweep-lif-renamed", "sweep-qif-renamed"]),
    ],
)
def test_a_changed_key_makes_only_what_depends_on_it_again(
    results: Path, computed: list[str], override: str, expected: list[str]
) -> None:
    Experiment(tiny(override), results).analyze()
    assert sorted(computed) == sorted(expected)
    assert validate(results / "landscape.h5") == []
    assert (results / "config.toml").read_text(encoding="utf-8") == tiny(override).to_toml()


def test_going_back_to_an_earlier_experiment_finds_its_pieces(results: Path, computed: list[str]) -> None:
    before = ResultFile(results / "landscape.h5").surface("lif", "plane").loss
    Experiment(tiny("slice.plane.points=3"), results).analyze()
    computed.clear()
    Experiment(tiny(), results).analyze()
    assert computed == []
    np.testing.assert_array_equal(ResultFile(results / "landscape.h5").surface("lif", "plane").loss, before)


def test_a_damaged_piece_is_computed_again(results: Path, computed: list[str]) -> None:
    piece = next((results / "pieces").glob("sweep-lif-plane-*.h5"))
    good = ResultFile(piece).surface("lif").loss
    piece.write_bytes(piece.read_bytes()[: piece.stat().st_size // 2])
    (results / "landscape.h5").unlink()
    Experiment(tiny(), results).analyze()
    assert computed == ["sweep-lif-plane"]
    np.testing.assert_array_equal(ResultFile(piece).surface("lif").loss, good)


def test_figures_that_the_experiment_has_no_more_are_removed(results: Path, quick_figures: None) -> None:
    own = results / "figures" / "mine.txt"
    own.write_text("kept", encoding="utf-8")
    assert (results / "figures" / "profiles_line.png").is_file()
    Experiment(tiny("slice.line.name=cut"), results).run()
    assert not (results / "figures" / "profiles_line.png").exists()
    assert (results / "figures" / "profiles_cut.png").is_file()
    assert own.is_file()


def test_ids_depend_on_content_and_not_on_where_the_data_lie(tmp_path: Path) -> None:
    first, second = tmp_path / "a.h5", tmp_path / "b.h5"
    for path in (first, second):
        path.write_bytes(b"the same samples")
    plans = [Plan(tiny(f"data.source={path}")) for path in (first, second)]
    assert plans[0].pieces() == plans[1].pieces()
    second.write_bytes(b"other samples")
    changed = Plan(tiny(f"data.source={second}"))
    assert not {piece.id for piece in changed.pieces()} & {piece.id for piece in plans[0].pieces()}


def test_pieces_come_after_those_they_need() -> None:
    seen: set[str] = set()
    pieces = Plan(tiny()).pieces()
    for piece in pieces:
        assert set(piece.needs) <= seen
        seen.add(piece.file_name)
    assert len(seen) == len(pieces) == 8


# --- interrupts ---


def test_an_interrupted_sweep_goes_on_where_it_stopped(results: Path, computed: list[str]) -> None:
    undisturbed = ResultFile(results / "landscape.h5").surface("lif", "plane")
    next((results / "pieces").glob("sweep-lif-plane-*.h5")).unlink()
    with pytest.raises(KeyboardInterrupt):
        Experiment(tiny(), results, threads=1, progress=Stop("lif: plane", 10)).sweep()
    partial = next((results / "pieces").glob("sweep-lif-plane-*.partial.h5"))
    finished = ResultFile(partial).surface("lif").done.sum()
    assert 10 <= finished < 28
    first_told: list[float] = []

    class Watch(Progress):
        def advance(self, done: float, note: str = "") -> None:
            first_told.append(done)

    Experiment(tiny(), results, progress=Watch()).sweep()
    assert first_told[0] == finished
    assert not partial.exists()
    resumed = ResultFile(next((results / "pieces").glob("sweep-lif-plane-*.h5"))).surface("lif")
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


def test_a_broken_partial_sweep_does_not_keep_the_sweep_from_starting_again(results: Path) -> None:
    piece = next((results / "pieces").glob("sweep-lif-plane-*.h5"))
    piece.rename(piece.with_name(piece.name.replace(".h5", ".partial.h5"))).write_bytes(b"\x89HDF\r\n\x1a\nbroken")
    Experiment(tiny(), results).sweep()
    assert piece.is_file()


def test_an_interrupted_training_keeps_what_it_reached(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        Experiment(tiny("training.epochs=50"), tmp_path / "r", progress=Stop("lif: training", 3)).train()
    (kept,) = (tmp_path / "r" / "pieces").glob("train-lif-*.partial.h5")
    training = ResultFile(kept).training("lif")
    assert training is not None
    assert training.interrupted
    assert len(training.history["epoch"]) >= 3
    assert not list((tmp_path / "r" / "pieces").glob("train-lif-????????????????.h5"))
    said: list[str] = []

    class Listen(Progress):
        def say(self, text: str) -> None:
            said.append(text)

    Experiment(tiny("training.epochs=50"), tmp_path / "r", progress=Listen()).train()
    assert "lif: an interrupted training is there; it starts anew" in said
    assert not kept.exists()


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


def test_plotting_without_a_result_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match="landscape run tiny"):
        Experiment(tiny(), tmp_path / "r").plot()
    with pytest.raises(ResultFileError, match="landscape run tiny"):
        Experiment(tiny(), tmp_path / "r").report()


def test_a_result_file_of_another_version_is_refused_and_left_as_it_is(results: Path) -> None:
    import h5py

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
    import h5py

    piece = next((results / "pieces").glob("sweep-lif-line-*.h5"))
    whole = ResultFile(results / "landscape.h5").surface("lif", "line").loss
    piece.write_bytes(piece.read_bytes()[:-1000])
    progress = Noting()
    Experiment(tiny(), results, progress=progress).run()
    assert any("damaged, computed again" in line and piece.name in line for line in progress.said)
    np.testing.assert_array_equal(ResultFile(results / "landscape.h5").surface("lif", "line").loss, whole)
    with h5py.File(piece, "r+") as file:
        file.attrs["format_version"] = np.int64(99)
    with pytest.raises(ResultFileError, match=re.escape(piece.name)):
        Experiment(tiny(), results).run()


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


# --- the folder ---


def test_two_runs_in_one_folder_are_kept_apart(results: Path) -> None:
    code = (
        "import sys\n"
        "from landscape.experiment.folder import ResultsFolder\n"
        f"with ResultsFolder({str(results)!r}).locked():\n"
        "    print('locked', flush=True)\n"
        "    sys.stdin.read()\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        with pytest.raises(FolderInUseError, match=rf"process {other.pid}"):
            Experiment(tiny(), results).run()
        other.kill()
    # The killed process left the note of who it is, but no lock.
    assert (results / ".lock-owner").is_file()
    Experiment(tiny(), results).run()
    assert not (results / ".lock-owner").exists()


@contextmanager
def unprivileged() -> Iterator[None]:
    """Root may write anywhere; be somebody else while the block runs."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_a_read_only_folder_is_refused(finished: Path) -> None:
    with tempfile.TemporaryDirectory() as parent:
        os.chmod(parent, 0o755)
        results = Path(shutil.copytree(finished, Path(parent) / "tiny"))
        for folder in (results, results / "pieces"):
            folder.chmod(0o555)
        (results / ".lock").chmod(0o444)
        before = tiny_experiment.contents(results)
        experiments = [Experiment(tiny(), results), Experiment(tiny(), results / "new")]
        for experiment in experiments:
            assert experiment.plan.pieces()
        with unprivileged():
            for experiment in experiments:
                with pytest.raises(InputError, match=r"cannot write to this results folder.*--out"):
                    experiment.run()
        assert tiny_experiment.contents(results) == before
        results.chmod(0o755)
        (results / "pieces").chmod(0o755)


# --- geometry ---


@pytest.mark.parametrize(
    ("low", "high", "points", "expected"),
    [
        (-1, 1, 3, [-1, 0, 1]),
        (-1, 1, 4, [-4 / 3, -2 / 3, 0, 2 / 3]),
        (0, 1, 3, [0, 0.5, 1]),
        (-1, 0, 3, [-1, -0.5, 0]),
        (-1.5, 0.5, 5, [-1.5, -1, -0.5, 0, 0.5]),
        (-1, 1, 1, [0]),
        (-1, 1, 2, [-2, 0]),
    ],
)
def test_the_centre_is_on_every_axis_that_spans_it(low: float, high: float, points: int, expected) -> None:
    coordinates = axis(low, high, points)
    np.testing.assert_allclose(coordinates, expected, atol=1e-15)
    if low <= 0 <= high:
        assert 0.0 in coordinates


def test_an_odd_axis_is_exactly_symmetric() -> None:
    coordinates = axis(-0.3, 0.3, 31)
    np.testing.assert_array_equal(coordinates, -coordinates[::-1])


# --- data ---


def test_samples_are_prepared_in_trial_units() -> None:
    config = parse_config(
        tiny_experiment.TOML,
        overrides=[
            "data.source=digits",
            "data.samples=12",
            "data.test_samples=6",
            "data.classes=[3, 1]",
            "data.channels=35",
            "data.bins=8",
            "data.normalize_time=true",
            "data.span=2.0",
            "data.offset=0.5",
        ],
    )
    train, test = prepare_data(config)
    assert (len(train), len(test)) == (12, 6)
    for data in (train, test):
        assert data.n_classes == 2
        assert data.n_channels == 35
        assert data.times.min() == 0.5
        assert data.times.max() == 0.5 + 7 * 0.25
        assert set(np.unique(data.times)) <= {0.5 + 0.25 * step for step in range(8)}


def test_bins_without_normalisation_divide_the_trial() -> None:
    train, _ = prepare_data(tiny("data.bins=8", "data.time_scale=10.0"))
    assert train.times.max() > 4.0
    np.testing.assert_array_equal(np.mod(train.times, 0.5), 0.0)


def test_training_and_test_samples_differ_and_depend_on_the_seed() -> None:
    train, test = prepare_data(tiny())
    assert (len(train), len(test)) == (40, 20)
    assert not {tuple(sample.times) for sample in train} & {tuple(sample.times) for sample in test}
    again, _ = prepare_data(tiny())
    other, _ = prepare_data(tiny("seed=4"))
    assert again.content_hash() == train.content_hash() != other.content_hash()


def test_a_test_file_with_fewer_classes_gets_those_of_the_training_file(tmp_path: Path) -> None:
    from landscape.datasets import digits

    data = digits()
    data.select(count=40, seed=1).save(tmp_path / "train.h5")
    some = data.select(classes=[0, 1], relabel=True, count=4)
    some.save(tmp_path / "test.h5")
    files = [f"data.source={tmp_path / 'train.h5'}", f"data.test_source={tmp_path / 'test.h5'}"]
    sizes = ["data.samples=40", "data.test_samples=4"]
    train, test = prepare_data(tiny(*files, *sizes))
    assert train.n_classes == test.n_classes == 20
    swapped = [f"data.test_source={tmp_path / 'train.h5'}", f"data.source={tmp_path / 'test.h5'}"]
    with pytest.raises(DataError, match=r"20 classes, the training file only 2"):
        prepare_data(tiny(*swapped))


# --- gradients ---


def test_exact_derivatives_agree_with_finite_differences(finished: Path) -> None:
    checks = Experiment(tiny(), finished).check(slice_name="line", points=2, samples=5)
    assert len(checks) == 2
    for result in checks:
        assert result.agrees
        assert result.relative_error.shape == (2, 6)
        assert "agree" in result.table()


def test_a_check_without_results_uses_untrained_networks_and_writes_nothing(tmp_path: Path) -> None:
    (result,) = Experiment(tiny("slice.line.directions=random"), tmp_path / "r").check("qif", "line", points=1)
    assert "untrained" in result.name
    assert result.agrees
    assert not (tmp_path / "r").exists()


def test_a_wrong_derivative_is_told() -> None:
    from landscape.experiment import GradientCheck

    one = np.ones(1)
    check = GradientCheck("x", (1e-4, 1e-5), one, one, one, np.array([[1.1, 1.1001]]))
    assert not check.agrees
    assert "DISAGREE" in check.table()


def test_an_unknown_model_or_slice_to_check_is_named(tmp_path: Path) -> None:
    experiment = Experiment(tiny(), tmp_path / "r")
    with pytest.raises(ConfigError, match="no model 'qfi'; did you mean 'qif'"):
        experiment.check("qfi")
    with pytest.raises(ConfigError, match="no slice 'plain'; did you mean 'plane'"):
        experiment.check(slice_name="plain")


@pytest.mark.parametrize(
    "directions",
    [
        "gradient",
        "pca",
        "['pca', 'pca']",
        "['random', 'gradient']",
        "{kind = 'weight', layer = 1, post = 2, pre = 3}",
    ],
)
def test_every_kind_of_direction_makes_a_slice(results: Path, directions: str) -> None:
    config = tiny(f"slice.line.directions={directions}", "slice.line.points=2")
    Experiment(config, results).sweep()
    path = results / "pieces" / Plan(config).sweep(config.model[1], config.slice[1]).file_name
    surface = ResultFile(path).surface("qif")
    gram = surface.directions.gram
    np.testing.assert_allclose(gram - np.diag(np.diag(gram)), 0.0, atol=1e-9 * gram.max())
    assert surface.done.all()


def test_directions_can_come_from_a_file(results: Path) -> None:
    import h5py

    stored = ResultFile(results / "landscape.h5").surface("qif", "plane").directions
    path = results.parent / "directions.h5"
    with h5py.File(path, "w") as file:
        for layer in range(2):
            file[f"weights_{layer}"] = np.stack([direction[layer] for direction in stored])
    config = tiny(f"slice.plane.directions=['file:{path}', 'file:{path}']", "slice.plane.points=2")
    model = config.model[1]
    Experiment(config, results).sweep()
    found = ResultFile(results / "pieces" / Plan(config).sweep(model, config.slice[0]).file_name).surface("qif")
    np.testing.assert_allclose(found.directions.vectors, stored.vectors, rtol=1e-12)


def test_records_of_figures_that_are_damaged_are_ignored(results: Path, quick_figures: None) -> None:
    record = results / "pieces" / "figures.json"
    assert json.loads(record.read_text(encoding="utf-8"))["files"]
    record.write_text("[", encoding="utf-8")
    Experiment(tiny(), results).run()
    assert json.loads(record.read_text(encoding="utf-8"))["files"]


def test_an_experiment_needs_no_slices(tmp_path: Path, quick_figures: None) -> None:
    text = tiny_experiment.TOML.split("[[slice]]")[0] + '[figures]\nformats = ["png"]\n'
    Experiment(parse_config(text, overrides=["training.epochs=1"]), tmp_path / "r").run()
    assert validate(tmp_path / "r" / "landscape.h5") == []


def test_names_of_kinds_of_pieces_are_names_as_others() -> None:
    names = ["lif", "directions-lif", "shards-lif", "census-lif"]
    tables = [f'[[model]]\nname = "{name}"\nneuron = "lif"\n' for name in names]
    tables += ['[[slice]]\nname = "line"\ndirections = "random"\npoints = 5\ncensus = true\n[jobs]\nmax_shards = 2\n']
    config = parse_config("\n".join(tables), default_name="named", overrides=["jobs.shard_cost=0.001"])
    pieces = Plan(config).pieces()
    files = [piece.file_name.lower() for piece in pieces]
    assert len(set(files)) == len(files)
    assert {piece.kind for piece in pieces} >= {"directions", "shard", "census-directions", "census-shard"}
    for piece in pieces:
        if piece.kind == "anatomy":
            assert piece.sources == piece.needs


def test_input_errors_are_all_of_one_kind() -> None:
    assert issubclass(ConfigError, InputError)
