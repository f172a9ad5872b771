"""A second process compiles what an experiment will need."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from landscape.config import parse_config
from landscape.experiment import plan_of
from landscape.experiment.compiling_ahead import kernels_of

STUDY = """
name = "two"

[data]
source = "yin-yang"
samples = 20
test_samples = 10

[training]
epochs = 1

[[model]]
name = "lif"
neuron = "lif"
hidden = [3]

[[model]]
name = "qif"
neuron = "qif"
hidden = [3]
objective.kind = "max_potential"
"""

LINE = """
[[slice]]
name = "line"
directions = "random"
points = 3
census = true
"""


def environment(cache: Path, **more: str) -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "LANDSCAPE_CACHE_DIR": str(cache)} | more


def kernels(cache: Path) -> list[str]:
    return sorted(path.name.rpartition("-")[0] for path in cache.rglob("*.nbc"))


def test_what_is_wanted_first_comes_first_and_the_first_model_last() -> None:
    assert kernels_of(plan_of(parse_config(STUDY + LINE))) == [
        "evaluate:qif:max_potential",
        "evaluate:lif:first_spike",
        "sweep:qif:max_potential",
        "sweep:lif:first_spike",
        "simulate:qif:max_potential",
        "simulate:lif:first_spike",
        "census:qif:max_potential",
        "census:lif:first_spike",
    ]
    assert not any(name.startswith("census") for name in kernels_of(plan_of(parse_config(STUDY))))


LONG = os.environ.get("LANDSCAPE_LONG_TESTS") == "1"
USES = """
import landscape as ls
network = ls.Network(ls.LIF(), [[[3.0, 2.0], [2.5, 1.0]], [[2.0, 1.0], [1.0, 2.0]]], 4.0)
data = ls.Dataset([0.1, 0.5, 0.3], [0, 1, 1], [0, 2, 3], [0, 1], 2, 2)
"""
CENSUS = "ls.find_discontinuities(network, ls.random_directions(network, 1), (-1.0, 1.0), data, ls.FirstSpike())"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "wanted", "use"),
    [
        ("simulate", {"_run"}, "ls.simulate(network, *data[0][:2])"),
        pytest.param(
            "census",
            {"transitions_on_line", "observe_on_line"},
            CENSUS,
            marks=pytest.mark.skipif(not LONG, reason="set LANDSCAPE_LONG_TESTS=1: all kernels of a census"),
        ),
    ],
    ids=["simulate", "census"],
)
def test_kernels_compiled_ahead_are_those_that_are_wanted(
    step: str, wanted: set[str], use: str, tmp_path: Path
) -> None:
    """Of the same argument types, in particular: or they would be compiled again."""
    ahead = [sys.executable, "-P", "-m", "landscape.experiment.compiling_ahead"]
    cache = tmp_path / "cache"
    name = f"{step}:lif:first_spike"
    subprocess.run([*ahead, "1", name], env=environment(cache), check=True)  # another process is its parent
    assert kernels(cache) == []
    subprocess.run([*ahead, str(os.getpid()), name], env=environment(cache), check=True)
    made = kernels(cache)
    assert wanted <= set(made)
    done = subprocess.run([sys.executable, "-c", USES + use], env=environment(cache), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert kernels(cache) == made


@pytest.mark.slow
def test_an_experiment_has_kernels_compiled_ahead_and_leaves_nothing_behind(tmp_path: Path) -> None:
    cache, out = tmp_path / "cache", tmp_path / "out"
    (tmp_path / "study.toml").write_text(STUDY)
    command = [sys.executable, "-m", "landscape_cli.main", "train", str(tmp_path / "study.toml"), "--out", str(out)]
    variables = environment(cache, LANDSCAPE_COMPILE_AHEAD="1", LANDSCAPE_THREADS="2")
    done = subprocess.run(command, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("compiling kernels") == 1
    assert kernels(cache).count("_evaluate_samples") == 2
    assert not list(cache.rglob("*.claim"))
