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
            threading.Thread(target=_beat, args=(self._own, stop), daemon=True).start()
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
        for path, record in _records(self._workers):
            with suppress(OSError, KeyError, TypeError, ValueError):
                if is_alive(record, path):
                    found.append(
                        Worker(
                            str(record["host"]),
                            int(record["pid"]),
                            str(record["piece"]),
                            float(record["started"]),
                            str(record["job"]),
                        )
                    )
        return sorted(found, key=lambda worker: (worker.host, worker.pid))

    def failures(self) -> list[Failure]:
        """The pieces whose last attempt failed."""
        found = []
        for path, record in _records(self._failed):
            with suppress(OSError, KeyError, TypeError, ValueError):
                when = path.stat().st_mtime
                found.append(Failure(str(record["piece"]), str(record["message"]), str(record["host"]), when))
        return sorted(found, key=lambda failure: failure.piece)


def this_process() -> dict[str, Any]:
    """What tells this process from every other: host, pid, when it was started."""
    return {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "start": _start_of(os.getpid()),
        "since": time.strftime("%Y-%m-%d %H:%M:%S"),
    }


def is_alive(record: dict[str, Any], path: Path) -> bool:
    """Whether the process of a record lives: looked up on this machine, judged by its last sign of life on another.

    Raises:
        OSError, KeyError, TypeError, ValueError: the record is gone or is none.
    """
    if record["host"] != socket.gethostname():
        return time.time() - path.stat().st_mtime < SILENCE
    pid = int(record["pid"])
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    # Numbers of processes are used again; the time of the start tells a later one from ours.
    start = _start_of(pid)
    return not start or not record.get("start") or start == record["start"]


def _start_of(pid: int) -> str:
    """When a process of this machine was started, in the kernel's ticks; empty where that cannot be told."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return ""


def _beat(path: Path, stop: threading.Event) -> None:
    while not stop.wait(BEAT):
        with suppress(OSError):
            os.utime(path)


def _records(folder: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    try:
        paths = sorted(folder.glob("*.json"))
    except OSError:
        return
    for path in paths:
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(record, dict):
            yield path, record


def _write(path: Path, record: dict[str, Any]) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_text(json.dumps(record), encoding="utf-8")
            os.replace(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)


def _remove(path: Path) -> None:
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _flat(piece: str) -> str:
    return piece.replace("/", "+") + ".json"
