"""The commands that carry out an experiment: what they print, their exit statuses, bad input, interrupts."""

from __future__ import annotations

import dataclasses
import errno
import functools
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner, Result
from synthetic import tiny_experiment

from landscape.config import parse_config
from landscape.datasets import yin_yang
from landscape.experiment import Experiment
from landscape.results import ResultFile
from landscape_cli.commands import cli


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def assert_refused(done: Result, *parts: str, status: int = 2) -> None:
    """Assert that a command ended with one message and no traceback."""
    assert done.exit_code == status, done.output
    assert isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert done.stderr.count("error: ") == 1
    for part in parts:
        assert part in done.stderr


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, analyzed: Path) -> Path:
    """A working directory with an experiment file and finished results."""
    monkeypatch.chdir(tmp_path)
    tiny_experiment.write(tmp_path)
    shutil.copytree(analyzed, tmp_path / "results" / "tiny")
    return tmp_path


@pytest.fixture
def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}


COMMAND = [sys.executable, "-m", "landscape_cli.main"]


# --- what is done and printed ---


def test_run_does_what_is_missing_and_ends_by_naming_the_files(here: Path) -> None:
    done = invoke("run", "tiny.toml")
    assert done.exit_code == 0, done.output
    named = done.stdout.split()
    assert named[-1] == str(Path("results", "tiny", "report.html"))
    assert str(Path("results", "tiny", "landscape.h5")) in named
    assert all((here / name).is_file() for name in named)
    assert "lif: training done already" in done.stderr
    again = invoke("run", "tiny.toml")
    assert again.stdout == done.stdout
    assert "figures and report: done already" in again.stderr


def test_results_go_to_the_folder_of_the_experiments_name_or_of_out(here: Path) -> None:
    done = invoke("train", "tiny.toml", "--out", "elsewhere", "--set", "training.epochs=1")
    assert done.exit_code == 0, done.output
    assert len(done.stdout.split()) == 2
    assert all(Path(name).parent == Path("elsewhere", "pieces") for name in done.stdout.split())
    assert "lif: trained 1 epochs" in done.stderr


def test_quiet_prints_nothing(here: Path) -> None:
    done = invoke("analyze", "tiny.toml", "--quiet")
    assert (done.exit_code, done.output) == (0, "")


def test_a_results_folder_stands_for_its_experiment(here: Path) -> None:
    done = invoke("sweep", Path("results", "tiny"))
    assert done.exit_code == 0, done.output
    assert all(Path(name).parent == Path("results", "tiny", "pieces") for name in done.stdout.split())
    assert "done already" in done.stderr


def test_set_changes_a_key_for_one_run(here: Path) -> None:
    done = invoke("analyze", "tiny.toml", "--set", "slice.plane.points=[2, 3]", "--set", "slice.line.points=3")
    assert done.exit_code == 0, done.output
    assert ResultFile(Path("results", "tiny", "landscape.h5")).surface("lif").shape == (2, 3)


def test_check_prints_a_table_and_a_verdict_per_model(here: Path) -> None:
    done = invoke("check", "tiny.toml", "--slice", "line", "--points", "1", "--samples", "5")
    assert done.exit_code == 0, done.output
    assert done.stdout.count("differences agree") == 2
    assert "lif (best network), slice line, 5 samples" in done.stdout
    assert "h=1e-05" in done.stdout


