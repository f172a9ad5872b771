"""The census as a stage of an experiment: what it leaves, what is not done again, interrupts and reasons."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tiny_experiment
from noting import Noting

from landscape.config import Config, parse_config
from landscape.errors import SimulationError
from landscape.experiment import Experiment, Plan, Progress
from landscape.experiment import census as census_work
from landscape.experiment import work as stage_work
from landscape.experiment.geometry import line_of
from landscape.results import ResultFile, validate

LINE = ("slice.line.directions=random", "slice.line.range=[-0.8, 0.8]", "slice.line.census=true")
FIELDS = ("position", "bracket", "loss", "jump", "sample", "time", "mechanism", "kind", "difference", "change_time")


def tiny(*overrides: str) -> Config:
    return parse_config(tiny_experiment.TOML, origin="tiny.toml", overrides=[*LINE, *overrides])


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with everything measured; not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "tiny"
    Experiment(tiny(), folder).analyze()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(finished, tmp_path / "tiny"))


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pieces that are computed from here on."""
    names: list[str] = []

    def watch(module, function_name: str) -> None:
        original = getattr(module, function_name)

        def spy(experiment, piece, *rest):
            names.append("-".join(filter(None, (piece.kind, piece.model, piece.slice))))
            return original(experiment, piece, *rest)

        monkeypatch.setattr(module, function_name, spy)

    for function_name in ("train_model", "sweep_slice", "record_raster"):
        watch(stage_work, function_name)
    watch(census_work, "take_census")
    return names


def assert_same(one, other) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.transitions == other.transitions
    assert one.largest_continuous == other.largest_continuous


def test_the_result_file_holds_the_census_that_the_library_takes(finished: Path) -> None:
    from landscape import find_discontinuities

    assert validate(finished / "landscape.h5") == []
    result = ResultFile(finished / "landscape.h5")
    assert result.census("lif", "plane") is None
    experiment = Experiment(tiny(), finished)
    _, test = experiment.data
    for model in experiment.config.model:
        stored = result.census(model.name, "line")
        assert stored is not None
        directions = result.surface(model.name, "line").directions
        network = experiment.networks(model)["best"]
        direct = find_discontinuities(network, directions, (-0.8, 0.8), test, experiment.objective(model))
        assert_same(stored, direct)
        assert stored.n_samples == 20
        assert "version_landscape" in stored.attributes
    assert len(result.census("lif", "line") or []) > 0
    assert len(result.census("qif", "line") or []) == 0


def test_a_second_analysis_computes_nothing_and_changes_nothing(results: Path, computed: list[str]) -> None:
    before = tiny_experiment.contents(results)
    progress = Noting()
    Experiment(tiny(), results, progress=progress).analyze()
    assert computed == []
    assert tiny_experiment.contents(results) == before
    (results / "landscape.h5").unlink()
    Experiment(tiny(), results, progress=progress).analyze()
    assert computed == []
    assert "lif: census of slice line done already" in progress.said


def test_a_census_is_added_to_a_folder_that_is_there(tmp_path: Path, computed: list[str]) -> None:
    Experiment(tiny("slice.line.census=false"), tmp_path / "r").analyze()
    computed.clear()
    Experiment(tiny(), tmp_path / "r").analyze()
    assert computed == ["census-lif-line", "census-qif-line"]
    assert ResultFile(tmp_path / "r" / "landscape.h5").census("qif", "line") is not None
    Experiment(tiny("slice.line.census=false"), tmp_path / "r").analyze()
    assert ResultFile(tmp_path / "r" / "landscape.h5").census("qif", "line") is None


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("slice.line.points=5", ["sweep-lif-line", "sweep-qif-line"]),
        ("slice.line.gradient=none", ["sweep-lif-line", "sweep-qif-line"]),
        ("slice.line.census_samples=6", ["census-lif-line", "census-qif-line"]),
        ("slice.line.range=[-0.4, 0.4]", ["census-lif-line", "census-qif-line", "sweep-lif-line", "sweep-qif-line"]),
        ("slice.line.seed=9", ["census-lif-line", "census-qif-line", "sweep-lif-line", "sweep-qif-line"]),
        ("slice.plane.points=2", ["sweep-lif-plane", "sweep-qif-plane"]),
    ],
)
def test_a_census_depends_on_the_line_and_its_samples_but_not_on_the_points(
    results: Path, computed: list[str], override: str, expected: list[str]
) -> None:
    Experiment(tiny(override), results).analyze()
    assert sorted(computed) == sorted(expected)
    assert validate(results / "landscape.h5") == []


