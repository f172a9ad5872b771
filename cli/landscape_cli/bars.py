"""Progress on standard error: bars with the time left on a terminal, one line per finished step elsewhere."""

from __future__ import annotations

import sys
from typing import Any

from landscape.experiment.progress import Progress
from landscape.text import visible
from landscape_cli.interrupts import raise_if_received
from landscape_cli.streams import tell


class Silence(Progress):
    """Tells nothing, and stops where an interrupt was lost."""

    def begin(self, label: str, total: float, unit: str) -> None:
        """Stop, if that was asked for."""
        raise_if_received()

    def advance(self, done: float, note: str = "") -> None:
        """Stop, if that was asked for."""
        raise_if_received()

    def between_pieces(self) -> None:
        """Stop, if that was asked for."""
        raise_if_received()


class Bars(Silence):
    """One bar at a time, replaced by a line about the outcome when it is full."""

    def __init__(self) -> None:
        self._bar: Any = None

    def begin(self, label: str, total: float, unit: str) -> None:
        """Open a bar."""
        super().begin(label, total, unit)
        self._close()
        if not sys.stderr.isatty():
            return
        from tqdm import tqdm

        self._bar = tqdm(
            total=total,
            desc=visible(label),
            unit=f" {unit}",
            # It moves the cursor.
            file=getattr(sys.stderr, "unfiltered", sys.stderr),
            leave=False,
            dynamic_ncols=True,
            bar_format="{desc} |{bar}| {n:.4g}/{total:.4g}{unit}, {remaining} left{postfix}",
        )

    def advance(self, done: float, note: str = "") -> None:
        """Move the bar."""
        super().advance(done, note)
        if self._bar is not None:
            if note:
                self._bar.set_postfix_str(visible(note), refresh=False)
            self._bar.update(done - self._bar.n)

    def end(self, summary: str) -> None:
        """Close the bar and tell the outcome."""
        self._close()
        tell(summary, err=True)

    def say(self, text: str) -> None:
        """Tell something."""
        self._close()
        tell(text, err=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
