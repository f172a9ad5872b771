"""Independent pieces of work on several cores. Kernels run without the interpreter lock, so threads suffice.

What a piece computes never depends on the number of threads, and results are put together in the order of the
pieces: bit-identical for any number of threads.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

from landscape.errors import InputError

__all__ = ["run_pieces", "thread_count"]

Piece = TypeVar("Piece")
Result = TypeVar("Result")


def thread_count(threads: int | None = None) -> int:
    """Number of threads to use: the argument, else ``LANDSCAPE_THREADS``, else the cores this process may use.

    Raises:
        InputError: If it is no positive whole number.
    """
    given: object = threads
    if threads is None:
        given = os.environ.get("LANDSCAPE_THREADS", "")
        if given == "":
            return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        count = int(str(given))
    except ValueError:
        count = 0
    if count < 1:
        raise InputError(f"threads must be a positive whole number, not {given!r}")
    return count


def run_pieces(
    work: Callable[[Piece], Result], pieces: Sequence[Piece], threads: int | None = None
) -> Iterator[tuple[int, Result]]:
    """Yield ``(position, work(piece))`` for all pieces, in the order in which they finish.

    When the consumer stops (an exception, an interrupt), pieces not yet begun are dropped and those under way are
    waited for, so that no thread outlives the call.
    """
    count = min(thread_count(threads), len(pieces))
    if count <= 1:
        for position, piece in enumerate(pieces):
            yield position, work(piece)
        return
    # Each thread takes the next piece by itself: handing out pieces one by one costs more than a small piece takes.
    waiting = iter(enumerate(pieces))
    lock = threading.Lock()
    stop = threading.Event()
    finished: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()

    def keep_working() -> None:
        while not stop.is_set():
            with lock:
                position, piece = next(waiting, (-1, None))
            if position < 0:
                return
            try:
                finished.put((position, work(cast(Piece, piece)), None))
            except BaseException as error:
                finished.put((position, None, error))
                return

    workers = [threading.Thread(target=keep_working, daemon=True) for _ in range(count)]
    for worker in workers:
        worker.start()
    try:
        for _ in pieces:
            position, result, error = finished.get()
            if error is not None:
                raise error
            yield position, cast(Result, result)
    finally:
        stop.set()
        for worker in workers:
            worker.join()
