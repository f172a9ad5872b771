"""Commands that carry out an experiment, all of it or stage by stage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from landscape_cli.options import experiment_options, open_experiment
from landscape_cli.streams import tell

if TYPE_CHECKING:
    from collections.abc import Sequence


@click.command(
    epilog="""\b
Examples:
  landscape run quickstart
  landscape run quickstart --out out/small --set training.epochs=2 --set 'slice.plane.points=[7,4]'
  landscape run my-experiment.toml --threads 2"""
)
@experiment_options
@click.option(
    "--engine",
    type=click.Choice(["local", "dask"]),
    default="local",
    show_default=True,
    help="Where pieces are computed: by this process, or by the workers of a Dask cluster.",
)
@click.option("--scheduler", metavar="ADDRESS", help="Scheduler of the cluster.  [default: a cluster on this machine]")
def run(
    config: str,
    out: Path | None,
    overrides: tuple[str, ...],
    threads: int | None,
    quiet: bool,
    engine: str,
    scheduler: str | None,
) -> None:
    """Train, sweep, analyze and draw an experiment.

    CONFIG is a TOML file, the name of an experiment that comes with the package, or a results folder.
    Everything goes to ./results/NAME. What is done already is not done again; after an interrupt, the same
    command goes on.
    """
    experiment = open_experiment(config, overrides, out, threads, quiet)
    if scheduler is not None and engine != "dask":
        raise click.UsageError("--scheduler goes with --engine dask")
    if engine == "dask":
        from landscape.jobs.dask import compute_with_dask

        compute_with_dask(experiment, scheduler, workers=threads)
    _name_files(experiment.run(), quiet)


@click.command(
    epilog="""\b
Example:
  landscape train quickstart --set training.epochs=2"""
)
@experiment_options
def train(config: str, out: Path | None, overrides: tuple[str, ...], threads: int | None, quiet: bool) -> None:
    """Train the networks of an experiment."""
    experiment = open_experiment(config, overrides, out, threads, quiet)
    _name_files(experiment.train(), quiet)


@click.command(
    epilog="""\b
Example:
  landscape sweep quickstart --set 'slice.plane.points=[7,4]'"""
)
@experiment_options
def sweep(config: str, out: Path | None, overrides: tuple[str, ...], threads: int | None, quiet: bool) -> None:
    """Evaluate the slices of an experiment; networks that are not trained yet are trained first."""
    experiment = open_experiment(config, overrides, out, threads, quiet)
    _name_files(experiment.sweep(), quiet)


@click.command(
    epilog="""\b
Examples:
  landscape analyze quickstart
  landscape analyze comparison --set comparison.directions=2
  landscape analyze results/quickstart --set slice.zoom.census=true --set slice.zoom.census_samples=5"""
)
@experiment_options
def analyze(config: str, out: Path | None, overrides: tuple[str, ...], threads: int | None, quiet: bool) -> None:
    """Measure the slices and write landscape.h5; what is missing before that is done first.

    Along lines with `census = true`, every discontinuity of the loss is found: where it is, how high, and why. With a
    table `[comparison]`, two models are compared line by line.
    """
    experiment = open_experiment(config, overrides, out, threads, quiet)
    _name_files(experiment.analyze(), quiet)


@click.command(
    epilog="""\b
Examples:
  landscape plot quickstart
  landscape plot results/quickstart --set 'figures.formats=["png"]'"""
)
@experiment_options
def plot(config: str, out: Path | None, overrides: tuple[str, ...], threads: int | None, quiet: bool) -> None:
    """Draw the figures and write the report anew from an existing landscape.h5."""
    experiment = open_experiment(config, overrides, out, threads, quiet)
    _name_files([*experiment.plot(), *experiment.report()], quiet)


def _name_files(files: Sequence[Path], quiet: bool) -> None:
    if not quiet:
        for path in files:
            tell(path)
