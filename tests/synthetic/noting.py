"""Progress displays that keep what a run says, or interrupt it."""

from __future__ import annotations

from landscape.experiment import Progress

__all__ = ["Noting", "Stop"]


class Noting(Progress):
    """Keeps the lines that a run says, and those that end a piece of work."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def end(self, summary: str) -> None:
        self.said.append(summary)


class Stop(Progress):
    """Interrupts the work under way of a label once so much of it is done, as Ctrl-C would."""

    def __init__(self, label: str, done: float) -> None:
        self.label, self.at, self.active = label, done, False

    def begin(self, label: str, total: float, unit: str) -> None:
        self.active = label == self.label

    def advance(self, done: float, note: str = "") -> None:
        if self.active and done >= self.at:
            self.active = False
            raise KeyboardInterrupt
