"""The command that measures how fast this is."""

from __future__ import annotations

import click

from landscape_cli.options import threads_option


@click.command(
    epilog="""\b
Examples:
  landscape bench
  landscape bench --repeats 15 --large"""
)
@threads_option
@click.option("--repeats", type=click.IntRange(min=1), default=7, show_default=True, help="Times each call is timed.")
@click.option("--large", is_flag=True, help="Also sweep 101 x 101 points of 1,000 samples (minutes).")
def bench(threads: int | None, repeats: int, large: bool) -> None:
    """Measure times, throughput and memory on two fixed workloads.

    Prints a row per measurement: its value, how it compares with another simulator or with a plain loop of as
    many updates timed in the same run, and what is aimed at. Other work on the machine disturbs it.
    """
    from landscape.benchmarks import run_suite, table

    for row in run_suite(threads=threads, repeats=repeats, large=large):
        click.echo(table([row]))
