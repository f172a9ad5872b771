"""Independent pieces of work on several cores. Kernels run without the interpreter lock, so threads suffice.

What a piece computes never depends on the number of threads, and results are put together in the order of the
pieces: bit-identical for any number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

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
    with ThreadPoolExecutor(count) as pool:
        waiting = iter(enumerate(pieces))
        running: dict[Future[Result], int] = {}

        def start_one() -> None:
            for position, piece in waiting:
                running[pool.submit(work, piece)] = position
                return

        try:
            for _ in range(count + 1):  # one in reserve, so that no thread idles while a result is looked at
                start_one()
            while running:
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    position = running.pop(future)
                    start_one()
                    yield position, future.result()
        finally:
            for future in running:
                future.cancel()
