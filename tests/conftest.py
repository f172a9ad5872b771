"""What all tests share."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import hypothesis
import pytest
from synthetic import tiny_experiment

# No window is ever opened, whatever the machine.
os.environ.setdefault("MPLBACKEND", "Agg")

# The tests keep all cores busy by themselves.
os.environ.setdefault("LANDSCAPE_COMPILE_AHEAD", "0")

# Times vary too much between machines for deadlines; in CI a run is to be repeatable.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")

# A shell starts what it puts in the background with interrupts ignored, and so would be all processes that tests
# interrupt.
if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A results folder of the tiny experiment with everything done but the figures; not to be changed."""
    from landscape.experiment import Experiment

    folder = tmp_path_factory.mktemp("analyzed") / "tiny"
    Experiment(tiny_experiment.tiny(), folder).analyze()
    return folder
