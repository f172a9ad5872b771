"""The command that checks exact gradients against finite differences."""

from __future__ import annotations

from pathlib import Path

import click

from landscape.errors import SimulationError
from landscape_cli.options import config_argument, open_experiment, out_option, set_option, threads_option


@click.command(
    epilog="""\b
Examples:
  landscape check quickstart
  landscape check quickstart --model qif --slice line --points 5 --samples 50"""
)
@config_argument
@out_option
@set_option
@threads_option
@click.option("--model", metavar="NAME", help="Check this model only.")
@click.option("--slice", "slice_name", metavar="NAME", help="Check along this slice.  [default: the first]")
@click.option("--points", type=click.IntRange(min=1), default=3, show_default=True, help="Points on the slice.")
@click.option("--samples", type=click.IntRange(min=1), default=20, show_default=True, help="Samples to use.")
def check(
    config: str,
    out: Path | None,
    overrides: tuple[str, ...],
    threads: int | None,
    model: str | None,
    slice_name: str | None,
    points: int,
    samples: int,
) -> None:
    """Compare exact derivatives with finite differences along a slice.

    Takes the trained networks if there are any in the results folder, else the initial ones. For points on
    the slice and ever smaller steps h, the table shows by how much the difference quotient (L(a + h) - L(a -
    h)) / 2h differs from the exact derivative. The difference falls with h**2 until rounding takes over; it
    stays large if the derivative is wrong or a spike appears or vanishes between a - h and a + h. Exit status
    1 if they disagree.
    """
    experiment = open_experiment(config, overrides, out, threads, quiet=True)
    disagree = []
    for result in experiment.check(model, slice_name, points=points, samples=samples):
        click.echo(result.table())
        if not result.agrees:
            disagree.append(result.name)
    if disagree:
        raise SimulationError(f"exact and finite-difference derivatives disagree: {', '.join(disagree)}")
