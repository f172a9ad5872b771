"""Studies on a Dask cluster."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from synthetic import studies

from landscape.config import parse_config
from landscape.experiment import Experiment, plan_of

distributed = pytest.importorskip("distributed", reason="Dask is not installed (the extra 'dask')")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("study", "fixture"),
    [(studies.SMALL, "finished_small"), (studies.CENSUS, "finished_census")],
    ids=["sweeps", "census"],
)
def test_two_workers_of_this_machine_give_what_one_process_gives(
    request: pytest.FixtureRequest, tmp_path: Path, study: str, fixture: str
) -> None:
    undisturbed = request.getfixturevalue(fixture)
    pieces = len(plan_of(parse_config(study)).pieces)
    assert pieces > 30
    path, out = studies.write(tmp_path, study), tmp_path / "r"
    done = studies.call(
        "submit", path, "--out", out, "--engine", "dask", env=studies.environment(LANDSCAPE_THREADS="2")
    )
    assert f"computed {pieces} pieces with Dask" in done.stderr
    studies.assert_same_data(out / "landscape.h5", undisturbed / "landscape.h5")


@pytest.mark.slow
@pytest.mark.parametrize("workers_at_first", [1, 2])
def test_pieces_of_a_lost_worker_run_again(finished_small: Path, tmp_path: Path, workers_at_first: int) -> None:
    """A scheduler and workers of their own, as on a cluster; one worker is killed while it computes."""
    path, out = studies.write(tmp_path, studies.SMALL), tmp_path / "r"
    scheduler = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "distributed.cli.dask_scheduler",
            "--port",
            "0",
            "--host",
            "127.0.0.1",
            "--no-dashboard",
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=studies.environment(),
    )
    workers: list[subprocess.Popen[bytes]] = []

    def start_worker(address: str) -> None:
        command = ["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        folder = ["--local-directory", str(tmp_path / "dask")]
        workers.append(subprocess.Popen([sys.executable, "-m", *command, *folder], env=studies.environment(), **quiet))

    try:
        assert scheduler.stderr is not None
        address = next(m.group() for line in scheduler.stderr if (m := re.search(r"tcp://127\.0\.0\.1:\d+", line)))
        for _ in range(workers_at_first):
            start_worker(address)
        submitted = subprocess.Popen(
            studies.command("submit", path, "--out", out, "--engine", "dask", "--scheduler", address),
            stderr=subprocess.PIPE,
            text=True,
            env=studies.environment(),
        )
        until = time.monotonic() + 120
        while len(list(out.glob("pieces/sweep.*/*.h5"))) < 5 and time.monotonic() < until:
            time.sleep(0.02)
        kept = studies.identities(out)
        if workers_at_first == 1:
            # All that the first one knew is lost with it.
            start_worker(address)
        workers[0].send_signal(signal.SIGKILL)
        _, said = submitted.communicate(timeout=120)
        assert submitted.returncode == 0, said
        assert studies.rewritten(kept, studies.identities(out)) == set()
        studies.assert_same_data(out / "landscape.h5", finished_small / "landscape.h5")
    finally:
        for process in [*workers, scheduler]:
            process.kill()
            process.wait()
        if scheduler.stderr is not None:
            scheduler.stderr.close()


@pytest.mark.slow
def test_an_address_without_a_scheduler_is_told(tmp_path: Path) -> None:
    path = studies.write(tmp_path, studies.SMALL)
    asked = ("submit", path, "--out", tmp_path / "r", "--engine", "dask", "--scheduler")
    refused = studies.call(*asked, "nonsense://", status=2)
    assert "is no address" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert os.path.isdir(tmp_path)


def test_a_worker_notices_that_data_changed_since_the_last_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from landscape.datasets import yin_yang
    from landscape.jobs.dask import compute_piece

    monkeypatch.chdir(tmp_path)
    data, out = tmp_path / "d.h5", tmp_path / "r"
    config = studies.small(f"data.source={data}", "data.samples=", "data.test_samples=")
    common = (config.to_toml(), config.origin, str(out), str(tmp_path), "")
    for seed in (1, 2):
        data.unlink(missing_ok=True)
        yin_yang(60, seed=seed).save(data)
        train = Experiment(config, out).plan.pieces[0]
        assert compute_piece(common, train.file_name, []) == ""
        assert (out / "pieces" / train.file_name).is_file()
    refused = compute_piece(common, "train.qif_seed1.0123456789abcdef.h5", [])
    assert "data files or its release of the package are others" in refused


def blocked_signals() -> list[int]:
    """What the worker that this runs on does not hear."""
    return [int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, [])]


def test_nobody_without_its_keys_gets_to_a_cluster_of_this_machine() -> None:
    pytest.importorskip("cryptography", reason="the extra 'dask' is not installed")
    from landscape.jobs.dask import own_cluster

    with own_cluster(1) as cluster:
        address = cluster.scheduler_address
        assert address.startswith("tls://127.0.0.1:")
        for stranger in (address, address.replace("tls:", "tcp:")):
            with pytest.raises((OSError, TypeError)), distributed.Client(stranger, timeout=2):
                pass
        strangers_keys = distributed.Security.temporary()
        with pytest.raises(OSError), distributed.Client(address, security=strangers_keys, timeout=2):  # noqa: PT011
            pass
        with distributed.Client(cluster) as client:
            assert signal.SIGINT in client.submit(blocked_signals).result(timeout=60), "Ctrl-C is this process's"
            (worker,) = client.scheduler_info()["workers"]
            assert worker.startswith("tls://127.0.0.1:")


def test_a_cluster_without_workers_is_told_until_there_is_one() -> None:
    from landscape.experiment.progress import Progress
    from landscape.jobs.dask import wait_for_workers

    told: list[str] = []
    with distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=None, protocol="tcp") as cluster:

        class Told(Progress):
            def say(self, text: str) -> None:
                told.append(text)
                if len(told) == 2:
                    cluster.scale(1)

        with distributed.Client(cluster) as client:
            wait_for_workers(client, Told(), 0.2)
            assert told[:2] == [f"no worker yet at {cluster.scheduler_address}; waiting"] * 2


def test_a_scheduler_goes_with_dask_only(tmp_path: Path) -> None:
    done = studies.call("run", studies.write(tmp_path, studies.SMALL), "--scheduler", "tcp://head:8786", status=2)
    assert "--engine dask" in done.stderr


def test_without_dask_the_way_to_get_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from landscape.errors import InputError
    from landscape.jobs.dask import compute_with_dask

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install 'spiking-landscape\[dask\]'"):
        compute_with_dask(Experiment(studies.study(), tmp_path / "r"))
