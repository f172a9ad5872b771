"""The group ``landscape`` that all commands are mounted on.

The library is imported inside the commands, so that ``--help`` and ``--version`` answer at once.
"""

from __future__ import annotations

import os

import click

from landscape.plugins import PLUGINS_VARIABLE, absolute, hand_on
from landscape.version import __version__
from landscape_cli.bench import bench
from landscape_cli.check import check
from landscape_cli.data import data
from landscape_cli.experiments import analyze, plot, run, sweep, train
from landscape_cli.files import info, validate
from landscape_cli.group import LandscapeGroup
from landscape_cli.jobs import merge, plan, status, submit, work


@click.group(
    cls=LandscapeGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
Example:
  landscape run quickstart

\b
Completion of commands and options in bash (zsh, fish likewise):
  eval "$(_LANDSCAPE_COMPLETE=bash_source landscape)"

\b
Exit status: 0 done, 1 failed, 2 the input is at fault, 130 interrupted
(143 by SIGTERM, 141 if nobody reads the output); what was finished is
kept. LANDSCAPE_DEBUG=1 shows tracebacks.""",
)
@click.version_option(__version__, prog_name="landscape", message="%(prog)s %(version)s")
@click.option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar="MODULE",
    help="Module or Python file with neuron models, readouts or directions of your own; may be given several times. "
    "LANDSCAPE_PLUGINS holds them too.",
)
def cli(plugins: tuple[str, ...]) -> None:
    """Loss landscapes of spiking neural networks.

    Trains networks with exact spike-based gradients, sweeps slices of their loss landscapes, measures and
    draws them.
    """
    named = [*plugins, os.environ.get(PLUGINS_VARIABLE, "")]
    # Also for the processes that are started, which may work elsewhere.
    if any(named):
        hand_on(absolute(os.pathsep.join(named)))


for command in (
    run,
    train,
    sweep,
    analyze,
    plot,
    plan,
    submit,
    status,
    merge,
    data,
    validate,
    info,
    check,
    bench,
    work,
):
    cli.add_command(command)
