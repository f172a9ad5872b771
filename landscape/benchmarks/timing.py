"""Times that can be compared on a machine that does other things too."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

__all__ = ["interleaved", "peak_memory"]


SHORT = 0.1  # seconds; what takes longer is not noticeably slower for caches that are cold
FEWEST = 3  # turns that are taken however long they last


def interleaved(
    calls: Sequence[Callable[[], Any]], repeats: int = 7, budget: float = float("inf"), pause: float = 0.0
) -> tuple[list[float], list[float]]:
    """Least time and least processor time (of all threads) of each call in seconds, taken in turns after one call each
    to warm up.

    In turns, so that what slows the machine down for a while slows all of them; the least, because whatever disturbs
    adds time. Once ``budget`` seconds have passed, three turns are enough. The processor time tells how much of a time
    was waiting for cores that others had. Before each timed call nothing is done for ``pause`` seconds, as threads of a
    library that has just been called may go on looking for work and keep a core from the next call; then a short call
    is made once to warm up again.
    """
    least = [float("inf")] * len(calls)
    work = [float("inf")] * len(calls)
    for call in calls:
        call()
    start = time.perf_counter()
    for turn in range(repeats):
        if turn >= FEWEST and time.perf_counter() - start > budget:
            break
        for number, call in enumerate(calls):
            if pause > 0.0:
                time.sleep(pause)
                if least[number] < SHORT:
                    call()
            begin, begin_work = time.perf_counter(), time.process_time()
            call()
            least[number] = min(least[number], time.perf_counter() - begin)
            work[number] = min(work[number], time.process_time() - begin_work)
    return least, work


def peak_memory() -> float:
    """Most memory that this process ever had, in MiB; ``nan`` where the system does not tell."""
    try:
        import resource
    except ImportError:
        return float("nan")

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)
