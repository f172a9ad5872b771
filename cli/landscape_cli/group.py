"""A click group whose every failure ends in one message and a documented exit status."""

from __future__ import annotations

import difflib
import os
import signal
import sys
import warnings
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from landscape.errors import DataWarning, InputError, LandscapeError
from landscape.text import visible
from landscape_cli.interrupts import interrupts_raised
from landscape_cli.streams import shown_streams

FAILED = 1
INPUT_AT_FAULT = 2
INTERRUPTED = 130
TERMINATED = 143


class LandscapeGroup(click.Group):
    """Maps exceptions to exit statuses, suggests commands, and keeps the commands in their order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they were added."""
        return [name for name, command in self.commands.items() if not command.hidden]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the closest one."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-"):
            close = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f"did you mean '{close[0]}'?" if close else f"commands: {', '.join(self.list_commands(ctx))}"
            ctx.fail(f"there is no command '{name}'; {hint}")
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, *rest: Any, **extra: Any) -> NoReturn:
        """Run the command line and exit."""
        extra["standalone_mode"] = False
        # Else click takes escape sequences out where no terminal is written to, and with them what names hold.
        extra["color"] = True
        with shown_streams(), interrupts_raised() as received, warnings.catch_warnings():
            # The commands say it themselves, in the words of the experiment's keys.
            warnings.simplefilter("ignore", DataWarning)
            try:
                status = super().main(args, *rest, **extra)
                sys.stdout.flush()
            except BaseException as error:
                if os.environ.get("LANDSCAPE_DEBUG") == "1" and not isinstance(error, click.exceptions.Exit):
                    raise
                status = _report(error, received)
        # Commands return None; click hands on the status of --help and --version.
        sys.exit(status if isinstance(status, int) else 0)


def _report(error: BaseException, received: list[int]) -> int:
    """Tell the user what went wrong and return the exit status; signals that came explain what is unexpected."""
    match error:
        case click.exceptions.Exit():
            return error.exit_code
        case click.ClickException():
            # It quotes what was typed.
            vars(error)["message"] = visible(error.message)
            error.show()
            return error.exit_code
        case click.Abort() | KeyboardInterrupt():
            return _report_interrupt(received)
        case InputError():
            _say(f"error: {error}")
            return INPUT_AT_FAULT
        case LandscapeError():
            _say(f"error: {error}")
            return FAILED
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            _say(f"error: {visible(f'{where}{error.strerror or error}')}")
            return FAILED
        case MemoryError():
            _say("error: out of memory; use fewer samples or points, record no full gradients or sample losses")
            return FAILED
        case Exception() if received:
            return _report_interrupt(received)
        case Exception():
            kind = type(error).__name__
            _say(f"error: unexpected {kind}: {visible(str(error))} (LANDSCAPE_DEBUG=1 shows where; please report it)")
            return FAILED
    raise error


def _report_interrupt(received: list[int]) -> int:
    terminated = signal.SIGTERM in received
    how = "terminated" if terminated else "interrupted"
    _say(f"{how}; what was finished is kept; the same command goes on with the rest")
    return TERMINATED if terminated else INTERRUPTED


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
