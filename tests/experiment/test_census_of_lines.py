"""The census of a line as a task of an experiment: what it leaves, what is not done again, interrupts and reasons."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from synthetic import tiny_experiment
from synthetic.noting import Noting, Stop
from synthetic.tiny_experiment import piece

from landscape.config import Config, ModelConfig
from landscape.errors import SimulationError
from landscape.experiment import Experiment, plan_of
from landscape.experiment.geometry import line_of
from landscape.experiment.tasks.census import CensusOfLine
from landscape.experiment.tasks.training import Training
from landscape.network import Network
from landscape.results import ResultFile, validate

FIELDS = ("position", "bracket", "loss", "jump", "sample", "time", "mechanism", "kind", "difference", "change_time")

#: The census in several parts.
PARTS = "jobs.shard_cost=0.03"


def tiny(*overrides: str) -> Config:
    return tiny_experiment.tiny(*tiny_experiment.CENSUS, *overrides)


def network_of(experiment: Experiment, model: ModelConfig) -> Network:
    """The trained network of a model."""
    found: Network = experiment.context.result(experiment.plan.of(Training, model)).best
    return found


def assert_same(one, other) -> None:
    for name in FIELDS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)
    assert one.transitions == other.transitions
    assert one.largest_continuous == other.largest_continuous


def test_the_result_file_holds_the_census_that_the_library_takes(with_census: Path) -> None:
    from landscape import find_discontinuities

    assert validate(with_census / "landscape.h5") == []
    result = ResultFile(with_census / "landscape.h5")
    assert result.census("lif", "plane") is None
    experiment = Experiment(tiny(), with_census)
    _, test = experiment.context.data
    for model in experiment.config.model:
        stored = result.census(model.name, "line")
        assert stored is not None
        directions = result.surface(model.name, "line").directions
        network = network_of(experiment, model)
        direct = find_discontinuities(network, directions, (-0.8, 0.8), test, experiment.context.objective(model))
        assert_same(stored, direct)
        assert stored.n_samples == 20
        assert "version_landscape" in stored.attributes
    assert len(result.census("lif", "line") or []) > 0
    assert len(result.census("qif", "line") or []) == 0


def test_a_second_analysis_computes_nothing_and_changes_nothing(censused: Path, computed: list[str]) -> None:
    before = tiny_experiment.contents(censused)
    progress = Noting()
    Experiment(tiny(), censused, progress=progress).analyze()
    assert computed == []
    assert tiny_experiment.contents(censused) == before
    (censused / "landscape.h5").unlink()
    Experiment(tiny(), censused, progress=progress).analyze()
    assert computed == []
    assert "lif: census of slice line done already" in progress.said


def test_a_census_is_added_to_a_folder_that_is_there(tmp_path: Path, computed: list[str]) -> None:
    Experiment(tiny("slice.line.census=false"), tmp_path / "r").analyze()
    computed.clear()
    Experiment(tiny(), tmp_path / "r").analyze()
    assert sorted(computed) == sorted(of_line("census", "anatomy", "fragments"))
    assert ResultFile(tmp_path / "r" / "landscape.h5").census("qif", "line") is not None
    computed.clear()
    Experiment(tiny("slice.line.census=false"), tmp_path / "r").analyze()
    assert computed == []
    assert ResultFile(tmp_path / "r" / "landscape.h5").census("qif", "line") is None


def of_line(*kinds: str) -> list[str]:
    return [f"{kind}.{model}.line" for kind in kinds for model in ("lif", "qif")]


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("slice.line.points=5", of_line("sweep", "fragments")),
        ("slice.line.gradient=none", of_line("sweep")),
        ("slice.line.census_samples=6", of_line("census", "anatomy", "fragments")),
        ("slice.line.range=[-0.4, 0.4]", of_line("sweep", "census", "anatomy", "fragments")),
        ("slice.line.seed=9", of_line("directions", "sweep", "census", "anatomy", "fragments")),
        ("slice.plane.points=2", ["sweep.lif.plane", "sweep.qif.plane"]),
    ],
)
def test_a_census_depends_on_the_line_and_its_samples_but_not_on_the_points(
    censused: Path, computed: list[str], override: str, expected: list[str]
) -> None:
    Experiment(tiny(override), censused).analyze()
    assert sorted(computed) == sorted(expected)
    assert validate(censused / "landscape.h5") == []


def test_a_census_needs_the_network_and_the_directions_only() -> None:
    plan = plan_of(tiny())
    model, entry = plan.config.model[0], plan.config.slice[1]
    census = plan.of(CensusOfLine, model, entry)
    assert [task.name for task in census.needs] == ["train.lif", "directions.lif.line"]
    assert [task.kind for task in plan.tasks].count("census") == 2
    assert line_of(entry) == (-0.8, 0.8)
    # The axis is shifted so that 0 is one of its four points, and the census is of what is swept.
    assert line_of(tiny("slice.line.points=4").slice[1]) == pytest.approx((-0.8 * 4 / 3, 0.8 * 2 / 3))


def test_some_samples_are_balanced_and_named(censused: Path) -> None:
    experiment = Experiment(tiny("slice.line.census_samples=6"), censused)
    experiment.analyze()
    result = ResultFile(censused / "landscape.h5")
    census, whole = result.census("lif", "line"), ResultFile(censused / "landscape.h5")
    assert census is not None
    assert census.n_samples == 6
    samples = census.samples
    _, test = experiment.context.data
    assert np.bincount(test.labels[samples]).tolist() == [2, 2, 2]
    Experiment(tiny(), censused).analyze()
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


def interrupted(censused: Path, config: Config) -> dict[Path, int]:
    """Interrupt the census of the LIF network anew; return its finished parts with when they were written."""
    piece(censused, "census.lif.line").unlink()
    (censused / "landscape.h5").unlink()
    with pytest.raises(KeyboardInterrupt):
        Experiment(config, censused, threads=1, progress=Stop("lif: census of line", 7)).analyze()
    (folder,) = (path for path in (censused / "pieces").glob("census.lif.line.*") if path.is_dir())
    return {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_an_interrupted_census_goes_on_after_its_last_finished_part(censused: Path, computed: list[str]) -> None:
    undisturbed = ResultFile(censused / "landscape.h5").census("lif", "line")
    config = tiny(PARTS)
    parts = interrupted(censused, config)
    n_parts = plan_of(config).of(CensusOfLine, config.model[0], config.slice[1]).n_parts
    assert 1 <= len(parts) < n_parts
    computed.clear()
    Experiment(config, censused).analyze()
    assert computed.count("census.lif.line") == n_parts - len(parts)
    assert {path: path.stat().st_mtime_ns for path in parts} == parts
    assert_same(ResultFile(censused / "landscape.h5").census("lif", "line"), undisturbed)


@pytest.mark.parametrize("damage", ["broken", "another network"])
def test_a_part_of_a_census_that_is_of_no_use_is_said_and_taken_again(
    censused: Path, computed: list[str], damage: str
) -> None:
    undisturbed = ResultFile(censused / "landscape.h5").census("lif", "line")
    config = tiny(PARTS)
    path = next(iter(interrupted(censused, config)))
    experiment = Experiment(config, censused)
    (part,) = (own for own in experiment.plan.pieces if own.file_name == f"{path.parent.name}/{path.name}")
    content = experiment.store.read(part)
    if damage == "broken":
        path.write_bytes(path.read_bytes()[:-300])
    else:
        other = piece(censused, "train.lif")
        whole = other.read_bytes()
        shutil.copy(piece(censused, "train.qif"), other)
        experiment.store.write(part, content, experiment.store.attributes(part))
        other.write_bytes(whole)
    computed.clear()
    progress = Noting()
    Experiment(config, censused, progress=progress).analyze()
    said = "damaged" if damage == "broken" else "made from another network or census than is there now"
    assert f"{part.file_name}: {said}, computed again" in progress.said
    assert_same(ResultFile(censused / "landscape.h5").census("lif", "line"), undisturbed)


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
    censused: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import landscape.fragmentation.census
    from landscape.report import write_report

    def refuse(*arguments, **options):
        raise SimulationError("sample 3 cannot be simulated on the whole line")

    monkeypatch.setattr(landscape.fragmentation.census, "find_discontinuities", refuse)
    progress = Noting()
    Experiment(tiny("slice.line.seed=9"), censused, progress=progress).analyze()
    reason = "sample 3 cannot be simulated on the whole line"
    assert f"census of slice line (lif): left out: {reason}" in progress.said
    result = ResultFile(censused / "landscape.h5")
    assert result.census("lif", "line") is None
    assert result.surface("lif", "line").attributes["census_skipped"] == reason
    assert validate(result.path) == []
    (censused / "figures").mkdir(exist_ok=True)
    (censused / "figures" / "none.png").touch()
    text = write_report(result.path, censused)[0].read_text(encoding="utf-8")
    assert f"LIF: no census was taken: {reason}." in text
