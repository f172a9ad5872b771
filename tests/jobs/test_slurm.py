"""Job arrays: their scripts, and studies on a real Slurm that the tests start themselves.

``LANDSCAPE_LONG_TESTS=1`` lets tasks run into their time limits, which takes minutes; ``LANDSCAPE_KILLS=50`` disturbs
tasks that often.
"""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from synthetic import slurm_cluster, studies

from landscape.experiment import Experiment
from landscape.jobs.slurm import active_jobs
from landscape_cli.commands import cli

REASON = slurm_cluster.why_not()
KILLS = int(os.environ.get("LANDSCAPE_KILLS", "4"))
LONG = bool(os.environ.get("LANDSCAPE_LONG_TESTS"))


def invoke(*arguments: str | Path) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


# --- scripts; no Slurm needed ---


def test_a_dry_run_prints_one_script_per_stage_and_one_that_merges_and_writes_nothing(tmp_path: Path) -> None:
    asked = ("--engine", "slurm", "--partition", "long", "--time", "4:00:00", "--array-size", "7", "--cpus", "2")
    more = ("--mem", "2G", "--sbatch", "--account=physics")
    done = invoke("submit", studies.write(tmp_path), "--out", tmp_path / "a b%", *asked, *more, "--dry-run")
    assert done.exit_code == 0, done.output
    scripts = done.stdout.split("#!/bin/bash")[1:]
    assert len(scripts) == 5
    assert [re.findall(r"--array=(\S+)", script) for script in scripts] == [["0-1"], ["0-5"], ["0-6"], ["0-3"], []]
    for script in scripts:
        for line in ("--partition=long", "--time=4:00:00", "--cpus-per-task=2", "--mem=2G", "--account=physics"):
            assert f"#SBATCH {line}\n" in script
        assert "--signal=B:USR1@120" in script
        assert r"a\ b%%/jobs" in script
    assert "'" in scripts[0].splitlines()[-2] or "a b%" in scripts[0]
    assert not (tmp_path / "a b%").exists()


@pytest.mark.parametrize(
    ("record", "asked"),
    [
        ('{"jobs": ["7", "; touch x", "--help", 5, ["8"], null, "9"]}', ["7", "9"]),
        *((odd, []) for odd in ("5", "[]", "{}", '{"jobs": 5}', '{"jobs": "7"}', "[" * 100_000)),
    ],
    ids=["odd", "number", "list", "empty", "no list", "text", "deep"],
)
def test_only_numbers_of_jobs_are_asked_for_whatever_the_record_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record: str, asked: list[str]
) -> None:
    squeue = tmp_path / "squeue"
    squeue.write_text("#!/bin/sh\necho there\n")
    squeue.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "slurm.json").write_text(record)
    assert active_jobs(Experiment(studies.study(), tmp_path)) == asked


@pytest.mark.parametrize(
    ("options", "text"),
    [
        (("--array-size", "0"), "must be from 1 to 1000"),
        (("--time", "1 hour"), "no value that Slurm understands"),
        (("--sbatch", "account=x"), "must be an option of sbatch"),
        (("--sbatch", "--comment=a\rtouch x"), "must be an option of sbatch"),
        (("--partition", "a\n"), "no value that Slurm understands"),
        (("--out", "a\ntouch${IFS}x;#"), "a\\ntouch${IFS}x;#: no path of a job may have control characters"),
        (("--out", "a\x1b"), "a\\x1b: no path of a job"),
        (("--out", "a\udce9"), "a\\xe9: no path of a job"),
    ],
)
def test_options_that_slurm_cannot_mean_are_refused(tmp_path: Path, options: tuple[str, ...], text: str) -> None:
    done = invoke("submit", studies.write(tmp_path), "--engine", "slurm", "--dry-run", *options)
    assert done.exit_code == 2
    assert text in done.stderr


def test_no_part_of_a_path_is_a_comment_or_a_command(tmp_path: Path) -> None:
    out = tmp_path / "a #b $(touch x) `touch x` 'c' %j"
    script = invoke("submit", studies.write(tmp_path), "--out", out, "--engine", "slurm", "--dry-run").stdout
    options = re.findall(r"^#SBATCH --output=(.*)/jobs/slurm/TIME/merge.out$", script, re.MULTILINE)
    assert options == [re.sub(r"([\s'#])", r"\\\1", str(out)).replace("%", "%%")]
    call = script[script.rindex("\nexec ") :].strip().removeprefix("exec ")
    said = subprocess.run(["bash", "-c", f'printf "%s\\n" {call}'], capture_output=True, text=True, check=True).stdout
    assert str(out) in said.splitlines()