def test_check_fails_where_derivatives_disagree(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from landscape.experiment import gradient_check

    monkeypatch.setattr(gradient_check, "TOLERANCE", 1e-30)
    done = invoke("check", "tiny.toml", "--model", "qif", "--points", "1", "--samples", "5")
    assert_refused(done, "disagree", "qif", status=1)


# --- bad input: one message, exit status 2, earlier results as they were ---

BAD_CONFIGS = {
    "an unknown key": ("epochs = 2", "epoch = 2", ["training.epoch", "did you mean 'epochs'"]),
    "a wrong type": ("epochs = 2", 'epochs = "two"', ["training.epochs", "'two' (text)"]),
    "a negative tau": ('neuron = "lif"', 'neuron = "lif"\ntau = -1.0', ["model.lif.tau", "-1.0"]),
    "a missing data file": (
        '"yin-yang"',
        '"nowhere.h5"',
        ["data.source", "nowhere.h5", "--set data.source=PATH"],
    ),
    "a model named twice": ('name = "qif"', 'name = "lif"', ["two [[model]]", "'lif'"]),
    "a slice named twice": ('name = "line"', 'name = "plane"', ["two [[slice]]", "'plane'"]),
    "a reserved slice name": ('name = "line"', 'name = "regions"', ["slice.regions.name", "take another"]),
    "an axis of length 0": ("points = 9", "points = 0", ["slice.line.points", "greater than or equal to 1"]),
    "broken TOML": ("[training]", "[training", ["no valid TOML"]),
    "a weight that is not there": (
        '"line"\nrange',
        '{ kind = "weight", layer = 7, post = 0, pre = 0 }\nrange',
        ["no weight", "layer 7"],
    ),
    "a file without directions": ('"line"\nrange', '"file:empty.h5"\nrange', ["empty.h5", "weights_0"]),
    "directions of wrong shape": ('"line"\nrange', '"file:wrong.h5"\nrange', ["shapes", "(2, 2)"]),
}


@pytest.mark.parametrize("case", BAD_CONFIGS)
def test_a_bad_experiment_is_refused_and_leaves_the_results_alone(here: Path, case: str) -> None:
    old, new, parts = BAD_CONFIGS[case]
    assert old in tiny_experiment.TOML
    tiny_experiment.write(here, tiny_experiment.TOML.replace(old, new, 1))
    h5py.File(here / "empty.h5", "w").close()
    with h5py.File(here / "wrong.h5", "w") as file:
        file["weights_0"] = np.ones((2, 2))
        file["weights_1"] = np.ones((2, 2))
    before = tiny_experiment.contents(here / "results")
    assert_refused(invoke("run", "tiny.toml"), *parts)
    after = tiny_experiment.contents(here / "results")
    assert {name: after[name] for name in before} == before


def write_shd(path: Path, **changes: object) -> None:
    """Write a small valid file in SHD layout with some parts changed; None leaves a part out."""
    parts: dict[str, object] = {
        "times": [np.array([0.1, 0.2], "f2") for _ in range(12)],
        "units": [np.array([3, 4], "u2") for _ in range(12)],
        "labels": np.arange(12, dtype="u2") % 2,
    } | changes
    with h5py.File(path, "w") as file:
        for name, dtype in (("times", "f2"), ("units", "u2")):
            if parts[name] is not None:
                values = parts[name]
                assert isinstance(values, list)
                dataset = file.create_dataset(f"spikes/{name}", (len(values),), h5py.vlen_dtype(np.dtype(dtype)))
                for number, value in enumerate(values):
                    dataset[number] = value
        if parts["labels"] is not None:
            file["labels"] = parts["labels"]


TWELVE_UNITS = [np.array([3, 4], "u2") for _ in range(11)]
TWELVE_TIMES = [np.array([0.1, 0.2], "f2") for _ in range(11)]
BAD_DATA: dict[str, tuple[dict[str, object], list[str]]] = {
    "units beyond the channels": ({"units": [*TWELVE_UNITS, np.array([3, 700], "u2")]}, ["sample 11", "700"]),
    "unsorted times": ({"times": [*TWELVE_TIMES, np.array([0.2, 0.1], "f2")]}, ["sample 11", "sort"]),
    "negative times": ({"times": [*TWELVE_TIMES, np.array([-0.1, 0.1], "f2")]}, ["sample 11", "negative"]),
    "times that are no numbers": (
        {"times": [*TWELVE_TIMES, np.array([0.1, np.nan], "f2")]},
        ["sample 11", "nan"],
    ),
    "a group that is missing": ({"units": None}, ["spikes/units"]),
    "labels that are missing": ({"labels": None}, ["labels"]),
    "labels out of range": ({"labels": -np.ones(12, "i2")}, ["label"]),
    "no samples": ({"times": [], "units": [], "labels": np.zeros(0, "u2")}, ["no samples"]),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_a_bad_data_file_is_refused_and_leaves_the_results_alone(here: Path, case: str) -> None:
    changes, parts = BAD_DATA[case]
    write_shd(here / "data.h5", **changes)
    before = tiny_experiment.contents(here / "results")
    assert_refused(invoke("run", "tiny.toml", "--set", "data.source=data.h5"), "data.h5", *parts)
    assert_refused(invoke("data", "info", "data.h5"), "data.h5", *parts)
    assert tiny_experiment.contents(here / "results") == before


@pytest.mark.parametrize(("content", "part"), [(b"not HDF5", "not an HDF5 file"), (None, "damaged")])
def test_a_data_file_that_is_no_hdf5_or_truncated_is_refused(here: Path, content: bytes | None, part: str) -> None:
    write_shd(here / "data.h5")
    whole = (here / "data.h5").read_bytes()
    (here / "data.h5").write_bytes(whole[: len(whole) // 2] if content is None else content)
    assert_refused(invoke("run", "tiny.toml", "--set", "data.source=data.h5"), "data.h5", part)
    assert_refused(invoke("data", "plot", "data.h5"), "data.h5", part)


def test_a_valid_data_file_is_taken(here: Path) -> None:
    write_shd(here / "data.h5")
    done = invoke("train", "tiny.toml", "--set", "data.source=data.h5", "--set", "training.epochs=1")
    assert done.exit_code == 0, done.output


def test_an_unknown_experiment_is_refused_with_the_closest_name(here: Path) -> None:
    assert_refused(invoke("run", "quikstart"), "did you mean 'quickstart'?")


def test_a_result_file_of_another_version_or_no_result_file_is_refused(here: Path) -> None:
    result = here / "results" / "tiny" / "landscape.h5"
    with h5py.File(result, "r+") as file:
        file.attrs["format_version"] = np.int64(99)
    before = result.read_bytes()
    assert_refused(invoke("plot", "tiny.toml"), "landscape.h5", "version 99")
    assert_refused(invoke("validate", result), "landscape.h5", "version 99")
    (here / "text.h5").write_text("no result", encoding="utf-8")
    assert_refused(invoke("validate", "text.h5"), "text.h5", "not an HDF5 file")
    assert_refused(invoke("info", "nowhere.h5"), "nowhere.h5", "no such file")
    assert result.read_bytes() == before


def test_plotting_what_was_never_run_is_refused(here: Path) -> None:
    done = invoke("plot", "tiny.toml", "--out", "new")
    assert_refused(done, "there is no result yet", "landscape run tiny")
    assert not (here / "new").exists()


def test_results_cannot_go_into_a_file(here: Path) -> None:
    (here / "file").write_text("", encoding="utf-8")
    assert invoke("run", "tiny.toml", "--out", "file").exit_code == 2
    assert_refused(invoke("run", "tiny.toml", "--out", "file/inside"), "cannot write", "--out")


# --- failures that are nobody's input ---


def test_a_folder_in_use_stops_the_second_run(here: Path) -> None:
    experiment = Experiment(parse_config(tiny_experiment.TOML), here / "results" / "tiny")
    with experiment.folder.locked():
        assert_refused(invoke("run", "tiny.toml"), "another run is at work", str(os.getpid()), status=1)


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "somewhere"), "somewhere: No space left on device"),
        (MemoryError(), "out of memory"),
        (
            ZeroDivisionError("surprise"),
            "unexpected ZeroDivisionError: surprise (LANDSCAPE_DEBUG=1 shows where",
        ),
    ],
)
def test_other_failures_end_in_one_message(
    here: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, text: str
) -> None:
    def fail(self: Experiment) -> None:
        raise error

    monkeypatch.setattr(Experiment, "run", fail)
    assert_refused(invoke("run", "tiny.toml"), text, status=1)
    monkeypatch.setenv("LANDSCAPE_DEBUG", "1")
    assert invoke("run", "tiny.toml").exception is error


