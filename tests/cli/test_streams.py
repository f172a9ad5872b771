"""What commands print, whatever is in it and wherever it goes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner

from landscape_cli.commands import cli

CONTROLS = "\x1b]52;c;AA\x07\x9b2J\u202e\nvalid"
SHOWN = "\\x1b]52;c;AA\\x07\\x9b2J\\u202e\\nvalid"


def shell(line: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """What a shell says of a line in which ``$landscape`` is the command."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)} | variables
    script = f'landscape() {{ {sys.executable} -m landscape_cli.main "$@"; }}\n{line}'
    return subprocess.run(["bash", "-c", script], capture_output=True, env=environment, timeout=60)


@pytest.fixture
def foreign(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file whose names and values would be obeyed by a terminal."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.attrs["note"] = CONTROLS.replace("\n", "")
        item = file.create_dataset(CONTROLS, data=np.arange(3.0))
        item.attrs["units"] = CONTROLS
    return path


@pytest.mark.parametrize("color", [False, True], ids=["file", "terminal"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("info", "a.h5"), 0),
        (("validate", "a.h5"), 2),
        (("data", "info", "a.h5"), 2),
        (("plan", "quickstart", "--set", f"{CONTROLS}=3"), 2),
        (("plan", "quickstart", "--set", f"training.epochs={CONTROLS}"), 2),
        (("plan", f"{CONTROLS}.toml"), 2),
        (("run", "quickstart", CONTROLS), 2),
        ((CONTROLS,), 2),
    ],
)
def test_control_characters_are_shown_and_stay_in_their_line(
    foreign: Path, arguments: tuple[str, ...], status: int, color: bool
) -> None:
    done = CliRunner().invoke(cli, arguments, color=color)
    assert done.exit_code == status
    assert not set(done.output) & set("\x1b\x07\x9b\u202e")
    assert "\nvalid" not in done.output
    if arguments[-1] != "a.h5":
        assert SHOWN in done.output


def test_a_units_attribute_is_shown_with_its_control_characters(foreign: Path) -> None:
    output = CliRunner().invoke(cli, ["info", "a.h5"]).output
    assert f"{SHOWN}  (3)  float64  [{SHOWN}]" in output
    assert f"@note = {SHOWN}".replace("\\n", "") in output


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "latin-1"])
def test_names_that_are_no_text_are_shown_in_any_encoding(encoding: str) -> None:
    done = shell("landscape plan $'caf\\xe9\\u4e2d.toml'", PYTHONIOENCODING=encoding)
    assert done.returncode == 2
    name = "caf\\xe9" + ("中" if encoding == "utf-8" else "\\u4e2d")
    assert done.stderr.decode(encoding).startswith(f"error: {name}.toml: no such file")


@pytest.mark.parametrize("command", ["--version", "--help", "data list"])
@pytest.mark.parametrize("where", [">&-", ">&- 2>&-", "<&- >&-", "2>/dev/full", "2>&-"])
def test_closed_streams_are_no_failure(command: str, where: str) -> None:
    done = shell(f"landscape {command} {where}")
    assert (done.returncode, done.stderr) == (0, b"")


def test_files_do_not_get_the_number_of_a_closed_stream() -> None:
    code = (
        "import os, sys; from landscape_cli.streams import shown_streams\n"
        "with shown_streams(): assert os.open(os.devnull, os.O_RDONLY) > 2"
    )
    done = shell(f'{sys.executable} -c "{code}" <&- >&- 2>&-')
    assert done.returncode == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", ["--version", "--help", "data list"])
def test_a_full_device_is_told_in_one_line(command: str) -> None:
    done = shell(f"landscape {command} > /dev/full")
    assert done.returncode == 1
    assert done.stderr.count(b"\n") == 1
    assert done.stderr.startswith(b"error: standard output: writing failed (No space left on device)")


def test_a_command_ends_quietly_when_nobody_reads_its_output() -> None:
    done = shell("landscape data list | true; exit ${PIPESTATUS[0]}")
    assert done.returncode in (0, 141)
    assert done.stderr == b""
    read, write = os.pipe()
    os.close(read)
    code = "from landscape_cli.main import main\nmain()"
    try:
        ended = subprocess.run(
            [sys.executable, "-c", code, "data", "list"], stdout=write, stderr=subprocess.PIPE, timeout=60, check=False
        )
    finally:
        os.close(write)
    assert (ended.returncode, ended.stderr) == (141, b"")
