"""Who is at work in a results folder, at which piece, and which pieces failed.

Each process that computes pieces keeps one small file ``jobs/workers/HOST-PID.json`` and touches it while it lives; one
that has not been touched for a while, or whose process is gone, was left by a crash and counts for nothing. The files
only serve to show what is going on: no result depends on them, and a disk too full for them stops nothing.
"""

from __future__ import annotations

import atexit
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from landscape.filesystem import read_record, write_text
from landscape.processes import is_alive, start_of
from landscape.text import natural_order

#: Seconds between two signs of life, and after how many without one a process on another machine counts as gone.
BEAT = 10.0
SILENCE = 60.0


@dataclass(frozen=True)
class Worker:
    """A process at work.

    Attributes:
        host: its machine.
        pid: its number there.
        piece: file name of the piece that it computes; empty between two.
        since: when it began that piece, seconds since 1970.
        job: its job of a batch system; empty if it has none.
    """

    host: str
    pid: int
    piece: str
    since: float
    job: str


@dataclass(frozen=True)
class Failure:
    """A piece that could not be computed.

    Attributes:
        piece: its file name.
        message: what went wrong.
        host: the machine that tried.
        when: seconds since 1970.
    """

    piece: str
    message: str
    host: str
    when: float


class Activity:
    """The records of one results folder, and those of this process among them.

    Args:
        folder: the folder of the records; made when there is something to record.
    """

    def __init__(self, folder: Path) -> None:
        self._workers = folder / "workers"
        self._failed = folder / "failed"
        self._own = self._workers / f"{socket.gethostname()}-{os.getpid()}.json"
        self._leaves_nothing = False

    @contextmanager
    def at(self, piece: str) -> Iterator[None]:
        """Record that this process computes a piece while the block runs, and what went wrong if it fails."""
        job = os.environ.get("SLURM_ARRAY_JOB_ID", "")
        job = f"{job}_{os.environ.get('SLURM_ARRAY_TASK_ID', '')}" if job else os.environ.get("SLURM_JOB_ID", "")
        record = this_process() | {"piece": piece, "started": time.time(), "job": job}
        stop = threading.Event()
        failure = self._failed / _flat(piece)
        # An interrupt can come at any step, also while the record is being taken away.
        if not self._leaves_nothing:
            atexit.register(_remove, self._own)
            self._leaves_nothing = True
        try:
            _write(self._own, record)
            threading.Thread(target=keep_fresh, args=(self._own, stop), daemon=True).start()
            yield
        except Exception as error:
            _write(failure, {"piece": piece, "message": str(error)[:2000] or type(error).__name__} | this_process())
            raise
        else:
            with suppress(OSError):
                failure.unlink(missing_ok=True)
        finally:
            stop.set()
            _remove(self._own)

    def workers(self) -> list[Worker]:
        """The processes that are alive, as far as can be told from here."""
        found = []
        for path in _records(self._workers):
            record = read_record(path, host=str, pid=int, piece=str, started=float, job=str)
            if record is not None and record["started"] >= 0.0 and is_at_work(record, path):
                found.append(Worker(*(record[key] for key in ("host", "pid", "piece", "started", "job"))))
        return sorted(found, key=lambda worker: (natural_order(worker.host), worker.pid))

    def failures(self) -> list[Failure]:
        """The pieces whose last attempt failed."""
        found = []
        for path in _records(self._failed):
            record = read_record(path, piece=str, message=str, host=str)
            if record is not None and (when := _touched(path)) is not None:
                found.append(Failure(record["piece"], record["message"], record["host"], when))
        return sorted(found, key=lambda failure: natural_order(failure.piece))


def this_process() -> dict[str, Any]:
    """What tells this process from every other: host, pid, when it was started."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "start": start_of(os.getpid()),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }


def is_at_work(record: dict[str, Any], path: Path) -> bool:
    """Whether the process of a record lives: looked up on this machine, judged by its last sign of life on another.

    Args:
        record: what :func:`this_process` gave that process; its ``host`` is text.
        path: the file of the record, which the process touches while it lives.
    """
    if record["host"] == socket.gethostname():
        return is_alive(record.get("pid"), record.get("start"))
    touched = _touched(path)
    return touched is not None and abs(time.time() - touched) < SILENCE


def keep_fresh(path: Path, stop: threading.Event) -> None:
    """Touch the file of a record from time to time, until told to stop."""
    while not stop.wait(BEAT):
        with suppress(OSError):
            os.utime(path, follow_symlinks=False)


def _touched(path: Path) -> float | None:
    """When a file was touched last, seconds since 1970; None if it is gone."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return None


def _records(folder: Path) -> list[Path]:
    try:
        return sorted(folder.glob("*.json"))
    except OSError:
        return []


def _write(path: Path, record: dict[str, Any]) -> None:
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(record))


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _flat(piece: str) -> str:
    return piece.replace("/", "+") + ".json"
