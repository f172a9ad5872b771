"""Whether a process that a file names is still there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

__all__ = ["is_alive", "start_of"]

_LARGEST = 2**31 - 1


def is_alive(pid: Any, start: Any = "") -> bool:
    """Whether a process of this machine lives.

    Args:
        pid: its number; anything else that a file may hold in its place is none of a living process.
        start: when it was started, as :func:`start_of` says it: numbers are used again, and this tells a later process
            from the one that is meant. Empty where it is not known.
    """
    if type(pid) is not int or not 1 <= pid <= _LARGEST:
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        pass  # somebody else's
    except OSError:
        return False
    state, now = _status(pid)
    if state == "Z":
        return False  # it has ended, and its parent has not asked about it yet
    return start in ("", now) or not now


def start_of(pid: int) -> str:
    """When a process of this machine was started, in the kernel's ticks; empty where that cannot be told."""
    return _status(pid)[1]


def _status(pid: int) -> tuple[str, str]:
    """State and start of a process; empty where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        return fields[0], fields[19]
    except (OSError, IndexError):
        return "", ""