def test_a_reader_that_goes_away_ends_the_command_quietly(here: Path, environment: dict[str, str]) -> None:
    result = here / "results" / "tiny" / "landscape.h5"
    many = " ".join([str(result)] * 40)
    line = f"{sys.executable} -m landscape_cli.main info {many} | head -n 1"
    done = subprocess.run(line, shell=True, capture_output=True, text=True, env=environment, timeout=60)
    assert done.stderr == ""
    assert done.stdout.strip() == str(result)


# --- interrupts ---


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupt_keeps_what_was_finished(
    here: Path, environment: dict[str, str], number: signal.Signals, status: int
) -> None:
    parts = ["--set", "jobs.shard_cost=0.2"]
    long = ["--set", "slice.plane.points=[301, 301]", "--set", "data.test_samples=60", *parts, "--threads", "1"]
    command = [*COMMAND, "sweep", "tiny.toml", *long]
    pieces = here / "results" / "tiny" / "pieces"
    # A shell starts background jobs with interrupts ignored, and children inherit that.
    heed = functools.partial(signal.signal, number, signal.SIG_DFL)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment, preexec_fn=heed) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("qif: train"):
                break
        while not list(pieces.glob("sweep.lif.plane.*/*.h5")):
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(number)
        rest = process.stderr.read()
        assert process.wait(timeout=60) == status
    assert "what was finished is kept" in rest
    assert "Traceback" not in rest
    (folder,) = (path for path in pieces.glob("sweep.lif.plane.*") if path.is_dir())
    assert sorted(folder.iterdir())[0].name == "00000.h5"
    assert all(path.suffix == ".h5" for path in folder.iterdir())
    (earlier,) = pieces.glob("sweep.lif.plane.*.h5")
    assert earlier.stem != folder.name
    assert not (here / "results" / "tiny" / ".lock-owner").exists()