def test_a_census_needs_the_network_only() -> None:
    plan = Plan(tiny())
    model, entry = plan.config.model[0], plan.config.slice[1]
    assert plan.census(model, entry).needs == (plan.train(model).file_name,)
    assert [piece.kind for piece in plan.pieces()].count("census") == 2
    assert line_of(entry) == (-0.8, 0.8)
    # The axis is shifted so that 0 is one of its four points, and the census is of what is swept.
    assert line_of(tiny("slice.line.points=4").slice[1]) == pytest.approx((-0.8 * 4 / 3, 0.8 * 2 / 3))


def test_some_samples_are_balanced_and_named(results: Path) -> None:
    experiment = Experiment(tiny("slice.line.census_samples=6"), results)
    experiment.analyze()
    result = ResultFile(results / "landscape.h5")
    census, whole = result.census("lif", "line"), ResultFile(results / "landscape.h5")
    assert census is not None
    assert census.n_samples == 6
    samples = census.samples
    _, test = experiment.data
    assert np.bincount(test.labels[samples]).tolist() == [2, 2, 2]
    Experiment(tiny(), results).analyze()
    everything = whole.census("lif", "line")
    assert everything is not None
    assert everything.samples is None
    chosen = np.isin(everything.sample, samples)
    np.testing.assert_array_equal(everything.sample[chosen], samples[census.sample])
    np.testing.assert_array_equal(everything.jump[chosen], census.jump)


def test_more_samples_than_there_are_is_said(tmp_path: Path) -> None:
    progress = Noting()
    Experiment(tiny("slice.line.samples=5", "slice.line.census_samples=8"), tmp_path / "r", progress=progress).sweep()
    assert "slice line: census_samples = 8, but the slice has 5 samples; all are used" in progress.said


# --- interrupts ---


class Stop(Progress):
    """Interrupts the census after some samples, as Ctrl-C would."""

    def __init__(self, label: str, done: float) -> None:
        self.label, self.at, self.active = label, done, False

    def begin(self, label: str, total: float, unit: str) -> None:
        self.active = label == self.label

    def advance(self, done: float, note: str = "") -> None:
        if self.active and done >= self.at:
            self.active = False
            raise KeyboardInterrupt


def interrupted(results: Path) -> Path:
    """Interrupt the census of the LIF network anew; return the file that is left."""
    next((results / "pieces").glob("census-lif-line-*.h5")).unlink()
    (results / "landscape.h5").unlink()
    with pytest.raises(KeyboardInterrupt):
        Experiment(tiny(), results, threads=1, progress=Stop("lif: census of line", 7)).analyze()
    return next((results / "pieces").glob("census-lif-line-*.partial.h5"))


def test_an_interrupted_census_goes_on_where_it_stopped(results: Path) -> None:
    undisturbed = ResultFile(results / "landscape.h5").census("lif", "line")
    partial = interrupted(results)
    told: list[float] = []

    class Watch(Progress):
        def begin(self, label: str, total: float, unit: str) -> None:
            self.active = label == "lif: census of line"

        def advance(self, done: float, note: str = "") -> None:
            if self.active:
                told.append(done)

    Experiment(tiny(), results, progress=Watch()).analyze()
    assert told == list(range(7, 21))
    assert not partial.exists()
    resumed = ResultFile(results / "landscape.h5").census("lif", "line")
    assert_same(resumed, undisturbed)
    assert resumed is not None
    assert undisturbed is not None
    assert resumed.transitions == undisturbed.transitions


