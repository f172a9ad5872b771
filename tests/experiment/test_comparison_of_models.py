"""The comparison of models as tasks of an experiment: what it leaves, what is not done again, and what is missing."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from stored_arrays import arrays_of
from synthetic import studies, tiny_experiment
from synthetic.noting import Noting, Stop

from landscape.errors import SimulationError
from landscape.experiment import Experiment, plan_of
from landscape.experiment.tasks import comparison as tasks
from landscape.experiment.tasks.comparison import ComparedLines
from landscape.experiment.tasks.training import Training
from landscape.jobs import compute_pieces, merge, stages, study_status
from landscape.report import write_report
from landscape.results import ResultFile, validate
from landscape.slices.surface import Status
from landscape_cli.commands import cli

# The package has a function of the same name.
library = importlib.import_module("landscape.fragmentation.compare")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder with everything measured; not to be changed."""
    folder = tmp_path_factory.mktemp("finished") / "pairs"
    Experiment(studies.compared(), folder, threads=2).analyze()
    return folder


@pytest.fixture
def results(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to change."""
    return Path(shutil.copytree(finished, tmp_path / "pairs"))


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """The lines that are measured from here on, as pair of networks and number."""
    lines: list[tuple[int, int]] = []
    original = library.measure_line

    def spy(*arguments, **options):
        lines.append(options["number"])
        return original(*arguments, **options)

    monkeypatch.setattr(tasks, "measure_line", spy)
    return lines


def lines_of(folder: Path) -> dict[str, tuple[int, int]]:
    return {
        name: own for name, own in studies.identities(folder).items() if name.startswith("compared.") and "/" in name
    }


def reported(folder: Path) -> str:
    """The report, without figures."""
    (folder / "figures").mkdir(exist_ok=True)
    (folder / "figures" / "none.png").touch()
    return write_report(folder / "landscape.h5", folder)[0].read_text(encoding="utf-8")


def test_the_result_file_holds_what_the_library_finds(finished: Path) -> None:
    assert validate(finished / "landscape.h5") == []
    stored = ResultFile(finished / "landscape.h5").comparison
    assert stored is not None
    experiment = Experiment(studies.compared(), finished)
    networks: dict[str, list] = {"lif": [], "qif": []}
    for models in experiment.config.pairs:
        for own, model in zip(networks.values(), models, strict=True):
            own.append(experiment.context.result(experiment.plan.of(Training, model)).best)
    _, test = experiment.context.data
    direct = library.compare(
        networks,
        test.select(count=6, seed=3),
        experiment.context.objective(experiment.config.model[0]),
        directions=2,
        bounds=(-0.2, 0.2),
        points=11,
        resamples=99,
        seed=3,
        threads=1,
    )
    for name, column in arrays_of(direct).items():
        np.testing.assert_array_equal(arrays_of(stored)[name], column, err_msg=name)
    assert stored.status is not None
    assert (stored.status == Status.DONE).all()
    assert np.any(stored["discontinuities_per_length_of_samples"].mean[0] > 0.0)
    assert stored.attributes["first_networks"] == ["lif_seed1", "lif_seed2"]
    assert stored.attributes["second_networks"] == ["qif_seed1", "qif_seed2"]
    assert stored.attributes["n_samples"] == 6
    assert "version_landscape" in stored.attributes


def test_networks_for_the_comparison_alone_give_the_same_and_are_not_in_the_result_file(
    finished: Path, tmp_path: Path
) -> None:
    alone = ["model.lif.seeds=", "model.qif.seeds=", "model.lif.seed=1", "model.qif.seed=1"]
    config = studies.compared(*alone, "comparison.network_seeds=[1, 2]")
    Experiment(config, tmp_path / "alone", threads=2).run()
    assert validate(tmp_path / "alone" / "landscape.h5") == []
    file = ResultFile(tmp_path / "alone" / "landscape.h5")
    assert list(file.models) == ["lif", "qif"]
    stored, expected = file.comparison, ResultFile(finished / "landscape.h5").comparison
    assert stored is not None
    assert expected is not None
    for name, column in arrays_of(expected).items():
        np.testing.assert_array_equal(arrays_of(stored)[name], column, err_msg=name)
    assert stored.attributes["first_networks"] == ["lif", "lif_seed2"]
    trained = [task.model.name for task in plan_of(config).tasks if isinstance(task, Training)]
    assert trained == ["lif", "qif", "lif_seed2", "qif_seed2"]


def test_a_second_analysis_measures_nothing_and_changes_nothing(results: Path, measured: list) -> None:
    before = tiny_experiment.contents(results)
    progress = Noting()
    Experiment(studies.compared(), results).analyze()
    assert tiny_experiment.contents(results) == before
    (results / "landscape.h5").unlink()
    Experiment(studies.compared(), results, progress=progress).analyze()
    assert measured == []
    assert "comparison of lif and qif: done already" in progress.said
    assert any(line.startswith("Whether QIF is less fragmented than LIF is not stated") for line in progress.said)


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("comparison.level=0.9", []),
        ("comparison.resamples=50", []),
        ("comparison.primary=total_jump", []),
        ("comparison.directions=1", []),
        ("comparison.directions=3", [(0, 2), (0, 2), (1, 2), (1, 2)]),
        ("comparison.seed=8", 2 * [(0, 0), (0, 1), (1, 0), (1, 1)]),
        ("comparison.points=5", 2 * [(0, 0), (0, 1), (1, 0), (1, 1)]),
        ("comparison.samples=5", 2 * [(0, 0), (0, 1), (1, 0), (1, 1)]),
        ("model.qif.training.epochs=1", [(0, 0), (0, 1), (1, 0), (1, 1)]),
    ],
)
def test_a_changed_key_measures_only_the_lines_that_depend_on_it(
    results: Path, measured: list, override: str, expected: list
) -> None:
    Experiment(studies.compared(override), results).analyze()
    assert sorted(measured) == sorted(expected)
    assert validate(results / "landscape.h5") == []


def test_a_comparison_is_added_to_a_folder_and_taken_away_again(tmp_path: Path, measured: list) -> None:
    Experiment(studies.compared("comparison="), tmp_path / "r").analyze()
    assert measured == []
    assert ResultFile(tmp_path / "r" / "landscape.h5").comparison is None
    Experiment(studies.compared(), tmp_path / "r").analyze()
    assert len(measured) == 8
    assert ResultFile(tmp_path / "r" / "landscape.h5").comparison is not None
    Experiment(studies.compared("comparison="), tmp_path / "r").analyze()
    assert ResultFile(tmp_path / "r" / "landscape.h5").comparison is None


def forget(results: Path, network: str) -> None:
    """Remove the lines around a network and all that is made from them."""
    for path in (results / "pieces").glob(f"compared.{network}.*"):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in (results / "pieces").glob("comparison.*.h5"):
        path.unlink()
    (results / "landscape.h5").unlink(missing_ok=True)


def lose(results: Path, network: str, line: int) -> Path:
    """Remove what is made from a line; return the line's file."""
    for path in (results / "pieces").glob(f"compared.{network}.*.h5"):
        path.unlink()
    for path in (results / "pieces").glob("comparison.*.h5"):
        path.unlink()
    (folder,) = (results / "pieces").glob(f"compared.{network}.*")
    return folder / f"{line:05d}.h5"


def test_an_interrupted_comparison_goes_on_and_measures_no_finished_line_again(
    results: Path, finished: Path, measured: list
) -> None:
    forget(results, "lif_seed1")
    forget(results, "qif_seed2")
    kept = lines_of(results)
    assert len(kept) == 4
    for network, at in (("lif_seed1", 0.5), ("lif_seed1", 1.5), ("qif_seed2", 1.5)):
        with pytest.raises(KeyboardInterrupt):
            Experiment(studies.compared(), results, threads=1, progress=Stop(f"{network}: comparison", at)).analyze()
        now = lines_of(results)
        assert {name: now[name] for name in kept} == kept
        kept = now
    assert len(kept) == 7
    measured.clear()
    Experiment(studies.compared(), results).analyze()
    assert len(measured) == 1
    now = lines_of(results)
    assert {name: now[name] for name in kept} == kept
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_lines_computed_elsewhere_in_any_order_give_the_same(results: Path, finished: Path) -> None:
    forget(results, "*")
    tasks = Experiment(studies.compared(), results).plan.tasks
    lines = [part for task in tasks if isinstance(task, ComparedLines) for part in task.parts]
    for number in (1, 0):
        compute_pieces(Experiment(studies.compared(), results, threads=1), lines[number::2][::-1])
    assert merge(Experiment(studies.compared(), results)).complete
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_an_unfinished_comparison_is_merged_with_what_is_there_and_says_so(results: Path, finished: Path) -> None:
    lose(results, "qif_seed2", 1).unlink()
    damaged = lose(results, "lif_seed1", 0)
    damaged.write_bytes(damaged.read_bytes()[:-100])
    experiment = Experiment(studies.compared(), results)
    merged = merge(experiment)
    assert len([name for name in merged.missing if "/" in name]) == 2
    assert list(merged.problems) == [f"{damaged.parent.name}/00000.h5"]
    assert validate(results / "landscape.h5") == []
    part, whole = (ResultFile(folder / "landscape.h5").comparison for folder in (results, finished))
    assert part is not None
    assert whole is not None
    assert np.argwhere(part.status == Status.PENDING).tolist() == [[0, 0, 0], [1, 1, 1]]
    assert part["total_jump"].directions == 2
    there = part.status == Status.DONE
    np.testing.assert_array_equal(part.values["total_jump"][there], whole.values["total_jump"][there])
    text = reported(results)
    assert "Not finished: 2 of 8 lines are not measured yet" in text
    experiment.analyze()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_a_study_without_any_line_is_merged_without_a_comparison(results: Path) -> None:
    forget(results, "*")
    merge(Experiment(studies.compared(), results))
    assert ResultFile(results / "landscape.h5").comparison is None
    assert validate(results / "landscape.h5") == []


def test_a_line_that_cannot_be_simulated_is_left_out_with_its_reason(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = library.measure_line
    reason = "sample 3 cannot be simulated on the whole line"

    def refuse(network, *arguments, **options):
        if options["number"] == (1, 0) and type(network.neuron).__name__ == "LIF":
            raise SimulationError(reason)
        return original(network, *arguments, **options)

    monkeypatch.setattr(tasks, "measure_line", refuse)
    progress = Noting()
    experiment = Experiment(studies.compared("comparison.seed=4"), results, progress=progress)
    experiment.analyze()
    assert f"lif_seed2: line 0 of the comparison: left out: {reason}" in progress.said
    found = ResultFile(results / "landscape.h5").comparison
    assert found is not None
    assert np.argwhere(found.status == Status.FAILED).tolist() == [[0, 1, 0]]
    assert all(np.isnan(values[0, 1, 0]) for values in found.values.values())
    assert found.attributes["left_out"] == [f"lif_seed2, line 0: {reason}"]
    assert found["total_jump"].directions == 3
    assert validate(results / "landscape.h5") == []
    text = reported(results)
    assert f"1 of 8 lines could not be measured; their pairs are left out: lif_seed2, line 0: {reason}." in text


def test_lines_are_parts_that_need_the_network_only() -> None:
    def lines(*overrides: str) -> set[str]:
        tasks = plan_of(studies.compared(*overrides)).tasks
        return {part.file_name for task in tasks if isinstance(task, ComparedLines) for part in task.parts}

    plan = plan_of(studies.compared())
    assert len(lines()) == 8
    for task in plan.tasks:
        if isinstance(task, ComparedLines):
            for part in task.parts:
                assert part.needs == (plan.of(Training, task.model).whole.file_name,)
                assert part.cost > 0.0
    kinds = [{piece.group.split(".")[0] for piece in stage} for stage in stages(plan.pieces)]
    assert kinds == [{"train"}, {"raster", "compared"}, {"compared"}, {"comparison"}]
    assert lines() < lines("comparison.directions=3")
    assert not lines() & lines("comparison.centre=final")


def test_plan_and_status_show_the_lines_of_each_network(results: Path, tmp_path: Path) -> None:
    path = studies.write(tmp_path, studies.COMPARED)
    done = CliRunner().invoke(cli, ["plan", str(path)])
    assert done.exit_code == 0, done.output
    (row,) = (line.split() for line in done.stdout.splitlines() if " compared.qif_seed1 parts " in line)
    assert row[3] == "2"
    lose(results, "qif_seed2", 1).unlink()
    groups = {group.name: group for group in study_status(Experiment(studies.compared(), results)).groups}
    assert (groups["compared.qif_seed2 parts"].done, groups["compared.qif_seed2 parts"].total) == (1, 2)
    assert groups["compared.lif_seed1 parts"].missing == 0
    shown = CliRunner().invoke(cli, ["info", str(results)])
    assert "comparison/" in shown.stdout


def test_more_samples_than_there_are_is_said(results: Path) -> None:
    progress = Noting()
    Experiment(studies.compared("comparison.samples=30"), results, progress=progress).context.preflight()
    assert "comparison: samples = 30, but there are 20 test samples; all are used" in progress.said


def test_a_run_draws_the_comparison_and_reports_it_with_its_interval(results: Path) -> None:
    experiment = Experiment(studies.compared(), results)
    experiment.run()
    assert (results / "figures" / "comparison.png").is_file()
    text = (results / "report.md").read_text(encoding="utf-8")
    found = ResultFile(results / "landscape.h5").comparison
    assert found is not None
    assert "### LIF and QIF compared" in text
    assert f"**{found.verdict_on('LIF', 'QIF')}**" in text
    assert "figures/comparison.png" in text
    row = next(line for line in text.splitlines() if line.startswith("| Discontinuities of a sample's loss per unit"))
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert len(cells) == 11
    assert cells[2] == "0"
    assert "[" in cells[3]
    assert cells[-2:] == ["2", "4"]
    before = tiny_experiment.contents(results)
    experiment.run()
    assert tiny_experiment.contents(results) == before