# --- files ---


def test_validate_tells_valid_files_from_others(here: Path) -> None:
    done = invoke("validate", Path("results", "tiny"))
    assert (done.exit_code, done.stdout.split()[-1]) == (0, "valid")
    with h5py.File(here / "results" / "tiny" / "landscape.h5", "r+") as file:
        del file["lif/plane/loss"]
    done = invoke("validate", Path("results", "tiny"))
    assert_refused(done, "landscape.h5", "loss")
    assert "not valid" in done.stdout


def test_info_shows_the_tree_of_a_file(here: Path) -> None:
    done = invoke("info", Path("results", "tiny"))
    assert done.exit_code == 0
    for part in ("lif/", "loss", "axis_0", "training/"):
        assert part in done.stdout


def test_data_commands_list_describe_and_draw(here: Path) -> None:
    listed = invoke("data", "list").stdout
    assert "digits" in listed
    assert "yin-yang" in listed
    assert "1000" in invoke("data", "info", "yin-yang").stdout
    done = invoke("data", "plot", "yin-yang", "--sample", "0", "--out", "some.png")
    assert (done.exit_code, done.stdout.strip()) == (0, "some.png")
    assert (here / "some.png").stat().st_size > 1000
    assert_refused(invoke("data", "plot", "yin-yang", "--sample", "99999"), "99999")


def test_a_drawing_of_data_is_named_after_the_file_and_not_after_what_stands_in_it(here: Path) -> None:
    precious = here / "precious.png"
    precious.write_text("precious")
    data = dataclasses.replace(yin_yang(6), name=str(precious.with_suffix("")))
    data.save(here / "drawn.h5")
    done = invoke("data", "plot", "drawn.h5")
    assert (done.exit_code, done.stdout.strip()) == (0, "drawn.png")
    assert (here / "drawn.png").stat().st_size > 1000
    assert precious.read_text() == "precious"


# --- the examples in the help ---

CHEAP = ("data list", "data info digits", "data plot digits", "info results", "validate results")


def examples() -> list[str]:
    """All example lines of the help of all commands that are listed."""
    found = []
    groups = [cli, cli.commands["data"]]
    for group in groups:
        for command in group.commands.values():  # type: ignore[attr-defined]
            # A hidden command is called by the scripts of a job array, with files that they write.
            epilog = "" if command.hidden else command.epilog or ""
            found += re.findall(r"^ +landscape (.+)$", epilog, flags=re.MULTILINE)
    return sorted(set(found))


def test_every_example_parses() -> None:
    for line in examples():
        arguments = shlex.split(line)
        command: object = cli
        while arguments and hasattr(command, "commands") and arguments[0] in command.commands:
            command = command.commands[arguments.pop(0)]
        with command.make_context("landscape", arguments):  # type: ignore[attr-defined]
            pass


@pytest.mark.parametrize("line", [line for line in examples() if line.startswith(CHEAP)])
def test_a_cheap_example_works(here: Path, line: str) -> None:
    shutil.copytree(here / "results" / "tiny", here / "results" / "quickstart")
    done = invoke(*shlex.split(line))
    assert done.exit_code == 0, done.output
    assert done.stdout
