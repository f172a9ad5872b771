"""Ctrl-C and SIGTERM.

Both raise KeyboardInterrupt wherever the program is. Python drops an exception that is raised while an object is being
removed from memory, and with it the interrupt; that it came is therefore kept too, and asked for between the steps of
the work.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from landscape.interrupts import handlers_wrapped

_received: list[int] = []


@contextmanager
def interrupts_raised() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt at SIGINT and SIGTERM while the block runs; yields the list of those that came.

    A SIGINT that is ignored stays so, as in a shell's background jobs.
    """
    _received.clear()

    def interrupt(number: int, frame: FrameType | None) -> None:
        _received.append(number)
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield _received
        return
    before: dict[signal.Signals, Any] = {}
    for asked in (signal.SIGINT, signal.SIGTERM):
        if asked != signal.SIGINT or signal.getsignal(asked) not in (signal.SIG_IGN, None):
            before[asked] = signal.signal(asked, interrupt)
    tell = sys.unraisablehook

    def tell_others(dropped: Any) -> None:
        # Nothing is lost with it; its traceback would only frighten.
        if not issubclass(dropped.exc_type, KeyboardInterrupt):
            tell(dropped)

    sys.unraisablehook = tell_others
    try:
        with handlers_wrapped():
            yield _received
    finally:
        sys.unraisablehook = tell
        for caught, handler in before.items():
            signal.signal(caught, handler)
        _received.clear()


def raise_if_received() -> None:
    """Raise KeyboardInterrupt if SIGINT or SIGTERM came, whatever became of the one that was raised then."""
    if _received:
        raise KeyboardInterrupt
