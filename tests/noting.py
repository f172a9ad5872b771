"""A progress display that keeps what a run says."""

from __future__ import annotations

from landscape.experiment import Progress

__all__ = ["Noting"]


class Noting(Progress):
    """Keeps the lines that a run says, and those that end a piece of work."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, text: str) -> None:
        self.said.append(text)

    def end(self, summary: str) -> None:
        self.said.append(summary)
