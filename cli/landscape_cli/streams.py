"""Standard output and standard error, which everything that is printed goes through.

Control characters in names, values and messages are shown and not sent to the terminal, which would obey them. What
cannot be encoded is shown likewise. A command ends when nobody reads its standard output any more, as others do; what
is told on standard error may get lost, and the work goes on.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from landscape.errors import cannot_write
from landscape.text import visible

#: Exit status of a command whose output nobody reads any more: that of a shell for what a broken pipe ended.
UNREAD = 141


class ShownStream:
    """A text stream that shows control characters other than line breaks and tabs.

    Attributes:
        unfiltered: the stream it writes to, for what moves the cursor on purpose.
    """

    def __init__(self, stream: Any, name: str, *, needed: bool) -> None:
        """Wrap a stream.

        Args:
            stream: the stream to write to.
            name: what messages call it.
            needed: whether the command ends if what is written gets lost.
        """
        self.unfiltered = stream
        self._name = name
        self._needed = needed
        with suppress(AttributeError, io.UnsupportedOperation):
            stream.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write text.

        Raises:
            WriteError: the disk is full, or fails.
            Exit: nobody reads it any more.
        """
        shown = visible(text, keep="\n\t")
        try:
            # click writes nothing to find out what a stream is, and is deaf to failures.
            if shown:
                self.unfiltered.write(shown)
        except OSError as error:
            self._give_up(error)
        return len(text)

    def flush(self) -> None:
        """Hand on what was written.

        Raises:
            WriteError: the disk is full, or fails.
            Exit: nobody reads it any more.
        """
        try:
            self.unfiltered.flush()
        except OSError as error:
            self._give_up(error)

    def isatty(self) -> bool:
        """Whether a person may be watching."""
        return bool(self.unfiltered.isatty())

    def fileno(self) -> int:
        """Number of the file."""
        return int(self.unfiltered.fileno())

    @property
    def encoding(self) -> str:
        """How characters are encoded."""
        return str(self.unfiltered.encoding)

    def _give_up(self, error: OSError) -> None:
        # What is left in buffers would be written, and fail, once more when Python ends.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.fileno())
        if not self._needed:
            return
        if isinstance(error, BrokenPipeError):
            raise click.exceptions.Exit(UNREAD) from error
        raise cannot_write(self._name, error, begun=True) from error


def tell(line: object, *, err: bool = False) -> None:
    """Print one line, in which line breaks of names are shown as well."""
    click.echo(visible(str(line)), err=err)


@contextmanager
def shown_streams() -> Iterator[None]:
    """Let all that is printed while the block runs go through a :class:`ShownStream`."""
    _open_closed()
    before = sys.stdout, sys.stderr
    sys.stdout = ShownStream(before[0], "standard output", needed=True)
    sys.stderr = ShownStream(before[1], "standard error", needed=False)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def _open_closed() -> None:
    """Open the null device in the place of standard streams that are closed: the next file that is opened would have
    their numbers, and messages of libraries would go into it.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.dup2(os.open(os.devnull, os.O_RDWR), number)
            os.set_inheritable(number, True)
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))
