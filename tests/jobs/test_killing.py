"""A study that is killed at random moments, without a chance to clean up, and a disk that is too small for it.

``LANDSCAPE_KILLS=50`` kills as often as that; the number that runs by default shows the same in less time.
"""

from __future__ import annotations

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from synthetic import studies

from landscape.experiment import Experiment

KILLS = int(os.environ.get("LANDSCAPE_KILLS", "3"))


def start(*arguments: object) -> subprocess.Popen[str]:
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(
        studies.command(*arguments), text=True, env=studies.environment(), start_new_session=True, **quiet
    )


def kill_later(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill a process after a time, unless it has ended by then; return whether it was killed."""
    try:
        output, _ = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return True
    assert process.returncode == 0, output
    return False


def n_pieces(out: Path) -> int:
    return len(studies.identities(out))


@pytest.mark.slow
@pytest.mark.parametrize("study", [studies.TOML, studies.CENSUS], ids=["sweeps", "census"])
def test_a_run_that_is_killed_again_and_again_ends_with_the_same_result(
    request: pytest.FixtureRequest, tmp_path: Path, study: str
) -> None:
    random.seed(7)
    undisturbed = request.getfixturevalue("finished_census" if study == studies.CENSUS else "finished")
    path, out = studies.write(tmp_path, study), tmp_path / "r"
    everything = len(studies.identities(undisturbed))
    seen: dict[str, tuple[int, int]] = {}
    killed = 0
    # Until the first piece is there nothing can be told apart; after the last one there is nothing left to kill.
    while killed < (KILLS if study == studies.TOML else max(1, KILLS // 2)):  # a census takes long to begin
        if len(seen) >= everything:
            shutil.rmtree(out)
            seen = {}
        process = start("analyze", path, "--out", out, "--threads", 1 + killed % 2)
        begun = time.monotonic()
        # Most are killed after their first piece, some before.
        waited_for = 0 if seen and random.random() < 0.2 else len(seen) + 1
        while n_pieces(out) < waited_for and process.poll() is None and time.monotonic() < begun + 300:
            time.sleep(0.01)
        killed += kill_later(process, random.uniform(0.0, 1.0 if waited_for else 3.0))
        now = studies.identities(out)
        assert studies.rewritten(seen, now) == set()
        seen |= now
    studies.call("analyze", path, "--out", out, "--threads", 1)
    assert studies.rewritten(seen, studies.identities(out)) == set()
    studies.assert_same_data(out / "landscape.h5", undisturbed / "landscape.h5")
    assert not list((out / "jobs" / "workers").glob("*.json")) or killed


@pytest.mark.slow
def test_a_merge_that_is_killed_again_and_again_ends_with_the_same_result(finished: Path, tmp_path: Path) -> None:
    random.seed(8)
    path, out = studies.write(tmp_path), tmp_path / "r"
    shutil.copytree(finished, out)
    made = {path.name for path in out.glob("pieces/sweep.*.h5")}
    others = {name: id_ for name, id_ in studies.identities(out).items() if name not in made}
    for _ in range(KILLS):
        for file in [*out.glob("pieces/sweep.*.h5"), out / "landscape.h5"]:
            if random.random() < 0.5:
                file.unlink(missing_ok=True)
        kill_later(start("merge", path, "--out", out), random.uniform(0.3, 2.0))
    studies.call("merge", path, "--out", out)
    studies.assert_same_data(out / "landscape.h5", finished / "landscape.h5")
    assert studies.rewritten(others, studies.identities(out)) == set()
    assert studies.identities(out).keys() == others.keys() | made


@pytest.mark.slow
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_run_cleanly(tmp_path: Path, number: signal.Signals, status: int) -> None:
    path, out = studies.write(tmp_path), tmp_path / "r"
    process = start("sweep", path, "--out", out, "--threads", 2, "--set", "slice.plane.points=[300, 40]")
    until = time.monotonic() + 300
    while len(list(out.glob("pieces/sweep.*/*.h5"))) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    process.send_signal(number)
    output, _ = process.communicate(timeout=400)
    assert process.returncode == status, output
    assert "the same command goes on" in output
    assert "Traceback" not in output
    studies.assert_nothing_is_half_written(out)
    assert not list((out / "jobs" / "workers").glob("*.json"))


# --- a disk that is too small ---


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def assert_out_of_space(done: subprocess.CompletedProcess[str]) -> None:
    assert "Traceback" not in done.stderr
    (message,) = (line for line in done.stderr.splitlines() if line.startswith("error: "))
    assert "writing failed" in message
    assert "free disk space" in message


@pytest.mark.slow
def test_a_full_disk_stops_a_run_which_goes_on_when_there_is_room(small_disk: Path, finished: Path) -> None:
    path, out = studies.write(small_disk.parent), small_disk / "r"
    filler = small_disk / "filler"
    filler.write_bytes(bytes(500_000))
    assert_out_of_space(studies.call("analyze", path, "--out", out, "--threads", 2, status=1))
    kept = studies.identities(out)
    assert kept
    studies.assert_nothing_is_half_written(out)
    subprocess.run(["mount", "-o", "remount,size=20m", str(small_disk)], check=True)
    studies.call("analyze", path, "--out", out, "--threads", 2)
    assert studies.rewritten(kept, studies.identities(out)) == set()
    studies.assert_same_data(out / "landscape.h5", finished / "landscape.h5")


@pytest.mark.slow
def test_a_limit_on_file_sizes_is_told_like_a_full_disk(finished: Path, tmp_path: Path) -> None:
    shutil.copytree(finished, tmp_path / "r")
    before = (tmp_path / "r" / "landscape.h5").read_bytes()
    for file in (tmp_path / "r" / "pieces").glob("sweep.*.plane.*.h5"):
        file.unlink()

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    path = studies.write(tmp_path)
    assert_out_of_space(studies.call("merge", path, "--out", tmp_path / "r", status=1, preexec_fn=limit))
    assert (tmp_path / "r" / "landscape.h5").read_bytes() == before
    studies.call("merge", path, "--out", tmp_path / "r")
    studies.assert_same_data(tmp_path / "r" / "landscape.h5", finished / "landscape.h5")


@pytest.mark.slow
def test_a_comparison_that_is_killed_measures_no_finished_line_again(tmp_path: Path) -> None:
    path, out = studies.write(tmp_path, studies.COMPARED), tmp_path / "r"
    kept: dict[str, tuple[int, int]] = {}
    for lines in (1, 4, 6):
        process = start("analyze", path, "--out", out, "--threads", 1)
        until = time.monotonic() + 300
        while len(list(out.glob("pieces/compared.*/*.h5"))) < lines and process.poll() is None:
            assert time.monotonic() < until
            time.sleep(0.005)
        kill_later(process, 0.0)
        now = studies.identities(out)
        assert studies.rewritten(kept, now) == set()
        kept = now
    studies.call("analyze", path, "--out", out, "--threads", 2)
    assert studies.rewritten(kept, studies.identities(out)) == set()
    Experiment(studies.compared(), tmp_path / "undisturbed", threads=1).analyze()
    studies.assert_same_data(out / "landscape.h5", tmp_path / "undisturbed" / "landscape.h5")
