"""The command line as a whole: help, start-up, exit statuses, messages."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from landscape_cli.commands import cli

HEAVY = ("numpy", "scipy", "numba", "h5py", "matplotlib", "pydantic", "tqdm", "filelock")


def commands() -> dict[str, click.Command]:
    """All commands by their full names."""
    found: dict[str, click.Command] = {}

    def collect(group: click.Group, prefix: str) -> None:
        for name, command in group.commands.items():
            found[f"{prefix}{name}"] = command
            if isinstance(command, click.Group):
                collect(command, f"{prefix}{name} ")

    collect(cli, "")
    return found


def python(*arguments: str, **settings) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **settings)


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_help_and_version_import_nothing_heavy(argument: str) -> None:
    code = (
        "import sys\n"
        "from landscape_cli.commands import cli\n"
        f"try: cli.main(['{argument}'])\n"
        "except SystemExit as end: assert end.code == 0\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)\n"
    )
    done = python("-c", code, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "landscape" in done.stdout


def test_importing_the_library_imports_nothing_heavy() -> None:
    code = f"import sys, landscape; assert not [name for name in {HEAVY!r} if name in sys.modules]"
    done = python("-c", code, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_with_an_example(name: str) -> None:
    done = CliRunner().invoke(cli, [*name.split(), "--help"])
    assert done.exit_code == 0
    assert "Example" in done.output
    assert f"  landscape {name}" in done.output


def test_commands_are_listed_in_the_order_of_their_use() -> None:
    listed = [name for name, command in cli.commands.items() if not command.hidden]
    jobs = ["plan", "submit", "status", "merge"]
    assert listed == ["run", "train", "sweep", "analyze", "plot", *jobs, "data", "validate", "info", "check", "bench"]
    output = CliRunner().invoke(cli, ["--help"]).output
    positions = [output.index(f"\n  {name} ") for name in listed]
    assert positions == sorted(positions)


def test_an_unknown_command_is_refused_with_the_closest_one() -> None:
    done = CliRunner().invoke(cli, ["rum"])
    assert done.exit_code == 2
    assert "did you mean 'run'?" in done.stderr
    done = CliRunner().invoke(cli, ["frobnicate"])
    assert done.exit_code == 2
    assert "commands: run, train" in done.stderr


@pytest.mark.parametrize("command", ["info", "validate", "data info", "plan", "plot", "status"])
def test_a_path_that_is_too_long_for_any_file_is_the_users_fault(command: str) -> None:
    done = CliRunner().invoke(cli, [*command.split(), "x" * 5000])
    assert done.exit_code == 2
    assert done.stderr.startswith("error: ")
    assert "unexpected" not in done.stderr


@pytest.mark.parametrize("line", ["run", "run --frob", "run quickstart --threads 0", "info"])
def test_wrong_usage_is_the_users_fault(line: str) -> None:
    done = CliRunner().invoke(cli, line.split())
    assert done.exit_code == 2
    assert "Traceback" not in done.output
