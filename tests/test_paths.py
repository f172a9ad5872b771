"""``~`` in paths, which shells leave in ``--out=~/results``, in configurations and in programs."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from click.testing import CliRunner
from synthetic import tiny_experiment
from synthetic.builders import a_network, some_data

import landscape as ls
from landscape.config import load_config
from landscape.errors import InputError
from landscape.experiment import Experiment, plan_of
from landscape.paths import user_path
from landscape.results import ResultFile
from landscape.slices.directions import load_directions
from landscape_cli.commands import cli


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that is not the working directory."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_only_a_tilde_at_the_start_is_the_home_folder(home: Path) -> None:
    assert user_path("~/a") == home / "a"
    assert user_path("~") == home
    assert [str(user_path(path)) for path in ("a/~/b", "b~", "-")] == ["a/~/b", "b~", "-"]
    assert user_path(user_path("./~")) == Path.cwd() / "~"


def test_networks_surfaces_and_data_are_saved_to_and_loaded_from_the_home_folder(home: Path) -> None:
    network, data = a_network("lif"), some_data()
    network.save("~/network.h5")
    assert ls.Network.load("~/network.h5") == network
    data.save("~/data.h5")
    assert ls.Dataset.load("~/data.h5").content_hash() == data.content_hash()
    assert ls.load_dataset("~/data.h5").content_hash() == data.content_hash()
    surface = ls.sweep(network, ls.random_directions(network, 1, seed=0), [np.array([0.0, 1.0])], data, ls.FirstSpike())
    surface.save("~/surface.h5", "lif")
    assert np.array_equal(ls.Surface.load("~/surface.h5", "lif").loss, surface.loss)
    assert ResultFile("~/surface.h5").path == home / "surface.h5"
    assert len(load_directions("~/surface.h5", network)) == 1
    assert list(Path.cwd().iterdir()) == []


def test_an_experiment_names_files_in_the_home_folder(home: Path) -> None:
    some_data(n_samples=40).save(home / "data.h5")
    with h5py.File(home / "directions.h5", "w") as file:
        for layer, shape in enumerate([(6, 5), (3, 6)]):
            file[f"weights_{layer}"] = np.ones(shape)
    tiny_experiment.write(home)
    changes = [
        *("data.source=~/data.h5", "data.test_source=~/data.h5", "training.epochs=0"),
        "slice.line.directions=file:~/directions.h5",
    ]
    config = load_config("~/tiny.toml", [*changes, "slice.line.range=[-1, 1]"])
    experiment = Experiment(config, "~/results", threads=1)
    assert len(experiment.plan.pieces) > 4
    assert len(experiment.context.data[0]) == 40
    experiment.context.preflight()
    assert experiment.folder.path == home / "results"


def test_the_results_folder_of_the_command_line_may_be_in_the_home_folder(home: Path) -> None:
    tiny_experiment.write(home)
    arguments = ["train", "~/tiny.toml", "--out=~/results", "--threads=1", "-q", "--set=training.epochs=0"]
    done = CliRunner().invoke(cli, arguments)
    assert done.exit_code == 0, done.output
    assert (home / "results" / "config.toml").is_file()
    again = CliRunner().invoke(cli, ["train", "~/results", "--threads=1"])
    assert "training done already" in again.output
    assert list(Path.cwd().iterdir()) == []


def test_an_unknown_user_is_named_with_the_remedy(home: Path) -> None:
    with pytest.raises(InputError, match=r"no home folder is known for '~nobody-here'.*\./~nobody-here"):
        ls.load_dataset("~nobody-here/data.h5")
    tiny_experiment.write(home)
    config = load_config("~/tiny.toml", ["data.source=~nobody-here/data.h5"])
    with pytest.raises(InputError, match=r"data\.source: ~nobody-here/data\.h5: no home folder is known"):
        plan_of(config)
    refused = CliRunner().invoke(cli, ["plan", "~/tiny.toml", "--out=~nobody-here/results"])
    assert refused.exit_code == 2
    assert "no home folder is known" in refused.output