@pytest.mark.parametrize("damage", ["broken", "another line", "a column less"])
def test_a_partial_census_that_is_of_no_use_is_said_and_the_census_starts_anew(results: Path, damage: str) -> None:
    undisturbed = ResultFile(results / "landscape.h5").census("lif", "line")
    partial = interrupted(results)
    if damage == "broken":
        partial.write_bytes(partial.read_bytes()[:-300])
    else:
        with h5py.File(partial, "a") as file:
            if damage == "another line":
                file.attrs["origin"] = "0" * 16
            else:
                del file["loss"]
    progress = Noting()
    Experiment(tiny(), results, progress=progress).analyze()
    assert any(partial.name in line and "the census starts anew" in line for line in progress.said)
    assert not partial.exists()
    assert_same(ResultFile(results / "landscape.h5").census("lif", "line"), undisturbed)


# --- what cannot be done ---


def test_a_slice_that_is_skipped_has_no_census(tmp_path: Path) -> None:
    progress = Noting()
    # Nothing is learned: the best network is the initial one, and no line joins it to itself.
    config = tiny("training.learning_rate=1e-300", "slice.line.directions=line")
    for _ in range(2):
        Experiment(config, tmp_path / "r", progress=progress).analyze()
    result = ResultFile(tmp_path / "r" / "landscape.h5")
    assert set(result.skipped("lif")) == {"line"}
    assert validate(result.path) == []
    assert not any("census" in line for line in progress.said)


def test_a_census_that_cannot_be_taken_leaves_its_reason_and_everything_else(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import landscape.fragmentation.census
    from landscape.report import write_report

    def refuse(*arguments, **options):
        raise SimulationError("sample 3 cannot be simulated on the whole line")

    monkeypatch.setattr(landscape.fragmentation.census, "find_discontinuities", refuse)
    progress = Noting()
    Experiment(tiny("slice.line.seed=9"), results, progress=progress).analyze()
    reason = "sample 3 cannot be simulated on the whole line"
    assert f"census of slice line (lif): left out: {reason}" in progress.said
    result = ResultFile(results / "landscape.h5")
    assert result.census("lif", "line") is None
    assert result.surface("lif", "line").attributes["census_skipped"] == reason
    assert validate(result.path) == []
    (results / "figures").mkdir(exist_ok=True)
    (results / "figures" / "none.png").touch()
    text = write_report(result.path, results)[0].read_text(encoding="utf-8")
    assert f"LIF: no census was taken: {reason}." in text


# --- what is measured with a census ---


def test_all_models_are_seen_with_the_same_sample_the_one_that_tells_most(finished: Path) -> None:
    from landscape.fragmentation.anatomy import telling_sample

    result = ResultFile(finished / "landscape.h5")
    census = result.census("lif", "line")
    assert census is not None
    for model in ("lif", "qif"):
        seen = result.anatomy(model, "line")
        assert seen is not None
        assert seen.sample == telling_sample(census)
        assert (seen.position[0], seen.position[-1]) == (-0.8, 0.8)
        assert result.anatomy(model, "plane") is None
    assert result.anatomy("lif", "line").both_sides is not None


def test_anatomies_are_made_anew_where_a_census_is_another(results: Path) -> None:
    before = {path.name for path in (results / "pieces").glob("anatomy-*.h5")}
    Experiment(tiny("model.qif.seed=8"), results).analyze()
    after = {path.name for path in (results / "pieces").glob("anatomy-*.h5")}
    # Both: the sample is chosen by what was found for all models.
    assert len(after - before) == 2
    assert validate(results / "landscape.h5") == []


def test_the_anatomy_of_a_finished_census_is_drawn(results: Path) -> None:
    experiment = Experiment(tiny(), results)
    drawn = {path.stem for path in experiment.plot()}
    assert {"spikes_line", "potential_line"} <= drawn


def test_measures_are_of_the_samples_of_the_census(results: Path) -> None:
    from landscape.fragmentation import fragments, gradient_cosines, gradient_fidelity, sample_profile
    from landscape.report import write_report

    experiment = Experiment(tiny("slice.line.census_samples=6"), results)
    experiment.analyze()
    result = ResultFile(results / "landscape.h5")
    census, stored = result.census("lif", "line"), result.fragments("lif", "line")
    assert census is not None
    assert stored is not None
    assert result.fragments("lif", "plane") is None
    _, test = experiment.data
    surface = result.surface("lif", "line")
    lif = experiment.config.model[0]
    profile = sample_profile(
        experiment.networks(lif)["best"],
        surface.directions[0],
        surface.axes[0],
        test.select(indices=census.samples),
        experiment.objective(lif),
    )
    direct = fragments(census, profile, seed=experiment.config.seed)
    around = (test.select(indices=census.samples), experiment.objective(lif))
    line = (experiment.networks(lif)["best"], surface.directions[0])
    seed = experiment.config.seed
    cosines = gradient_cosines(*line, surface.axes[0], *around, direct.position, seed=seed)
    assert set(stored.estimates) == {*direct.estimates, *cosines}
    for name, estimate in (direct.estimates | cosines).items():
        np.testing.assert_array_equal(stored[name], estimate, err_msg=name)
    assert stored.fidelity is not None
    fidelity = gradient_fidelity(*line, (census.low, census.high), *around, seed=seed)
    np.testing.assert_array_equal(stored.fidelity.error, fidelity.error)
    np.testing.assert_array_equal(stored.fidelity.downhill_interval, fidelity.downhill_interval)
    assert validate(result.path) == []
    (results / "figures").mkdir(exist_ok=True)
    (results / "figures" / "none.png").touch()
    text = write_report(result.path, results)[0].read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith("| Summed jumps of the mean loss (nats) |"))
    assert "[" in row.split("|")[2]
    assert row.split("|")[3].strip() == "0"
    assert "| Median cosine between gradients at neighbouring points |" in text
    (head,) = [line for line in text.splitlines() if line.startswith("| Step |")]
    assert [cell.strip() for cell in head.split("|")[2:4]] == ["LIF: error", "LIF: downhill"]


