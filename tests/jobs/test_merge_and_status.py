"""What there is of a study: merging it, telling how far it is, plotting it while it runs; the plan; locks."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from synthetic import studies

from landscape.errors import ResultFileError, SimulationError
from landscape.experiment import Experiment, FolderInUseError, plan_of
from landscape.experiment.activity import Activity
from landscape.jobs import bundled, compute_pieces, merge, stages, study_status
from landscape.results import ResultFile, validate
from landscape.slices.surface import Status
from landscape_cli.commands import cli

PLANE = "sweep.qif_seed1.plane"
#: A plane is not put together, and six of its parts are missing.
SOME_OF_A_PLANE = (f"{PLANE}.*.h5", f"{PLANE}.*/0000[2-7].h5")


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


# --- the plan ---


def test_stages_hold_nothing_that_needs_their_own_and_bundles_everything_once() -> None:
    pieces = plan_of(studies.study()).pieces
    staged = stages(pieces)
    assert [{(piece.task.partition(".")[0], piece.part is not None) for piece in stage} for stage in staged] == [
        {("train", False)},
        {("raster", False), ("directions", False)},
        {("sweep", True)},
        {("sweep", False)},
    ]
    before: set[str] = set()
    for stage in staged:
        assert all(set(piece.needs) <= before for piece in stage)
        before |= {piece.file_name for piece in stage}
        for count in (1, 3, 7, 1000):
            bundles = bundled(stage, count)
            assert len(bundles) == min(count, len(stage))
            assert sorted(p.file_name for b in bundles for p in b) == sorted(p.file_name for p in stage)
            loads = [sum(piece.cost for piece in bundle) for bundle in bundles]
            assert max(loads) - min(loads) <= max(piece.cost for piece in stage) + 1e-12


def test_the_plan_lists_pieces_what_they_need_and_what_they_cost(tmp_path: Path) -> None:
    path = studies.write(tmp_path)
    done = invoke("plan", path, "--out", tmp_path / "r")
    assert done.exit_code == 0, done.output
    assert "sweep.qif_seed2.plane parts" in done.stdout
    assert "pieces, about" in done.stdout.splitlines()[-1]
    every = invoke("plan", path, "--every-piece")
    assert len(every.stdout.splitlines()) == len(plan_of(studies.study()).pieces) + 2
    assert not (tmp_path / "r").exists()


# --- merging ---


def test_a_finished_study_is_merged_to_what_a_run_makes(results: Path, finished: Path) -> None:
    studies.remove(results, "sweep.*.h5")
    merged = merge(Experiment(studies.study(), results))
    assert merged.complete
    assert merged.changed
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")
    before = (results / "landscape.h5").read_bytes()
    assert not merge(Experiment(studies.study(), results)).changed
    assert (results / "landscape.h5").read_bytes() == before


def test_missing_points_of_an_unfinished_study_are_pending(results: Path, finished: Path) -> None:
    studies.remove(results, *SOME_OF_A_PLANE, "sweep.qif_seed2.line.*.h5", "sweep.qif_seed2.line.*/*.h5")
    studies.remove(results, "directions.qif_seed2.line.*", "raster.*")
    merged = merge(Experiment(studies.study(), results))
    assert not merged.complete
    assert validate(results / "landscape.h5") == []
    part, whole = (ResultFile(folder / "landscape.h5") for folder in (results, finished))
    surface, full = part.surface("qif_seed1", "plane"), whole.surface("qif_seed1", "plane")
    pending = surface.status == Status.PENDING
    assert 0 < pending.sum() < pending.size
    np.testing.assert_array_equal(surface.loss[~pending], full.loss[~pending])
    assert np.isnan(surface.loss[pending]).all()
    assert part.slices("qif_seed2") == ["plane"]
    assert not merge(Experiment(studies.study(), results)).changed
    Experiment(studies.study(), results).analyze()
    studies.assert_same_data(results / "landscape.h5", finished / "landscape.h5")


def test_a_slice_in_one_piece_that_is_missing_is_not_computed_by_a_merge(results: Path) -> None:
    studies.remove(results, f"{PLANE}.*.h5", f"{PLANE}.*/*.h5")
    experiment = Experiment(studies.study("jobs.shard_cost=1000.0"), results)
    plane = studies.task_of(experiment.plan, PLANE).whole
    assert merge(experiment).missing == [plane.file_name]
    assert not experiment.store.path(plane).exists()
    assert ResultFile(results / "landscape.h5").slices("qif_seed1") == ["line"]


def test_an_unfinished_study_can_be_plotted_and_reported(results: Path) -> None:
    studies.remove(results, "sweep.*.h5", SOME_OF_A_PLANE[1], "train.qif_seed2.*", "raster.qif_seed2.*")
    studies.remove(results, "sweep.qif_seed1.line.*/*.h5", "directions.qif_seed2.*")
    experiment = Experiment(studies.study(), results)
    merge(experiment)
    assert all(path.is_file() for path in [*experiment.plot(), *experiment.report()])


def test_a_damaged_part_is_named_and_not_merged(results: Path) -> None:
    studies.remove(results, f"{PLANE}.*.h5")
    path = studies.parts_of(results, PLANE)[3]
    studies.flip_a_bit(path)
    done = invoke("merge", studies.write(results.parent), "--out", results)
    assert done.exit_code == 0, done.output
    assert "left out" in done.stderr
    assert f"{path.parent.name}/00003.h5" in done.stderr
    assert (ResultFile(results / "landscape.h5").surface("qif_seed1", "plane").status == Status.PENDING).any()


def test_a_part_of_another_experiment_is_refused_by_name(results: Path) -> None:
    studies.remove(results, f"{PLANE}.*.h5")
    path = studies.parts_of(results, PLANE)[3]
    path.write_bytes(studies.parts_of(results, "sweep.qif_seed2.plane")[3].read_bytes())
    done = invoke("merge", studies.write(results.parent), "--out", results)
    assert done.exit_code == 2
    assert f"{path.parent.name}/00003.h5: belongs to another experiment" in done.stderr
    assert not (results / "landscape.h5").exists()


def test_a_part_of_another_version_is_refused_by_name(results: Path) -> None:
    import h5py

    from landscape.h5.files import replace_file

    studies.remove(results, f"{PLANE}.*.h5")
    path = studies.parts_of(results, PLANE)[3]
    with replace_file(path, copy=True) as file:
        assert isinstance(file, h5py.File)
        file.attrs["format_version"] = 99
    with pytest.raises(ResultFileError, match=r"00003\.h5: is of format version 99"):
        merge(Experiment(studies.study(), results))


def test_nothing_is_merged_from_nothing(tmp_path: Path) -> None:
    with pytest.raises(ResultFileError, match="nothing is finished yet"):
        merge(Experiment(studies.study(), tmp_path / "r"))
    assert not (tmp_path / "r" / "landscape.h5").exists()


def test_a_study_can_be_merged_and_plotted_while_it_runs(results: Path) -> None:
    studies.remove(results, *SOME_OF_A_PLANE)
    running = Experiment(studies.study(), results)
    with running.folder.locked():
        other = Experiment(studies.study(), results)
        assert not merge(other).complete
        assert other.plot()
        with pytest.raises(FolderInUseError, match=f"process {os.getpid()}"):
            other.sweep()


# --- status ---


def test_the_status_counts_what_is_there_running_failed_and_missing(results: Path) -> None:
    studies.remove(results, *SOME_OF_A_PLANE)
    experiment = Experiment(studies.study(), results)
    parts = studies.task_of(experiment.plan, PLANE).parts
    with (
        pytest.raises(SimulationError),
        Activity(results / "jobs").at(parts[4].file_name),
    ):
        raise SimulationError("sample 3 cannot be simulated")
    with experiment.activity.at(parts[2].file_name):
        now = study_status(experiment)
        text = now.table()
    (group,) = (group for group in now.groups if group.name == f"{PLANE} parts")
    assert (group.running, group.failed, group.missing) == (1, 1, 4)
    assert group.done == group.total - 6
    assert now.workers[0].pid == os.getpid()
    assert "sample 3 cannot be simulated" in text
    assert f"{socket.gethostname()}, process {os.getpid()}" in text
    assert study_status(experiment).workers == []
    assert now.seconds_left is not None
    experiment.sweep()
    assert study_status(experiment).failures == []


def test_those_who_were_killed_do_not_count_as_running(results: Path) -> None:
    workers = results / "jobs" / "workers"
    workers.mkdir(parents=True, exist_ok=True)
    record = {"piece": "x", "started": 0.0, "job": "", "start": "", "since": ""}
    here = record | {"host": socket.gethostname(), "pid": 2**22 + 1}
    (workers / "a.json").write_text(json.dumps(here), encoding="utf-8")
    (workers / "b.json").write_text(json.dumps(record | {"host": "elsewhere", "pid": 1}), encoding="utf-8")
    (workers / "c.json").write_text("{", encoding="utf-8")
    assert [w.host for w in Activity(results / "jobs").workers()] == ["elsewhere"]
    os.utime(workers / "b.json", (time.time() - 1000, time.time() - 1000))
    assert Activity(results / "jobs").workers() == []


def test_watching_a_finished_study_ends_at_once(results: Path) -> None:
    done = invoke("status", studies.write(results.parent), "--out", results, "--watch", "--interval", "0.1")
    assert done.exit_code == 0, done.output
    assert "116 of 116 pieces are there" in done.stdout


# --- locks ---


def test_a_lock_left_by_a_crash_is_no_obstacle(results: Path) -> None:
    owner = {"host": socket.gethostname(), "pid": 2**22 + 1, "start": "", "since": "2026-01-01 00:00:00"}
    (results / ".lock-owner").write_text(json.dumps(owner), encoding="utf-8")
    Experiment(studies.study(), results).sweep()
    assert not (results / ".lock-owner").exists()


def test_where_the_file_system_has_no_locks_the_record_of_the_owner_tells(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno
    import fcntl

    def refuse(handle: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    path = results / ".lock-owner"
    owner = {"host": "elsewhere", "pid": 1, "start": "", "since": "2026-01-01 00:00:00"}
    path.write_text(json.dumps(owner), encoding="utf-8")
    with pytest.raises(FolderInUseError, match="host elsewhere, process 1"):
        Experiment(studies.study(), results).sweep()
    os.utime(path, (time.time() - 1000, time.time() - 1000))
    Experiment(studies.study(), results).sweep()


def test_processes_that_share_the_folder_keep_out_one_that_wants_it_alone(results: Path) -> None:
    one, other = (Experiment(studies.study(), results) for _ in range(2))
    with one.folder.shared():
        assert compute_pieces(other, other.plan.pieces) == 12
        with pytest.raises(FolderInUseError, match="another run is at work"):
            other.run()


def test_a_piece_that_fails_is_recorded_and_the_others_are_computed(
    results: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from landscape.experiment.tasks.sweep import Sweep

    studies.remove(results, "sweep.*.line.*.h5", "sweep.*.line.*/00000.h5")
    original = Sweep.compute

    def fail(task, context, part):
        if task.model.name == "qif_seed1":
            raise SimulationError("too many spikes")
        return original(task, context, part)

    monkeypatch.setattr(Sweep, "compute", fail)
    experiment = Experiment(studies.study(), results)
    with pytest.raises(SimulationError, match=r"2 pieces failed; the first: sweep\.qif_seed1\.line"):
        compute_pieces(experiment, experiment.plan.pieces)
    (failure,) = study_status(experiment).failures[:1]
    assert "too many spikes" in failure.message
    assert list((results / "pieces").glob("sweep.qif_seed2.line.*.h5"))
