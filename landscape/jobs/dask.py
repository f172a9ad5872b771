"""A study on a Dask cluster: one of this machine, or any that a scheduler's address leads to.

The workers write the pieces to the results folder themselves, which all of them must see; only names travel. A piece
whose worker is lost runs again on another.
"""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import uuid
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from landscape.errors import InputError, LandscapeError, SimulationError, WriteError
from landscape.jobs.bundles import missing_pieces

if TYPE_CHECKING:
    from landscape.experiment import Experiment

#: Times a piece is tried again when its worker was lost.
RETRIES = 5

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
        from distributed import Client, LocalCluster, as_completed
    except ImportError as error:
        raise InputError("--engine dask needs Dask: pip install 'spiking-landscape[dask]'") from error
    from landscape.parallel import thread_count

    experiment.preflight()
    with experiment.at_work(), ExitStack() as stack:
        missing = missing_pieces(experiment)
        if not missing:
            return 0
        # A worker that is killed is no reason to give up a piece, however often it happens to the same one.
        stack.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": RETRIES}))
        if scheduler is None:
            cluster = LocalCluster(
                n_workers=min(thread_count(workers), len(missing)),
                threads_per_worker=1,
                processes=True,
                dashboard_address=None,
                silence_logs=50,
            )
            client = stack.enter_context(Client(stack.enter_context(cluster)))
        else:
            try:
                client = stack.enter_context(Client(scheduler, timeout=30))
            except (OSError, TimeoutError) as error:
                raise ClusterError(f"--scheduler {scheduler}: no Dask scheduler answers there ({error})") from error
            except ValueError as error:
                raise InputError(f"--scheduler {scheduler}: is no address as tcp://host:8786 ({error})") from error
        folder = os.fspath(experiment.folder.path.resolve())
        common = (experiment.config.to_toml(), experiment.config.origin, folder, os.getcwd())
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


#: What a worker returns whose disk is full.
FULL = "no space"


def handed_on(*common: str) -> tuple[str, ...]:
    """Return what all pieces of a study are given, on a worker."""
    return common


def compute_piece(common: tuple[str, str, str, str], name: str, needs: list[str]) -> str:
    """Compute one piece on a worker; return what went wrong, or nothing.

    Args:
        common: the experiment as TOML, what messages call it, its results folder, and the working directory that paths
            of data files are relative to.
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
        experiment.finish(pieces[name])
    except WriteError:
        return FULL
    except LandscapeError as error:
        return str(error)
    return ""


def _experiment(common: tuple[str, str, str, str], name: str) -> Any:
    """Return the experiment and its pieces by name; kept from piece to piece, by each thread of a worker for itself.

    Made anew where it does not have the piece that is asked for: data files may have changed since the last study.
    """
    from landscape.config import parse_config
    from landscape.experiment import Experiment

    toml, origin, folder, directory = common
    key = hashlib.sha256(repr(common).encode()).hexdigest()
    if getattr(_of_this_thread, "key", None) != key or name not in _of_this_thread.experiment[1]:
        if Path(directory).is_dir():
            os.chdir(directory)
        experiment = Experiment(parse_config(toml, origin=origin), folder, threads=1)
        _of_this_thread.experiment = (experiment, {piece.file_name: piece for piece in experiment.plan.pieces()})
        _of_this_thread.key = key
    return _of_this_thread.experiment
