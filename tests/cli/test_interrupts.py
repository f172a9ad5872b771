"""Ctrl-C and SIGTERM that come at a moment at which Python drops exceptions."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from synthetic import tiny_experiment

from landscape.experiment.tasks.training import Training
from landscape_cli.bars import Bars, Silence
from landscape_cli.commands import cli
from landscape_cli.interrupts import interrupts_raised, raise_if_received


class InDestructor:
    """An object that gets a signal while it is removed from memory."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        signal.raise_signal(self.number)


class Broken:
    """An object that fails while it is removed from memory."""

    def __del__(self) -> None:
        raise ValueError("not an interrupt")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_that_python_drops_stops_the_work_at_its_next_step(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    told = []
    monkeypatch.setattr(sys, "unraisablehook", told.append)
    with interrupts_raised() as received:
        raise_if_received()
        InDestructor(number)
        assert received == [number]
        assert told == []
        Broken()
        assert [dropped.exc_type for dropped in told] == [ValueError]
        for step in (Silence().between_pieces, lambda: Bars().advance(1.0), lambda: Bars().begin("x", 2, "points")):
            with pytest.raises(KeyboardInterrupt):
                step()
    raise_if_received()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_command_whose_interrupt_was_dropped_ends_as_if_it_were_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    original = Training.join

    def join(task, context, parts):
        result = original(task, context, parts)
        InDestructor(number)
        return result

    monkeypatch.setattr(Training, "join", join)
    path = tiny_experiment.write(tmp_path)
    with pytest.raises(SystemExit) as ended:
        cli.main(["train", str(path), "--out", str(tmp_path / "r"), "--quiet"])
    assert ended.value.code == status
    assert len(list((tmp_path / "r" / "pieces").glob("train.*.h5"))) == 1


def test_an_interrupt_that_is_ignored_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_raised() as received:
            signal.raise_signal(signal.SIGINT)
            assert received == []
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_while_the_commands_are_imported_ends_the_program_in_one_line(
    number: signal.Signals, status: int
) -> None:
    code = f"""
import signal, sys
from landscape_cli.main import main
class AtImport:
    def find_spec(self, name, path=None, target=None):
        if name == "landscape_cli.commands":
            signal.raise_signal({int(number)})
sys.meta_path.insert(0, AtImport())
main()
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stderr, ended.stdout) == (status, "interrupted before it began\n", "")
