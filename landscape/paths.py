"""Paths as users write them."""

from __future__ import annotations

import os
from pathlib import Path

from landscape.errors import InputError

__all__ = ["user_path"]


def user_path(path: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> Path:
    """Return a path whose ``~`` or ``~NAME`` at the start stands for that user's home folder.

    Shells leave it as it is in ``--out=~/results``, in a configuration and in what a program gives.

    Raises:
        InputError: there is no such user, or no home folder is known.
    """
    expanded = os.path.expanduser(os.fsdecode(path))
    if expanded.startswith("~"):
        name = Path(expanded).parts[0]
        raise InputError(
            f"{expanded}: no home folder is known for {name!r}; give the whole path, or ./{name} for a file of that "
            "name"
        )
    made = Path(expanded)
    # A path drops the "./" of "./~", and would be expanded the next time.
    return made.absolute() if str(made).startswith("~") else made
