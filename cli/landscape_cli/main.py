"""Entry point of the program.

Signals are answered before anything else is imported, which can take seconds on a busy file system: until the commands
are there, which answer them in their own way, nothing has begun that could be kept.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from types import FrameType


def main() -> None:
    """Run the command line and exit."""
    for number in (signal.SIGINT, signal.SIGTERM):
        # One that is ignored stays so, as in a shell's background jobs.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    from landscape_cli.commands import cli

    cli.main(prog_name="landscape")


def _end(number: int, frame: FrameType | None) -> None:
    with suppress(OSError):
        os.write(2, b"interrupted before it began\n")
    raise SystemExit(128 + number)


if __name__ == "__main__":
    main()
