"""Independent blocks of work on several cores. Kernels run without the interpreter lock, so threads suffice.

What a block computes never depends on the number of threads, and results are put together in the order of the
blocks: bit-identical for any number of threads.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar, cast

from landscape.errors import InputError
from landscape.interrupts import handlers_wrapped, uninterrupted

__all__ = ["run_blocks", "thread_count"]

Block = TypeVar("Block")
Result = TypeVar("Result")


def thread_count(threads: int | None = None) -> int:
    """Number of threads to use: the argument, else ``LANDSCAPE_THREADS``, else the cores this process may use.

    Raises:
        InputError: it is no positive whole number.
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


def run_blocks(
    work: Callable[[Block], Result], blocks: Sequence[Block], threads: int | None = None
) -> Iterator[tuple[int, Result]]:
    """Yield ``(position, work(block))`` for all blocks, in the order in which they finish.

    The caller's thread works too, beside as many helpers as are wanted; these stay for the next call, since starting a
    thread takes as long as some blocks. When the consumer stops (an exception, an interrupt), blocks not yet begun are
    dropped and those under way are waited for, so that no work outlives the call.
    """
    count = min(thread_count(threads), len(blocks))
    with handlers_wrapped():
        if count > 1:
            yield from _on_threads(work, blocks, count)
        else:
            for position, block in enumerate(blocks):
                yield position, uninterrupted(work, block)


def _on_threads(work: Callable[[Block], Result], blocks: Sequence[Block], count: int) -> Iterator[tuple[int, Result]]:
    # Each thread takes the next block by itself: handing out blocks one by one costs more than a small block takes.
    waiting: Iterator[tuple[int, Block]] = iter(enumerate(blocks))
    lock = threading.RLock()  # a collection of garbage may come to the end of this very generator anywhere
    finished: queue.SimpleQueue[tuple[int, Result | None, BaseException | None]] = queue.SimpleQueue()
    left = len(blocks)  # to be yielded
    helping: set[int] = set()  # threads
    idle = threading.Condition(lock)
    process = os.getpid()

    def next_block() -> tuple[int, Block | None]:
        with lock:
            return next(waiting, (-1, None))

    def help_out() -> None:
        with lock:
            helping.add(threading.get_ident())
        try:
            while (taken := next_block())[0] >= 0:
                try:
                    finished.put((taken[0], work(cast(Block, taken[1])), None))
                except BaseException as error:
                    finished.put((taken[0], None, error))
                    return
        finally:
            with lock:
                helping.discard(threading.get_ident())
                idle.notify_all()

    try:
        _helpers.ask(help_out, count - 1)
        while left:
            taken = next_block() if finished.empty() else (-1, None)
            if taken[0] >= 0:
                position, result = taken[0], uninterrupted(work, cast(Block, taken[1]))
            else:
                position, found, error = finished.get()
                if error is not None:
                    raise error
                result = cast(Result, found)
            left -= 1
            yield position, result
    finally:
        with lock:
            waiting = iter(())  # for helpers that have not begun, too
            # There is nobody to wait for in a forked process, nor for a helper in itself.
            if os.getpid() == process and threading.get_ident() not in helping:
                idle.wait_for(lambda: not helping)


class _Helpers:
    """Threads that wait for work, as many as were ever asked for at once."""

    def __init__(self) -> None:
        self.forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self.forget)

    def forget(self) -> None:
        """Begin without threads: those of a parent process are not there in its child."""
        self._lock = threading.Lock()
        self._tasks: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._count = 0

    def ask(self, task: Callable[[], None], count: int) -> None:
        """Have ``count`` threads call ``task`` as soon as they have nothing else to do."""
        with self._lock:
            while self._count < count:
                threading.Thread(target=_serve, args=(self._tasks,), name="landscape-helper", daemon=True).start()
                self._count += 1
        for _ in range(count):
            self._tasks.put(task)


def _serve(tasks: queue.SimpleQueue[Callable[[], None]]) -> None:
    while True:
        tasks.get()()


_helpers = _Helpers()
