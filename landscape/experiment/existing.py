"""What a results folder holds already as its result: refused where it is not the package's own, told where it is
damaged.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from landscape.config import Config, parse_config
from landscape.errors import ConfigError, InputError, ResultFileError
from landscape.experiment.store import REMEDY
from landscape.h5.sealing import is_sealed
from landscape.results import ResultFile, validate


def check_result(result_file: Path, say: Callable[[str], None]) -> None:
    """Refuse to work in a folder with a result file that a run would have to replace, but cannot make out.

    Args:
        result_file: the file, there or not.
        say: is told what takes a while.

    Raises:
        ResultFileError: it is damaged, of another format or format version, or cannot be read.
    """
    if os.path.lexists(result_file) and (problem := problem_of(result_file, say)):
        raise ResultFileError(f"{problem}; {REMEDY}")


def other_tables(result_file: Path, config: Config) -> list[str]:
    """Return which tables of an experiment are not those that a result file was made with; not how it is drawn.

    Raises:
        ResultFileError: the file is damaged.
    """
    try:
        made_with = parse_config(str(ResultFile(result_file).attributes.get("config", "")))
    except ConfigError:
        # Of a release with other keys: no run takes its pieces for today's.
        return ["all"]
    mine, its = (each.model_dump(exclude={"figures", "jobs", "description"}) for each in (config, made_with))
    return [name for name in mine if mine[name] != its[name]]


def problem_of(path: Path, say: Callable[[str], None]) -> str | None:
    """Return what is wrong with a result file, its path first; None if it is valid.

    One whose checksum fits is what this package wrote; others are read through.

    Args:
        path: the file.
        say: is told what takes a while.
    """
    try:
        if is_sealed(path):
            ResultFile(path)
            return None
        say(f"checking {path}, which another program wrote to")
        found = validate(path)
    except OSError as error:
        return f"{path}: cannot be read ({error.strerror})"
    except InputError as error:
        return str(error)
    return f"{path}: damaged result file ({found[0]})" if found else None