def test_other_points_make_new_measures_and_no_new_anatomy(results: Path) -> None:
    before = {path.name for path in (results / "pieces").glob("*.h5")}
    Experiment(tiny("slice.line.points=5"), results).analyze()
    new = {path.name.rsplit("-", 1)[0] for path in (results / "pieces").glob("*.h5") if path.name not in before}
    assert new == {"sweep-lif-line", "sweep-qif-line", "fragments-lif-line", "fragments-qif-line"}


def test_the_census_of_a_plane_traces_its_curves(results: Path, computed: list[str]) -> None:
    from landscape.fragmentation import trace_curves

    plane = ("slice.plane.census=true", "slice.plane.census_samples=3", "slice.plane.census_points=3")
    experiment = Experiment(tiny(*plane), results)
    experiment.run()
    assert computed == []
    result = ResultFile(results / "landscape.h5")
    lif = experiment.config.model[0]
    curves, surface = result.curves("lif", "plane"), result.surface("lif", "plane")
    assert curves is not None
    assert result.curves("lif", "line") is None
    _, test = experiment.data
    chosen = test.select(indices=curves.samples)
    # The axis of four points is shifted, and the census is of what is swept.
    lines = [np.linspace(axis[0], axis[-1], 3) for axis in surface.axes]
    direct = trace_curves(
        experiment.networks(lif)["best"], surface.directions, lines, chosen, experiment.objective(lif)
    )
    for name in ("point", "jump", "mechanism", "region_area", "ambiguous"):
        np.testing.assert_array_equal(getattr(curves, name), getattr(direct, name), err_msg=name)
    qif = result.curves("qif", "plane")
    assert qif is not None
    assert (len(qif), qif.fragments) == (0, 1)
    assert validate(result.path) == []
    for name in ("curves_plane", "fragments_plane"):
        assert (results / "figures" / f"{name}.png").is_file()
    text = (results / "report.md").read_text(encoding="utf-8")
    assert f"| Fragments of the mean loss | {curves.fragments:,} | 1 |" in text
    before = tiny_experiment.contents(results)
    Experiment(tiny(*plane), results).run()
    assert tiny_experiment.contents(results) == before


