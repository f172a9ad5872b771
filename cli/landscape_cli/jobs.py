"""Commands for studies that take long: what is to be done, where, and how far it is."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

import click

from landscape.errors import ResultFileError
from landscape.filesystem import LARGEST_TEXT, read_json
from landscape_cli.group import TERMINATED
from landscape_cli.options import (
    UserPath,
    config_argument,
    open_experiment,
    out_option,
    quiet_option,
    set_option,
    threads_option,
)
from landscape_cli.streams import tell

if TYPE_CHECKING:
    from landscape.experiment import Experiment


@click.command(
    epilog="""\b
Examples:
  landscape plan quickstart
  landscape plan quickstart --set jobs.shard_cost=5 --every-piece"""
)
@config_argument
@out_option
@set_option
@click.option("--every-piece", is_flag=True, help="One line per piece, parts too.")
def plan(config: str, out: Path | None, overrides: tuple[str, ...], every_piece: bool) -> None:
    """Show the pieces of an experiment, what they need and what they may cost.

    Pieces of a stage can be computed side by side, once those of earlier stages are there. Costs are
    estimated from the experiment alone. Nothing is computed or written.
    """
    from landscape.jobs.bundles import plan_table

    experiment = open_experiment(config, overrides, out, None, quiet=True)
    click.echo(plan_table(experiment.plan.pieces, every_piece=every_piece))


@click.command(
    epilog="""\b
Examples:
  landscape status quickstart
  landscape status results/quickstart --watch"""
)
@config_argument
@out_option
@set_option
@click.option("--watch", is_flag=True, help="Go on until everything is there, with a progress bar on a terminal.")
@click.option(
    "--interval", type=click.FloatRange(min=0.1), default=5.0, show_default=True, help="Seconds between two looks."
)
def status(config: str, out: Path | None, overrides: tuple[str, ...], watch: bool, interval: float) -> None:
    """Show how far an experiment is: done, running, failed, missing, and the time left.

    It only looks at files, from any machine that sees the results folder.
    """
    from landscape.jobs import study_status

    experiment = open_experiment(config, overrides, out, None, quiet=True)
    if watch:
        _watch(experiment, interval)
    click.echo(study_status(experiment).table())
    _tell_queue(experiment)


def _tell_queue(experiment: Experiment) -> None:
    from landscape.jobs.slurm import SlurmError, active_jobs

    try:
        if active := active_jobs(experiment):
            tell(f"in the queue of Slurm: jobs {', '.join(active)}")
    except SlurmError as error:
        tell(f"Slurm does not answer: {error}", err=True)


def _watch(experiment: Experiment, interval: float) -> None:
    from landscape.jobs import study_status
    from landscape_cli.bars import Bars

    bars = Bars()
    now = study_status(experiment)
    bars.begin(experiment.config.name, now.total.total, "pieces")
    while now.total.done < now.total.total:
        bars.advance(now.total.done, now.summary())
        time.sleep(interval)
        now = study_status(experiment)
    bars.end(now.summary())


@click.command(
    epilog="""\b
Examples:
  landscape merge quickstart
  landscape merge results/quickstart
  landscape plot results/quickstart"""
)
@config_argument
@out_option
@set_option
@quiet_option
def merge(config: str, out: Path | None, overrides: tuple[str, ...], quiet: bool) -> None:
    """Put what is finished of an experiment together into landscape.h5.

    Also while others compute: points that are missing are marked as pending, and the result can be plotted.
    Damaged pieces are named and left out; pieces of another experiment or version are refused.
    """
    from landscape.jobs import merge as merge_pieces

    experiment = open_experiment(config, overrides, out, None, quiet)
    merged = merge_pieces(experiment)
    for problem in merged.problems.values():
        tell(f"left out: {problem}; the next run computes it again", err=True)
    if not quiet:
        state = "complete" if merged.complete else f"{len(merged.missing):,} pieces are missing"
        click.echo(f"{state}{'' if merged.changed else '; nothing new since the last merge'}", err=True)
        tell(experiment.folder.result_file)


@click.command(
    epilog="""\b
