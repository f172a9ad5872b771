"""The command that measures how fast this is."""

from __future__ import annotations

from pathlib import Path

import click

from landscape_cli.options import UserPath, threads_option


@click.command(
    epilog="""\b
Examples:
  landscape bench
  landscape bench --repeats 15 --large
  landscape bench --simulator jaxsnn --spikegd ~/src/spikegd"""
)
@threads_option
@click.option("--repeats", type=click.IntRange(min=1), default=7, show_default=True, help="Times each call is timed.")
@click.option("--large", is_flag=True, help="Sweep 101 x 101 points of 1,000 samples, not 101 x 5 (minutes).")
@click.option(
    "--simulator",
    "simulators",
    multiple=True,
    metavar="NAME",
    help="Compare with this one of brian2, eventax, jaxsnn; may be given several times.  "
    "[default: all that are installed]",
)
@click.option("--no-simulators", is_flag=True, help="Leave out the other simulators that are installed.")
@click.option(
    "--spikegd",
    type=UserPath(),
    metavar="PATH",
    help="Compare with spikegd too, in a checkout of it.",
)
def bench(
    threads: int | None,
    repeats: int,
    large: bool,
    simulators: tuple[str, ...],
    no_simulators: bool,
    spikegd: Path | None,
) -> None:
    """Measure times, throughput and memory on two fixed workloads.

    Prints a row per measurement: its value, how it compares with another simulator or with a plain loop of as
    many updates timed in the same run, and what is aimed at. Other work on the machine disturbs it.

    Other simulators that are installed (pip install 'spiking-landscape[bench]') come last, each timed in turns with
    landscape on the same samples, with how far its results are from landscape's. They add some minutes.
    """
    from landscape.benchmarks import run_suite, table

    if no_simulators and simulators:
        raise click.UsageError("--no-simulators and --simulator exclude each other; leave one out")
    names = simulators if simulators or no_simulators else None
    for row in run_suite(threads=threads, repeats=repeats, large=large, simulators=names, spikegd=spikegd):
        click.echo(table([row]))
