"""Commands about data sets."""

from __future__ import annotations

from pathlib import Path

import click

from landscape_cli.options import UserPath
from landscape_cli.streams import tell

source_argument = click.argument("source", metavar="NAME_OR_FILE")


@click.group(
    epilog="""\b
Example:
  landscape data list"""
)
def data() -> None:
    """List, describe and draw data sets."""


@data.command(
    "list",
    epilog="""\b
Example:
  landscape data list""",
)
def list_() -> None:
    """List the data sets that have a name; any file in SHD layout goes by its path."""
    from landscape.datasets import sources

    width = max(map(len, sources()))
    for name, source in sources().items():
        click.echo(f"{name:<{width}}  {source.summary}")


@data.command(
    epilog="""\b
Examples:
  landscape data info digits
  landscape data info shd_test.h5.gz"""
)
@source_argument
def info(source: str) -> None:
    """Count samples, classes, channels and spikes of a data set."""
    from landscape.datasets import describe, load_dataset

    click.echo(str(describe(load_dataset(source))))


@data.command(
    epilog="""\b
Examples:
  landscape data plot digits
  landscape data plot digits --sample 0 --sample 17 --out digits.pdf"""
)
@source_argument
@click.option(
    "--sample",
    "samples",
    type=click.IntRange(min=0),
    multiple=True,
    metavar="N",
    help="Number of a sample, from 0; may be repeated.  [default: one sample of each of six classes]",
)
@click.option(
    "--out",
    type=UserPath(dir_okay=False),
    metavar="FILE",
    help="PDF, PNG or SVG file to draw to.  [default: the data set's or file's name with .png]",
)
def plot(source: str, samples: tuple[int, ...], out: Path | None) -> None:
    """Draw the spikes of some samples of a data set."""
    from landscape.datasets import load_dataset
    from landscape.datasets.hdf5_input import title_of
    from landscape.figures import plot_data

    loaded = load_dataset(source)
    # Not the name that stands in the file, which may be any text.
    given = title_of(source) or "data"
    target = Path(f"{given}.png") if out is None else out
    plot_data(loaded, target, list(samples) or None, name=loaded.name or given)
    tell(target)
