"""What all tests share."""

from __future__ import annotations

import os
import signal
import threading

import hypothesis

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