def test_where_there_is_no_slurm_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    done = invoke("submit", studies.write(tmp_path), "--out", tmp_path / "r", "--engine", "slurm")
    assert done.exit_code == 2
    assert "no 'sbatch' here" in done.stderr
    assert not (tmp_path / "r").exists()


# --- a real Slurm ---


@dataclass
class Cluster:
    """A Slurm, and what is asked of it."""

    variables: dict[str, str]

    @property
    def environment(self) -> dict[str, str]:
        return studies.environment(**self.variables)

    def ask(self, *command: str) -> str:
        done = subprocess.run(command, capture_output=True, text=True, env=self.environment, timeout=60)
        return done.stdout

    def submit(self, path: Path, out: Path, *options: object, status: int = 0) -> subprocess.CompletedProcess[str]:
        asked = ("submit", path, "--out", out, "--engine", "slurm", *options)
        return studies.call(*asked, status=status, env=self.environment)

    def wait(self, seconds: float = 240.0) -> None:
        until = time.monotonic() + seconds
        while self.ask("squeue", "--noheader"):
            assert time.monotonic() < until, self.ask("squeue")
            time.sleep(0.5)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    if REASON is not None:
        pytest.skip(REASON)
    with slurm_cluster.running() as variables:
        yield Cluster(variables)


@pytest.mark.slow
def test_one_task_and_seven_give_what_this_machine_alone_gives(
    cluster: Cluster, finished_small: Path, tmp_path: Path
) -> None:
    path = studies.write(tmp_path, studies.SMALL)
    said = cluster.submit(path, tmp_path / "one", "--array-size", 1).stdout
    assert "52 pieces in 1 tasks" in said
    again = cluster.submit(path, tmp_path / "one", status=1)
    assert "still in the queue" in again.stderr
    assert "scancel" in again.stderr
    shown = studies.call("status", path, "--out", tmp_path / "one", env=cluster.environment).stdout
    assert "in the queue of Slurm: jobs" in shown
    cluster.submit(path, tmp_path / "seven", "--array-size", 7)
    cluster.wait()
    for name in ("one", "seven"):
        studies.assert_same_data(tmp_path / name / "landscape.h5", finished_small / "landscape.h5")
    nothing = cluster.submit(path, tmp_path / "one").stdout
    assert nothing.count("submitted job") == 1


@pytest.mark.slow
@pytest.mark.skipif(not LONG, reason="set LANDSCAPE_LONG_TESTS=1: each of seven tasks loads all kernels")
def test_seven_tasks_give_the_census_that_this_machine_alone_gives(
    cluster: Cluster, finished_census: Path, tmp_path: Path
) -> None:
    path = studies.write(tmp_path, studies.CENSUS)
    cluster.submit(path, tmp_path / "seven", "--array-size", 7)
    cluster.wait()
    studies.assert_same_data(tmp_path / "seven" / "landscape.h5", finished_census / "landscape.h5")


