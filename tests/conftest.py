"""What all tests share."""

from __future__ import annotations

import os

import hypothesis

# No window is ever opened, whatever the machine.
os.environ.setdefault("MPLBACKEND", "Agg")

# Times vary too much between machines for deadlines; in CI a run is to be repeatable.
hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")
