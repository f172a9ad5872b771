"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from landscape.paths import user_path

if TYPE_CHECKING:
    from landscape.config import Config
    from landscape.experiment import Experiment

Command = TypeVar("Command", bound=Callable[..., Any])


class ExperimentName(click.ParamType):
    """A TOML file, a results folder, or the name of an experiment that comes with the package."""

    name = "config"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Offer the experiments of the package and files."""
        from landscape.config import config_names

        names = [CompletionItem(name) for name in config_names() if name.startswith(incomplete)]
        return [*names, CompletionItem(incomplete, type="file")]


class UserPath(click.Path):
    """A path as a user writes it: ``~`` at its start is the home folder, also where the shell leaves it."""

    def __init__(self, **more: Any) -> None:
        super().__init__(path_type=Path, **more)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Expand the path before click looks at what is there."""
        return super().convert(user_path(value), param, ctx)


config_argument = click.argument("config", type=ExperimentName())

set_option = click.option(
    "--set",
    "overrides",
    metavar="KEY=VALUE",
    multiple=True,
    help="Change a key of the experiment, for example training.epochs=5; may be repeated.",
)
out_option = click.option(
    "--out",
    type=UserPath(file_okay=False),
    metavar="DIR",
    help="Results folder.  [default: ./results/NAME]",
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    metavar="N",
    help="Threads to compute with; the results do not depend on it.  [default: all cores]",
)
quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress bars and no messages but errors.")


def experiment_options(command: Command) -> Command:
    """Add what every command has that works on an experiment."""
    for option in (quiet_option, threads_option, set_option, out_option, config_argument):
        command = option(command)
    return command


def open_config(config: str, overrides: tuple[str, ...], out: Path | None) -> tuple[Config, Path]:
    """Return the experiment that CONFIG stands for, and its results folder.

    Raises:
        ConfigError: see :func:`landscape.config.load_config`.
    """
    from landscape.config import load_config

    loaded = load_config(config, overrides)
    if out is not None:
        return loaded, out
    if (folder := user_path(config)).is_dir():
        return loaded, folder
    return loaded, Path("results") / loaded.name


def open_experiment(
    config: str, overrides: tuple[str, ...], out: Path | None, threads: int | None, quiet: bool
) -> Experiment:
    """Return the experiment, which reports its progress on standard error."""
    from landscape.experiment import Experiment
    from landscape_cli.bars import Bars, Silence

    loaded, folder = open_config(config, overrides, out)
    return Experiment(loaded, folder, threads=threads, progress=Silence() if quiet else Bars())
