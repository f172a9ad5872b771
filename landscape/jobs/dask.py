"""A study on a Dask cluster: one of this machine, or any that a scheduler's address leads to.

The workers write the pieces to the results folder themselves, which all of them must see; only names travel. A piece
whose worker is lost runs again on another.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import threading
import uuid
from contextlib import ExitStack
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape.config import parse_config
from landscape.errors import InputError, LandscapeError, SimulationError, WriteError
from landscape.experiment import Experiment
from landscape.jobs.bundles import missing_pieces
from landscape.parallel import thread_count
from landscape.plugins import PLUGINS_VARIABLE, absolute, hand_on

if TYPE_CHECKING:
    from distributed import Client

    from landscape.experiment import Experiment
    from landscape.experiment.progress import Progress

#: Times a piece is tried again when its worker was lost.
RETRIES = 5

_NEEDED = "--engine dask needs Dask: pip install 'spiking-landscape[dask]'"

_of_this_thread = threading.local()


class ClusterError(LandscapeError):
    """Raised when a Dask scheduler cannot be reached."""


def compute_with_dask(experiment: Experiment, scheduler: str | None = None, *, workers: int | None = None) -> int:
    """Compute the pieces of a study that are missing on a Dask cluster; return how many were.

    Args:
        experiment: the experiment and its results folder; data files and the folder must be at the same place for all
            workers.
        scheduler: address of a scheduler, as ``"tcp://host:8786"``; a cluster on this machine if not given.
        workers: processes of a cluster on this machine; one per core if not given.

    Raises:
        InputError: Dask is not installed, or the address is none.
        ClusterError: there is no scheduler at the address.
        SimulationError: some pieces failed; the message names the first.
        WriteError: the disk is full, or fails.
        FolderInUseError: another run is at work in the folder.
        KeyboardInterrupt: pieces under way were abandoned.
    """
    try:
        import dask
        from distributed import Client, as_completed
    except ImportError as error:
        raise InputError(_NEEDED) from error

    experiment.context.preflight()
    with experiment.at_work(), ExitStack() as stack:
        missing = missing_pieces(experiment.plan, experiment.store)
        if not missing:
            return 0
        # A worker that is killed is no reason to give up a piece, however often it happens to the same one.
        settings: dict[str, Any] = {"distributed.scheduler.allowed-failures": RETRIES}
        # Pages that are served to whoever asks; none of them is needed.
        settings |= {f"distributed.{part}.http.routes": [] for part in ("scheduler", "worker")}
        stack.enter_context(dask.config.set(settings))
        if scheduler is None:
            cluster = stack.enter_context(own_cluster(min(thread_count(workers), len(missing))))
            client = stack.enter_context(Client(cluster))
        else:
            try:
                client = stack.enter_context(Client(scheduler, timeout=30))
            except (OSError, TimeoutError) as error:
                raise ClusterError(f"--scheduler {scheduler}: no Dask scheduler answers there ({error})") from error
            except ValueError as error:
                raise InputError(f"--scheduler {scheduler}: is no address as tcp://host:8786 ({error})") from error
        wait_for_workers(client, experiment.progress)
        folder = os.fspath(experiment.folder.path.resolve())
        plugins = absolute(os.environ.get(PLUGINS_VARIABLE, ""))
        common = (experiment.config.to_toml(), experiment.config.origin, folder, os.getcwd(), plugins)
        # A task and not scattered data: those would be lost with the worker that holds them, and the study with them.
        shared = client.submit(handed_on, *common, key=f"study-{uuid.uuid4().hex}", pure=False)
        futures: dict[str, Any] = {}
        for number, piece in enumerate(missing):
            needs = [futures[name] for name in piece.needs if name in futures]
            futures[piece.file_name] = client.submit(
                compute_piece, shared, piece.file_name, needs, key=piece.file_name, priority=-number, pure=False
            )
        names = {future.key: name for name, future in futures.items()}
        experiment.progress.begin("pieces", len(missing), "pieces")
        failed: dict[str, str] = {}
        for done, (future, outcome) in enumerate(
            as_completed(list(futures.values()), with_results=True, raise_errors=False)
        ):
            if future.status != "finished":
                failed[names[future.key]] = str(outcome[1] if isinstance(outcome, tuple) else outcome)
            elif outcome == FULL:
                raise WriteError(
                    f"{folder}: writing failed on a worker; free disk space, then the same command goes on"
                )
            elif outcome:
                failed[names[future.key]] = outcome
            experiment.progress.advance(done + 1)
        experiment.progress.end(f"computed {len(missing) - len(failed)} pieces with Dask")
    if failed:
        name, message = next(iter(failed.items()))
        raise SimulationError(f"{len(failed)} pieces failed; the first: {name}: {message}")
    return len(missing)


def own_cluster(workers: int) -> Any:
    """Return a cluster on this machine that nobody else can use, neither from elsewhere nor as another user here: to it
    goes who has the keys, which are in the memory of its processes alone.
    """
    from distributed import LocalCluster, Security

    try:
        security = Security.temporary()
    except ImportError as error:
        raise InputError(_NEEDED) from error
    # What is blocked here is in the threads that begin meanwhile and in their processes. A Ctrl-C goes to all processes
    # of a terminal; here it ends the work, and with it the workers, which need no word of their own. The tracker of
    # shared resources would, as it starts, unblock it in the thread that starts it.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tls://",
            security=security,
            dashboard_address=None,
            silence_logs=50,
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def wait_for_workers(client: Client, progress: Progress, seconds: float = 5.0) -> None:
    """Wait until a cluster has a worker, and tell so after some seconds and then ever more seldom."""
    while True:
        try:
            client.wait_for_workers(1, timeout=seconds)
            return
        except TimeoutError:
            progress.say(f"no worker yet at {client.scheduler_info()['address']}; waiting")
            progress.between_pieces()
            seconds = min(2.0 * seconds, 600.0)


#: What a worker returns whose disk is full.
FULL = "no space"


def handed_on(*common: str) -> tuple[str, ...]:
    """Return what all pieces of a study are given, on a worker."""
    return common


def compute_piece(common: tuple[str, ...], name: str, needs: list[str]) -> str:
    """Compute one piece on a worker; return what went wrong, or nothing.

    Args:
        common: the experiment as TOML, what messages call it, its results folder, the working directory that paths of
            data files are relative to, and the plugins.
        name: file name of the piece.
        needs: what the pieces that it needs returned.
    """
    if any(needs):
        return FULL if FULL in needs else "a piece that it needs failed"
    try:
        experiment, pieces = _experiment(common, name)
        if name not in pieces:
            raise InputError(
                f"{name}: is no piece of the experiment on the worker {socket.gethostname()}: its data files or its "
                "release of the package are others"
            )
        experiment.engine.finish_piece(pieces[name])
    except WriteError:
        return FULL
    except LandscapeError as error:
        return str(error)
    return ""


def _experiment(common: tuple[str, ...], name: str) -> Any:
    """Return the experiment and its pieces by name; kept from piece to piece, by each thread of a worker for itself.

    Made anew where it does not have the piece that is asked for: data files may have changed since the last study.
    """
    toml, origin, folder, directory, plugins = common
    key = hashlib.sha256(repr(common).encode()).hexdigest()
    if getattr(_of_this_thread, "key", None) != key or name not in _of_this_thread.experiment[1]:
        if Path(directory).is_dir():
            os.chdir(directory)
        if plugins:
            hand_on(plugins)
        experiment = Experiment(parse_config(toml, origin=origin), folder, threads=1)
        _of_this_thread.experiment = (experiment, {piece.file_name: piece for piece in experiment.plan.pieces})
        _of_this_thread.key = key
    return _of_this_thread.experiment
