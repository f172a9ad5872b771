"""Signals that come within code that must not be left anywhere, such as Ctrl-C within a kernel.

Python runs the handler of a signal as soon as the main thread executes Python code. Compiled code does so in passing,
where it makes the objects that it returns, and NumPy where it compares types: what a handler raises there is lost, or
becomes a SystemError or TypeError. Handlers are therefore called, with whatever they raise, between pieces of work and
after each call of a kernel: those of an application (a notebook, say) too. A signal without a handler in Python acts at
once, as ever.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # no stubs: see SIGNALS
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["handlers_wrapped", "interruptible", "uninterrupted"]

#: Those whose handlers usually raise, as plain numbers. The functions of the module behind ``signal`` take and give
#: these; those of ``signal`` look for a name of each in enumerations, which takes longer than a small batch's loss.
SIGNALS = tuple(int(getattr(signal, name)) for name in ("SIGINT", "SIGTERM", "SIGALRM") if hasattr(signal, name))

_handlers: dict[int, Callable[[int, FrameType | None], Any]] = {}  # that are wrapped
_waiting: list[tuple[int, FrameType | None]] = []
_held_back = False


@contextmanager
def handlers_wrapped() -> Iterator[None]:
    """Wrap the handlers of signals once around many calls of :func:`uninterrupted`, each of which else does it itself.

    Handlers interrupt the main thread only: on others there is nothing to do.
    """
    if _handlers or not _is_main_thread():
        yield
        return
    try:
        _waiting.clear()
        for number in SIGNALS:
            handler = _signal.getsignal(number)
            if callable(handler):
                _handlers[number] = handler
                _signal.signal(number, _call_or_note)
        yield
    finally:
        _unwrap()


def uninterrupted(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return ``function(*arguments)``, and then call the handlers of signals that came meanwhile.

    Within another such call, too: between the kernels of a piece of work it may be left.
    """
    if not _is_main_thread():
        return function(*arguments)
    if _handlers:
        return _call(True, function, arguments)
    with handlers_wrapped():
        return _call(True, function, arguments)


def interruptible(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return ``function(*arguments)``, during which no signal waits although the call around it is uninterrupted.

    For compilation, which takes long.
    """
    if not (_held_back and _is_main_thread()):
        return function(*arguments)
    _call_waiting()
    return _call(False, function, arguments)


def _call(held_back: bool, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    global _held_back
    before, _held_back = _held_back, held_back
    try:
        return function(*arguments)
    finally:
        _held_back = before
        _call_waiting()


def _call_or_note(number: int, frame: FrameType | None) -> None:
    if _held_back:
        _waiting.append((number, frame))
    else:
        _handlers[number](number, frame)


def _call_waiting() -> None:
    if _waiting:
        number, frame = _waiting.pop(0)
        try:
            _handlers[number](number, frame)
        finally:
            _call_waiting()


def _unwrap() -> None:
    """Put the handlers back; also if one of them raises just now."""
    if not _is_main_thread():
        return  # a generator that nobody wanted any more: the wrapper goes on calling the handlers
    try:
        for number, handler in list(_handlers.items()):
            found = _signal.signal(number, handler)
            if found is not _call_or_note:
                _signal.signal(number, found)  # somebody has put it in since
            del _handlers[number]
    except BaseException:
        _unwrap()
        raise


def _is_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