def processes_of(out: Path) -> list[int]:
    """The tasks at work in a results folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"work" in words and os.fsencode(out) in words:
                found.append(int(entry.name))
    return found


@pytest.mark.slow
def test_tasks_that_are_killed_requeued_and_cancelled_lose_no_piece(
    cluster: Cluster, finished_small: Path, tmp_path: Path
) -> None:
    random.seed(9)
    path, out = studies.write(tmp_path, studies.SMALL), tmp_path / "r"
    deeds = ["kill", "kill", "requeue", "kill", "cancel task"] * max(1, KILLS // 10)
    done: list[str] = []
    seen: dict[str, tuple[int, int]] = {}

    def begin_again() -> None:
        # Only the parts are left to do: that is what takes the time of a study.
        shutil.rmtree(out, ignore_errors=True)
        shutil.copytree(finished_small, out)
        studies.remove(out, "sweep.*/*.h5", "sweep.*.h5")

    def look() -> None:
        now = studies.identities(out)
        assert studies.rewritten(seen, now) == set()
        seen.update(now)

    begin_again()
    until = time.monotonic() + 200 * max(1, KILLS // 5)
    while deeds and time.monotonic() < until:
        if len(list(out.glob("pieces/sweep.*.h5"))) == 2:
            seen.clear()
            begin_again()
        look()
        cluster.submit(path, out, "--array-size", 4)
        while cluster.ask("squeue", "--noheader") and time.monotonic() < until:
            time.sleep(random.uniform(0.2, 1.0))
            look()
            running = cluster.ask("squeue", "--noheader", "--array", "--states=RUNNING", "--format=%i %F").split("\n")
            tasks = [line.split()[0] for line in running if "_" in line]
            if not tasks or not deeds:
                continue
            if deeds[-1] == "kill":
                found = processes_of(out)
                if not found:
                    continue
                os.kill(random.choice(found), signal.SIGKILL)
            elif deeds[-1] == "requeue":
                cluster.ask("scontrol", "requeue", random.choice(tasks))
            else:
                cluster.ask("scancel", random.choice(tasks))
            done.append(deeds.pop())
        cluster.wait()
    print(f"{len(done)} deeds: {', '.join(f'{done.count(deed)} x {deed}' for deed in sorted(set(done)))}")
    assert not deeds
    look()
    cluster.submit(path, out, "--array-size", 4)
    cluster.wait()
    look()
    studies.assert_same_data(out / "landscape.h5", finished_small / "landscape.h5")


@pytest.mark.slow
def test_a_task_that_is_told_of_its_time_limit_ends_between_two_pieces(cluster: Cluster, tmp_path: Path) -> None:
    path, out = studies.write(tmp_path, studies.SMALL), tmp_path / "r"
    options = ("--array-size", 1, "--set", "slice.plane.points=[300, 200]", "--set", "jobs.shard_cost=0.2")
    cluster.submit(path, out, *options)
    until = time.monotonic() + 120
    while len(list(out.glob("pieces/sweep.*/*.h5"))) < 2 and time.monotonic() < until:
        time.sleep(0.2)
    (job,) = set(cluster.ask("squeue", "--noheader", "--states=RUNNING", "--format=%F").split())
    cluster.ask("scancel", "--batch", "--signal=USR1", job)
    while cluster.ask("squeue", "--noheader", "--jobs", job):
        assert time.monotonic() < until
        time.sleep(0.2)
    (output,) = (file for file in out.glob("jobs/slurm/*/stage-2-0.out"))
    assert "asked to stop" in output.read_text()
    studies.assert_nothing_is_half_written(out)
    assert "ExitCode=143:0" in cluster.ask("scontrol", "show", "job", job)
    cluster.wait()
    assert (out / "landscape.h5").is_file()


@pytest.mark.skipif(not LONG, reason="set LANDSCAPE_LONG_TESTS=1: Slurm counts time limits in minutes")
@pytest.mark.parametrize(
    ("warning", "said"),
    [
        # Told in time, between two parts.
        (55, "asked to stop; what was finished is kept"),
        # Ended by the limit itself: the part under way is lost, and no other.
        (1, "terminated; what was finished is kept"),
    ],
)
def test_a_task_that_reaches_its_time_limit_goes_on_when_it_is_submitted_again(
    cluster: Cluster, tmp_path: Path, warning: int, said: str
) -> None:
    path, out = studies.write(tmp_path, studies.SMALL), tmp_path / "r"
    changes = ("slice.plane.points=[400, 100]", "jobs.shard_cost=1.5")
    long = tuple(word for change in changes for word in ("--set", change))
    cluster.submit(path, out, "--array-size", 1, "--time", "1", "--warning", warning, *long)
    cluster.wait()
    outputs = "".join(file.read_text() for file in out.glob("jobs/slurm/*/stage-*.out"))
    assert said in outputs
    assert "Traceback" not in outputs
    studies.assert_nothing_is_half_written(out)
    kept = studies.identities(out)
    assert studies.parts_of(out, "sweep.*.plane")
    assert not list(out.glob("pieces/sweep.*.plane.*.h5"))
    assert not studies.call("status", path, "--out", out, *long, env=cluster.environment).stderr
    cluster.submit(path, out, "--array-size", 2, "--time", "20", *long)
    cluster.wait(600.0)
    assert studies.rewritten(kept, studies.identities(out)) == set()
    Experiment(studies.small(*changes), tmp_path / "undisturbed", threads=2).analyze()
    studies.assert_same_data(out / "landscape.h5", tmp_path / "undisturbed" / "landscape.h5")
