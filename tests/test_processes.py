"""Whether a process that a file names is still there."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest

from landscape.processes import is_alive, start_of


def test_this_process_lives_and_one_of_another_start_under_its_number_does_not() -> None:
    assert is_alive(os.getpid())
    assert is_alive(os.getpid(), start_of(os.getpid()))
    if start_of(os.getpid()):
        assert not is_alive(os.getpid(), "1")


@pytest.mark.parametrize("pid", [0, -1, 2**31, 10**30, True, 1.0, "1", None, [1], {}])
def test_what_is_no_number_of_a_process_is_that_of_none(pid: Any) -> None:
    assert not is_alive(pid)


@pytest.mark.skipif(not start_of(os.getpid()), reason="this system does not tell when a process was started")
@pytest.mark.parametrize("start", [None, 5, [], True])
def test_a_start_that_is_none_is_that_of_no_process(start: Any) -> None:
    assert not is_alive(os.getpid(), start)


def test_a_process_that_has_ended_does_not_live_also_before_its_parent_asks_about_it() -> None:
    with subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE) as ended:
        assert ended.stdout is not None
        ended.stdout.read()
        if start_of(os.getpid()):
            os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
            assert not is_alive(ended.pid)
    assert not is_alive(ended.pid)