Examples:
  landscape submit quickstart --engine slurm --dry-run
  landscape submit my-study.toml --engine slurm --partition long --time 4:00:00 --array-size 200
  landscape submit my-study.toml --engine dask --scheduler tcp://head:8786"""
)
@config_argument
@out_option
@set_option
@click.option("--engine", type=click.Choice(["slurm", "dask"]), required=True, help="Where the work is to run.")
@click.option("--partition", metavar="NAME", help="Slurm: partition.  [default: Slurm's]")
@click.option("--time", "time_limit", metavar="LIMIT", help="Slurm: time limit of a task.  [default: the partition's]")
@click.option("--array-size", type=int, default=100, show_default=True, help="Slurm: most tasks of an array.")
@click.option("--cpus", type=click.IntRange(min=1), default=1, show_default=True, help="Slurm: cores per task.")
@click.option("--mem", metavar="SIZE", help="Slurm: memory per task.  [default: Slurm's]")
@click.option(
    "--warning",
    type=click.IntRange(min=1, max=65535),
    default=120,
    show_default=True,
    help="Slurm: seconds before the time limit at which a task begins no further piece.",
)
@click.option("--sbatch", "more", metavar="OPTION", multiple=True, help="Slurm: a further option of sbatch.")
@click.option("--dry-run", is_flag=True, help="Slurm: print the scripts, write and submit nothing.")
@click.option("--scheduler", metavar="ADDRESS", help="Dask: its scheduler.  [default: a cluster on this machine]")
@quiet_option
def submit(
    config: str,
    out: Path | None,
    overrides: tuple[str, ...],
    engine: str,
    partition: str | None,
    time_limit: str | None,
    array_size: int,
    cpus: int,
    mem: str | None,
    warning: int,
    more: tuple[str, ...],
    dry_run: bool,
    scheduler: str | None,
    quiet: bool,
) -> None:
    """Compute an experiment on a cluster.

    With Slurm, job arrays are submitted, one per stage, and a job that merges; the command returns at once.
    Given again when they have left the queue, it submits what is missing. With Dask, it waits for the end.
    """
    experiment = open_experiment(config, overrides, out, None, quiet)
    if engine == "dask":
        from landscape.jobs import merge as merge_pieces
        from landscape.jobs.dask import compute_with_dask

        compute_with_dask(experiment, scheduler)
        merge_pieces(experiment)
        tell(experiment.folder.result_file)
        return
    from landscape.jobs import slurm

    options = slurm.SlurmOptions(partition, time_limit, array_size, cpus, mem, warning, more)
    if dry_run:
        folder = (experiment.folder.jobs / "slurm" / "TIME").resolve()
        for number, job in enumerate(slurm.jobs_of(experiment, options, folder)):
            pieces = sum(map(len, job.bundles))
            what = f"{pieces:,} pieces in {len(job.bundles):,} tasks" if pieces else "when all of them have ended"
            click.echo(f"### job {number}, {what}{', after job ' + str(number - 1) if number else ''}\n{job.script}")
        return
    for identifier, job in slurm.submit(experiment, options):
        pieces = sum(map(len, job.bundles))
        tasks = f": {pieces:,} pieces in {len(job.bundles):,} tasks" if pieces else ""
        tell(f"submitted job {identifier}, {job.name}{tasks}")


@click.command(
    hidden=True,
    epilog="""\b
Example, as the scripts of 'landscape submit' have it:
  landscape work config.toml --out results/study --bundles stage-0.json --task 3""",
)
@config_argument
@out_option
@threads_option
@click.option("--bundles", type=UserPath(dir_okay=False, exists=True), required=True)
@click.option("--task", type=click.IntRange(min=0), required=True)
def work(config: str, out: Path | None, threads: int | None, bundles: Path, task: int) -> None:
    """Compute the pieces of one task of a batch job."""
    from landscape.jobs import StoppedError, compute_pieces
    from landscape.jobs.kernels import own_kernels

    asked: list[int] = []

    def ask(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    before: Any = signal.signal(signal.SIGUSR1, ask)
    experiment = open_experiment(config, (), out, threads, quiet=False)
    tasks = read_json(bundles, LARGEST_TEXT)
    names = tasks[task] if isinstance(tasks, list) and task < len(tasks) else None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ResultFileError(f"{bundles}: has no pieces for task {task}; submit the study again")
    known = {piece.file_name: piece for piece in experiment.plan.pieces}
    if unknown := [name for name in names if name not in known]:
        raise ResultFileError(
            f"{bundles}: the piece {unknown[0]} is none of this experiment: data or package changed since it was "
            "submitted; submit the study again"
        )
    try:
        with own_kernels():
            done = compute_pieces(experiment, [known[name] for name in names], lambda: bool(asked))
    except StoppedError as stopped:
        tell(stopped, err=True)
        raise click.exceptions.Exit(TERMINATED) from stopped
    finally:
        signal.signal(signal.SIGUSR1, before)
    click.echo(f"{done:,} of {len(names):,} pieces are there")
