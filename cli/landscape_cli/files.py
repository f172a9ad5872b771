"""Commands that look into result files."""

from __future__ import annotations

import os
from pathlib import Path

import click

from landscape.errors import ResultFileError
from landscape_cli.options import UserPath
from landscape_cli.streams import tell

file_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=UserPath())


@click.command(
    epilog="""\b
Example:
  landscape info results/quickstart/landscape.h5"""
)
@file_argument
def info(files: tuple[Path, ...]) -> None:
    """Show what HDF5 files hold: groups, datasets with shapes and units, attributes.

    FILE may also be a results folder.
    """
    from landscape import results

    for path in files:
        click.echo(results.info(_result_file(path)))


@click.command(
    epilog="""\b
Example:
  landscape validate results/quickstart/landscape.h5"""
)
@file_argument
def validate(files: tuple[Path, ...]) -> None:
    """Check result files against the file format, down to their numbers.

    FILE may also be a results folder. Exit status 2 if a file is not valid.
    """
    from landscape import results

    problems = []
    for path in map(_result_file, files):
        found = results.validate(path)
        problems += [f"{path}: {problem}" for problem in found]
        tell(f"{path}: {'not valid' if found else 'valid'}")
    if problems:
        raise ResultFileError(*problems)


def _result_file(path: Path) -> Path:
    return path / "landscape.h5" if os.path.isdir(path) else path
