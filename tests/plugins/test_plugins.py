"""What a contributor does: a neuron model, a readout, a direction, data, an optimizer: each one file outside."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from landscape import config, readouts
from landscape.errors import ConfigError, DirectionError, NetworkError
from landscape.neurons import MODELS, NeuronModel, register_neuron
from landscape.plugins import absolute
from landscape.results import ResultFile, validate
from landscape.slices import directions
from landscape.tables import Table

HERE = Path(__file__).parent
TOYS = [HERE / f"toy_{name}.py" for name in ("neuron", "readout", "direction", "data", "optimizer")]

TOML = """
name = "toys"

[data]
source = "coincidence"
samples = 30
test_samples = 10

[objective]
kind = "total_drive"
gain = 0.5

[training]
epochs = 1
optimizer = "momentum"

[[model]]
name = "toy"
neuron = "leaky_delta"
tau = 2.0
hidden = [5]

[[slice]]
name = "line"
directions = [{ kind = "one_layer", layer = 1 }]
points = 3

[figures]
formats = ["png"]
"""


def landscape(*arguments, plugins=TOYS, folder):
    """The command in a process of its own, which knows of the plugins by the option alone."""
    named = [part for plugin in plugins for part in ("--plugin", str(plugin))]
    program = [sys.executable, "-m", "landscape_cli.main", *named, *map(str, arguments)]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path), "LANDSCAPE_QUIET": "1"}
    return subprocess.run(program, capture_output=True, text=True, cwd=folder, timeout=600, env=os.environ | paths)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toys")
    (folder / "toys.toml").write_text(TOML, encoding="utf-8")
    done = landscape("run", "toys.toml", folder=folder)
    assert done.returncode == 0, done.stderr
    return folder


def test_an_experiment_runs_with_a_neuron_a_readout_and_a_direction_of_ones_own(results):
    path = results / "results" / "toys" / "landscape.h5"
    file = ResultFile(path)
    assert validate(path) == []
    surface = file.surface("toy")
    assert surface.done.all()
    assert np.isfinite(surface.loss).all()
    assert not surface.directions[0][0].any()
    assert surface.directions[0][1].any()
    assert file.network("toy").neuron == "leaky_delta"
    assert file.network("toy").constants == {"tau": 2.0}


def test_the_report_and_the_provenance_name_what_came_from_outside(results):
    report = (results / "results" / "toys" / "report.md").read_text(encoding="utf-8")
    assert "random in layer 1" in report
    plugins = ResultFile(results / "results" / "toys" / "landscape.h5").attributes["plugins"]
    for name in (
        *("neuron model 'leaky_delta'", "readout 'total_drive'", "direction 'one_layer'", "data 'coincidence'"),
        "optimizer 'momentum'",
    ):
        assert re.search(f"{name} [0-9a-f]{{64}}", plugins)


def test_derivatives_of_the_toys_agree_with_differences(results):
    done = landscape("check", "toys.toml", folder=results)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_second_run_finds_all_done_already(results):
    done = landscape("run", "toys.toml", folder=results)
    assert done.returncode == 0, done.stderr
    assert "figures and report: done already" in done.stderr + done.stdout


def test_a_plugin_whose_file_changes_makes_new_pieces(results, tmp_path):
    changed = tmp_path / "toy_neuron.py"
    changed.write_text(TOYS[0].read_text(encoding="utf-8") + "\n# another\n", encoding="utf-8")
    before, after = (
        landscape("plan", "toys.toml", "--every-piece", plugins=[neuron, *TOYS[1:]], folder=results).stdout
        for neuron in (TOYS[0], changed)
    )
    assert before
    assert before != after


@pytest.mark.parametrize(
    ("change", "plugins", "said"),
    [
        ("model.toy.neuron='leaky_delt'", TOYS, "'lif', 'qif' or 'leaky_delta'"),
        ("model.toy.tauu=1.0", TOYS, "did you mean 'tau'?"),
        ("model.toy.tau=-1.0", TOYS, "greater than 0"),
        ("slice.line.census=true", TOYS, "has no census of discontinuities"),
        ("slice.line.directions=[{kind='one_layer', layer=-1}]", TOYS, "slice.line.directions.0.layer"),
        ("seed=1", TOYS[1:], "LANDSCAPE_PLUGINS"),
        ("seed=1", [HERE / "no_such.py"], "no_such.py: cannot be loaded"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(results, change, plugins, said):
    done = landscape("plan", "toys.toml", "--set", change, plugins=plugins, folder=results)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


# --- other processes ---


def test_paths_of_plugins_hold_in_other_folders_and_modules_stay_as_they_are(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert absolute(os.pathsep.join(["mine.py", "my.module", ""])) == f"{tmp_path / 'mine.py'}{os.pathsep}my.module"


def test_jobs_of_slurm_are_given_the_plugins(results):
    done = landscape("submit", "toys.toml", "--engine", "slurm", "--out", "other", "--dry-run", folder=results)
    assert done.returncode == 0, done.stderr
    scripts = done.stdout.split("#!/bin/bash")[1:]
    assert scripts
    for script in scripts:
        assert f"export LANDSCAPE_PLUGINS={os.pathsep.join(map(str, TOYS))}\n" in script


def test_a_worker_of_dask_is_given_the_plugins(results):
    code = (
        "import os, sys\n"
        "from landscape.jobs.dask import compute_piece\n"
        "said = compute_piece((open('toys.toml').read(), 'toys', 'results/toys', '.', sys.argv[1]), 'no.h5', [])\n"
        "assert 'is no piece of the experiment' in said, said\n"
    )
    program = [sys.executable, "-c", code, os.pathsep.join(map(str, TOYS))]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(program, capture_output=True, text=True, cwd=results, timeout=60, env=os.environ | paths)
    assert done.returncode == 0, done.stderr


# --- what register says of something incomplete ---


def test_a_neuron_model_that_lacks_steps_is_told_all_of_them():
    class Bare(NamedTuple):
        tau: float = 1.0

    with pytest.raises(NetworkError, match=r"'bare' lacks the steps rest, .*pseudospike_variation; .*a census.*bend"):
        register_neuron(NeuronModel(name="bare", implementation=Bare))
    with pytest.raises(NetworkError, match="no NamedTuple"):
        register_neuron(NeuronModel(name="bare", implementation=dict))
    assert "bare" not in MODELS.names()


def test_a_readout_that_lacks_functions_is_told_all_of_them():
    class Bare(NamedTuple):
        gain: float = 1.0

    with pytest.raises(ConfigError, match="'bare' lacks the functions read, output_spikes, tangent, backward"):
        readouts.register_readout(readouts.Readout(name="bare", implementation=Bare))


def test_a_direction_with_a_key_or_a_normalization_that_is_none_is_refused():
    kind = {"table": Table, "make": lambda asked, around: [], "words": lambda facts: ""}
    with pytest.raises(DirectionError, match=r"normalization 'none'.*no key 'path', which its argument names"):
        directions.register_direction(
            directions.DirectionKind(name="bare", normalization="none", argument="path", **kind)
        )
    with pytest.raises(DirectionError, match="has the name of one of the package"):
        directions.register_direction(directions.DirectionKind(name="random", **kind))


def test_a_direction_with_a_key_that_means_something_else_in_its_table_is_refused():
    class Keys(Table):
        kind: float = 1.0

    assert "kind" in config.DirectionConfig.model_fields
    with pytest.raises(DirectionError, match="has the keys kind, which mean something else"):
        directions.register_direction(
            directions.DirectionKind(name="bare", table=Keys, make=lambda asked, around: [], words=lambda facts: "")
        )


def test_the_steps_that_are_asked_for_are_those_of_the_interface():
    from landscape.neurons import interface
    from landscape.neurons.model import CENSUS_STEPS, STEPS

    assert {*STEPS, *CENSUS_STEPS} | {"implementers", "implements", "one_spike"} == {*interface.__all__}
