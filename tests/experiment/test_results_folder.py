"""A results folder of somebody else: nothing in it keeps a run away for ever, and nothing leads out of it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from synthetic import tiny_experiment
from synthetic.tiny_experiment import tiny

from landscape.errors import InputError
from landscape.experiment import Experiment
from landscape.experiment.activity import Activity, this_process
from landscape.experiment.drawn import drawn_figures, is_reported, remember_drawn, remember_report
from landscape.experiment.folder import FolderInUseError, ResultsFolder
from landscape.jobs import merge

HOST = socket.gethostname()
#: What may stand in a file in the place of a record.
ODD = ["5", "[]", "{}", "null", "\x00", "[" * 100_000, '{"files": 5}', '{"files": [[1], null, 7, {}, ""]}']
ODD += ['{"drawn_from": "x", "files": {"a.png": 5}, "report": 5}']


def record_file(folder: Path) -> Path:
    path = folder / "pieces" / "figures.json"
    path.parent.mkdir(exist_ok=True)
    return path


def a_figure(folder: Path, name: str) -> Path:
    path = folder / "figures" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"drawn")
    return path


# --- the record of figures ---


def test_figures_that_are_drawn_no_more_are_removed_and_those_that_are_there_are_known(tmp_path: Path) -> None:
    folder = ResultsFolder(tmp_path)
    old, new = a_figure(tmp_path, "profiles_a.png"), a_figure(tmp_path, "profiles_b.png")
    record_file(tmp_path)
    remember_drawn(folder, "first", [old, new])
    said: list[str] = []
    assert drawn_figures(folder, "first", said.append) == [old, new]
    assert drawn_figures(folder, "other", said.append) is None
    remember_drawn(folder, "second", [new])
    assert drawn_figures(folder, "second", said.append) == [new]
    assert not old.exists()
    assert said == []
    new.write_bytes(b"drown")
    assert drawn_figures(folder, "second", said.append) is None
    assert said == ["profiles_b.png: changed since it was made, made again"]
    new.unlink()
    assert drawn_figures(folder, "second", said.append) is None


def test_pages_of_a_report_are_known_until_they_or_the_figures_change(tmp_path: Path) -> None:
    folder, page = ResultsFolder(tmp_path), tmp_path / "report.md"
    page.write_text("told")
    record_file(tmp_path)
    said: list[str] = []
    remember_report(folder, [page])
    assert not is_reported(folder, [page], said.append)
    remember_drawn(folder, "first", [])
    remember_report(folder, [page])
    assert is_reported(folder, [page], said.append)
    assert said == []
    page.write_text("sold")
    assert not is_reported(folder, [page], said.append)
    assert said == ["report.md: changed since it was made, made again"]
    remember_report(folder, [page])
    remember_drawn(folder, "second", [])
    assert not is_reported(folder, [page], said.append)


def test_only_figures_in_the_folder_of_the_figures_are_removed_whatever_the_record_names(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    folder.mkdir()
    own = a_figure(folder, "a.png")
    spared = [folder / "landscape.h5", folder / "top.png", folder / "figures" / "notes.txt", tmp_path / "thesis.png"]
    for path in spared:
        path.write_text("precious")
    link = folder / "figures" / "link.png"
    link.symlink_to(tmp_path / "thesis.png")
    names = [str(path) for path in spared] + [os.path.relpath(path, folder / "figures") for path in spared]
    names += ["link.png", ".", "..", "", "../figures/a.png", "figures/a.png", ".png", "a\x00.png", "x" * 5000 + ".png"]
    record_file(folder).write_text(json.dumps({"drawn_from": "x", "files": dict.fromkeys(names, "")}))
    assert drawn_figures(ResultsFolder(folder), "x", print) is None
    remember_drawn(ResultsFolder(folder), "y", [])
    assert all(path.read_text() == "precious" for path in spared)
    assert link.is_symlink()
    assert own.exists()


@pytest.mark.parametrize("content", ODD, ids=lambda content: content[:8])
def test_a_record_of_figures_of_any_content_means_that_they_are_to_be_drawn(tmp_path: Path, content: str) -> None:
    record_file(tmp_path).write_text(content)
    assert drawn_figures(ResultsFolder(tmp_path), "x", print) is None
    remember_drawn(ResultsFolder(tmp_path), "x", [])
    assert drawn_figures(ResultsFolder(tmp_path), "x", print) == []


# --- who is at work ---


@pytest.mark.parametrize("pid", [0, -1, 1, 2**31, 10**30, "1", None, [1], 1.5, True])
@pytest.mark.parametrize("more", [{"start": "1"}, {}])
def test_an_owner_that_is_no_living_process_keeps_nobody_away(
    tmp_path: Path, pid: object, more: dict[str, str]
) -> None:
    owner = {"host": HOST, "pid": pid, "since": "x"} | more
    (tmp_path / ".lock-owner").write_text(json.dumps(owner))
    with ResultsFolder(tmp_path).locked():
        assert json.loads((tmp_path / ".lock-owner").read_text())["pid"] == os.getpid()


@pytest.mark.parametrize("content", ODD, ids=lambda content: content[:8])
def test_an_owner_of_any_content_keeps_nobody_away(tmp_path: Path, content: str) -> None:
    (tmp_path / ".lock-owner").write_text(content)
    with ResultsFolder(tmp_path).locked():
        pass


def test_an_owner_on_another_machine_keeps_others_away_for_a_while_only(tmp_path: Path) -> None:
    path = tmp_path / ".lock-owner"
    path.write_text(json.dumps({"host": "elsewhere", "pid": 5, "since": "x"}))
    with pytest.raises(FolderInUseError, match="host elsewhere, process 5"), ResultsFolder(tmp_path).locked():
        pass
    os.utime(path, (time.time() + 10**8,) * 2)
    with ResultsFolder(tmp_path).locked():
        pass


@pytest.mark.parametrize("name", [".lock", ".lock-result"])
@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_what_cannot_be_locked_is_named_and_not_waited_for(tmp_path: Path, name: str, kind: str) -> None:
    path, precious = tmp_path / "results" / name, tmp_path / "precious"
    path.parent.mkdir()
    {"pipe": os.mkfifo, "folder": os.mkdir, "link": lambda link: os.symlink(precious, link)}[kind](path)
    folder = ResultsFolder(path.parent)
    with pytest.raises(InputError, match=rf"{name}: is a {kind}, not a file; remove it"):
        (folder.locked() if name == ".lock" else folder.result_locked(0.0)).__enter__()
    assert not precious.exists()


@pytest.mark.parametrize("name", ["figures", "pieces", "jobs", "jobs/workers", "pieces/sweep.lif.line.0"])
def test_a_folder_that_leads_elsewhere_is_refused_by_name(tmp_path: Path, name: str) -> None:
    inside, elsewhere = tmp_path / "results" / name, tmp_path / "elsewhere"
    elsewhere.mkdir()
    inside.parent.mkdir(parents=True)
    inside.symlink_to(elsewhere)
    for held in (ResultsFolder(tmp_path / "results").locked, ResultsFolder(tmp_path / "results").result_locked):
        with pytest.raises(InputError, match=rf"{name}: leads to another folder"):
            held().__enter__()
    with pytest.raises(InputError, match=rf"{name}: leads to another folder"):
        merge(Experiment(tiny(), tmp_path / "results"))
    assert not list(elsewhere.iterdir())


def test_a_results_folder_may_itself_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "large-disk").mkdir()
    (tmp_path / "results").symlink_to("large-disk")
    with ResultsFolder(tmp_path / "results").locked():
        assert (tmp_path / "large-disk" / ".lock-owner").is_file()


# --- records of work ---


def test_records_of_work_of_any_content_are_left_out(tmp_path: Path) -> None:
    for name in ("workers", "failed"):
        (tmp_path / name).mkdir()
        os.mkfifo(tmp_path / name / "pipe.json")
        (tmp_path / name / "folder.json").mkdir()
        (tmp_path / name / "bytes.json").write_bytes(b"\xff")
        for number, content in enumerate(ODD):
            (tmp_path / name / f"{number}.json").write_text(content)
    good = this_process() | {"piece": "train-lif", "started": 1.5, "job": ""}
    odd = [("pid", 10**30), ("pid", "1"), ("started", -1e300), ("started", float("nan")), ("started", 1), ("piece", 5)]
    for number, (key, value) in enumerate([*odd, ("host", None), ("job", [])]):
        (tmp_path / "workers" / f"odd{number}.json").write_text(json.dumps(good | {key: value}))
    (tmp_path / "workers" / "endless.json").write_text(json.dumps(good).replace("1.5", "1e400"))
    (tmp_path / "workers" / "good.json").write_text(json.dumps(good))
    failed = {"piece": "train-lif", "message": "failed", "host": HOST}
    (tmp_path / "failed" / "odd.json").write_text(json.dumps(failed | {"message": [1]}))
    (tmp_path / "failed" / "good.json").write_text(json.dumps(failed))
    activity = Activity(tmp_path)
    assert [worker.piece for worker in activity.workers()] == ["train-lif"]
    assert [failure.message for failure in activity.failures()] == ["failed"]


# --- two runs, and none ---


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
            assert experiment.plan.pieces
        with unprivileged():
            for experiment in experiments:
                with pytest.raises(InputError, match=r"cannot write to this results folder.*--out"):
                    experiment.run()
        assert tiny_experiment.contents(results) == before
        results.chmod(0o755)
        (results / "pieces").chmod(0o755)