@pytest.mark.parametrize("damage", ["none", "broken", "another plane", "a column less"])
def test_interrupted_curves_go_on_where_they_stopped(
    finished: Path, results: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    import landscape.fragmentation.plane_lines as lines

    config = tiny("slice.plane.census=true", "slice.plane.census_samples=2", "slice.plane.census_points=2")
    search, searched, most = lines.Plane._search, [], 3

    def count(self: lines.Plane, *arguments: Any) -> lines.FoundOnLine:
        if len(searched) == most:
            raise KeyboardInterrupt
        searched.append((type(self.network.neuron).__name__, *arguments[:3]))
        return search(self, *arguments)

    monkeypatch.setattr(lines.Plane, "_search", count)
    with pytest.raises(KeyboardInterrupt):
        Experiment(config, results).analyze()
    before, searched, most = searched, [], -1
    partial = next((results / "pieces").glob("curves-lif-plane-*.partial.h5"))
    if damage == "broken":
        partial.write_bytes(partial.read_bytes()[:-300])
    elif damage != "none":
        with h5py.File(partial, "a") as file:
            if damage == "another plane":
                file.attrs["origin"] = "0" * 16
            else:
                del file["jump"]
    progress = Noting()
    Experiment(config, results, progress=progress).analyze()
    assert not partial.exists()
    assert any("traced anew" in line for line in progress.said) == (damage != "none")
    assert set(before) & set(searched) == (set() if damage == "none" else set(before))
    undisturbed = Path(shutil.copytree(finished, results.parent / "undisturbed"))
    Experiment(config, undisturbed).analyze()
    for model in ("lif", "qif"):
        one, other = (ResultFile(folder / "landscape.h5").curves(model, "plane") for folder in (results, undisturbed))
        assert one is not None
        assert other is not None
        for name in ("point", "jump", "mechanism", "joint", "region_area", "ambiguous"):
            np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


def test_a_plane_that_cannot_be_simulated_throughout_says_so(results: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import landscape.fragmentation

    def refuse(*arguments, **options):
        raise SimulationError("sample 2 cannot be simulated on the whole line")

    monkeypatch.setattr(landscape.fragmentation, "trace_curves", refuse)
    progress = Noting()
    Experiment(tiny("slice.plane.census=true"), results, progress=progress).analyze()
    reason = "sample 2 cannot be simulated on the whole line"
    assert f"census of slice plane (lif): left out: {reason}" in progress.said
    result = ResultFile(results / "landscape.h5")
    assert result.curves("lif", "plane") is None
    assert result.surface("lif", "plane").attributes["census_skipped"] == reason
    assert validate(result.path) == []


def test_a_study_is_merged_before_everything_is_measured(results: Path) -> None:
    from landscape.jobs import merge

    for kind in ("anatomy", "fragments"):
        next((results / "pieces").glob(f"{kind}-lif-line-*.h5")).unlink()
    merged = merge(Experiment(tiny(), results))
    assert [name.rsplit("-", 1)[0] for name in merged.missing] == ["anatomy-lif-line", "fragments-lif-line"]
    result = ResultFile(results / "landscape.h5")
    assert (result.anatomy("lif", "line"), result.fragments("lif", "line")) == (None, None)
    for found in (result.census("lif", "line"), result.anatomy("qif", "line"), result.fragments("qif", "line")):
        assert found is not None
    assert validate(result.path) == []
    Experiment(tiny(), results).analyze()
    assert result.anatomy("lif", "line") is not None
    assert merge(Experiment(tiny(), results)).complete
