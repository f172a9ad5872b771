"""How a running experiment tells what it does; the command line draws bars from it."""

from __future__ import annotations


class Progress:
    """Receives what an experiment reports; this one ignores it. Derive from it and override what you need."""

    def begin(self, label: str, total: float, unit: str) -> None:
        """Called when work starts that takes ``total`` units, for example 20 epochs or 961 points."""

    def advance(self, done: float, note: str = "") -> None:
        """Called while it goes on: ``done`` units of the total so far, and the latest values as text."""

    def end(self, summary: str) -> None:
        """Called when it is finished, with one line about the outcome."""

    def between_pieces(self) -> None:
        """Called before each piece of work, where stopping loses nothing; may raise KeyboardInterrupt."""

    def say(self, text: str) -> None:
        """Called with one line about something that took no time, such as a stage that was done already."""
