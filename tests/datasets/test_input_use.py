"""How much of its input a network sees, and that times in another unit are told."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from synthetic import tiny_experiment
from synthetic.builders import a_network, data_of, some_data

import landscape as ls
from landscape.config import config_names, load_config, parse_config
from landscape.datasets.use import input_use
from landscape.errors import DataError, DataWarning
from landscape.experiment import Experiment, Progress, prepare_data
from landscape.report import write_report
from landscape.results import ResultFile, validate
from landscape_cli.commands import cli


class Said(Progress):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)


def in_milliseconds(n_samples: int = 40) -> ls.Dataset:
    """Data on five channels that last nearly a second, in milliseconds."""
    rng = np.random.default_rng(0)
    trains = [(np.sort(rng.uniform(20.0, 900.0, 30)), rng.integers(0, 5, 30)) for _ in range(n_samples)]
    return data_of(trains, np.arange(n_samples) % 2, 5, 2)


def test_spikes_at_the_trials_end_and_later_and_samples_without_others_are_counted() -> None:
    data = data_of([([0.5, 1.0], [0, 0]), ([1.0, 2.5], [0, 0]), ([], [])], [0, 0, 0], 1, 1)
    use = input_use(data, 1.0)
    assert (use.spikes, use.spikes_cut, use.samples, use.samples_silent) == (4, 3, 3, 2)
    assert (use.first_time, use.last_time, use.is_nothing) == (0.5, 2.5, False)
    assert input_use(data, 0.5).is_nothing
    assert input_use(data, 3.0).problem() is None
    assert input_use(data, 1.0) is use


@pytest.mark.parametrize(
    ("late", "silent", "problem"),
    [
        (0, 0, None),
        (10, 0, None),
        (11, 0, "11 of the 100 input spikes come at the trial's end, 2, or later and have no effect (the last at 3)"),
        (100, 0, "all 100 input spikes come at the trial's end, 2, or later and have no effect (the first at 3)"),
        (0, 1, None),
        (0, 2, "2 of 3 samples have no input spike before the trial's end, 2"),
    ],
)
def test_much_cut_off_and_many_silent_samples_are_told(late: int, silent: int, problem: str | None) -> None:
    train = (np.repeat([1.0, 3.0], [100 - late, late]), np.zeros(100, int))
    samples = [train, *[([], [])] * silent, *([([0.0], [0])] * (2 - silent) if silent else [])]
    assert input_use(data_of(samples, [0] * len(samples), 1, 1), 2.0).problem() == problem


def the_calls() -> dict[str, Callable[[ls.Network, ls.Dataset], object]]:
    objective = ls.FirstSpike()
    settings = ls.TrainingSettings(epochs=0)
    axis = [np.array([0.0, 1.0])]
    return {
        "evaluate": lambda network, data: ls.evaluate(network, data, objective),
        "loss_and_gradient": lambda network, data: ls.loss_and_gradient(network, data, objective),
        "sweep": lambda network, data: ls.sweep(network, ls.random_directions(network, 1), axis, data, objective),
        "train on": lambda network, data: ls.train(network, data, some_data(n_classes=2), objective, settings),
        "test on": lambda network, data: ls.train(network, some_data(n_classes=2), data, objective, settings),
        "census": lambda network, data: ls.find_discontinuities(network, network.weights, (0, 0.1), data, objective),
    }


@pytest.mark.parametrize("call", the_calls().values(), ids=the_calls().keys())
def test_functions_warn_of_data_in_another_unit(call: Callable[[ls.Network, ls.Dataset], object]) -> None:
    network, data = a_network("lif", sizes=(5, 4, 2)), in_milliseconds(4)
    with pytest.warns(DataWarning, match=r"all 120 input spikes come at the trial's end, 4.*Dataset\.scale_time"):
        call(network, data)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        call(network, data.scale_time(0.004))


def test_a_warning_names_the_line_of_the_caller() -> None:
    with pytest.warns(DataWarning) as caught:
        ls.evaluate(a_network("lif", sizes=(5, 4, 2)), in_milliseconds(4), ls.FirstSpike())
    assert [Path(warning.filename).name for warning in caught] == [Path(__file__).name]


def experiment_on(data: ls.Dataset, folder: Path, *changes: str) -> tuple[Experiment, Said]:
    data.save(folder / "data.h5")
    said = Said()
    config = parse_config(
        tiny_experiment.TOML,
        origin="e.toml",
        overrides=["data.samples=", "data.test_samples=", f"data.source={folder / 'data.h5'}", *changes],
    )
    return Experiment(config, folder / "results", threads=1, progress=said), said


@pytest.mark.parametrize("change", ["data.offset=0.0", "data.bins=32"])
def test_an_experiment_none_of_whose_input_comes_in_time_ends_before_training(tmp_path: Path, change: str) -> None:
    experiment, _ = experiment_on(in_milliseconds(), tmp_path, change)
    with pytest.raises(DataError) as caught:
        experiment.train()
    text = str(caught.value)
    assert text.startswith("e.toml: data, training samples: all ")
    assert text.endswith("if that is a matter of units, set data.time_scale, data.normalize_time or trial.duration")
    assert not list((tmp_path / "results").glob("pieces/*.h5"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("trial.duration=500", "data, training samples: "),
        ("data.time_scale=1e-4", "the last input spike comes at 0.08"),
        ("model.lif.tau=50", "model lif: tau = 50 is long for a trial of 4"),
    ],
)
def test_an_experiment_tells_what_looks_like_another_unit(tmp_path: Path, change: str, said: str) -> None:
    scale = [] if "scale" in change or "duration" in change else ["data.time_scale=0.004"]
    experiment, progress = experiment_on(in_milliseconds(), tmp_path, change, *scale)
    experiment.context.preflight()
    assert any(said in line and "data.time_scale" in line for line in progress.lines), progress.lines


def test_the_experiments_of_the_package_use_all_their_input() -> None:
    for name in config_names():
        config = load_config(name)
        if config.data.source == "digits" or config.data.source == "yin-yang":
            for data in prepare_data(config):
                assert input_use(data, config.trial.duration).spikes_cut == 0, name


@pytest.mark.parametrize("unit", [1e6, 1e9], ids=["microseconds", "nanoseconds"])
def test_bins_of_absolute_time_stamps_are_refused_by_name(tmp_path: Path, unit: float) -> None:
    data = in_milliseconds().scale_time(unit / 1000, offset=1.7e9 * unit)
    experiment, _ = experiment_on(data, tmp_path, "data.bins=32")
    with pytest.raises(DataError, match=r"bins = 32 for a trial of 4 would be far too many .*data\.normalize_time"):
        _ = experiment.context.data


def test_the_share_of_the_input_is_in_the_result_and_in_the_report(tmp_path: Path) -> None:
    experiment, _ = experiment_on(in_milliseconds(), tmp_path, "trial.duration=700", "training.epochs=0")
    with pytest.warns(DataWarning):
        experiment.analyze()
    path = experiment.folder.result_file
    assert validate(path) == []
    record = ResultFile(path).training("lif")
    assert record is not None
    for which, data in zip(("train", "test"), experiment.context.data, strict=True):
        use = input_use(data, 700.0)
        assert 0 < use.spikes_cut < use.spikes
        assert record.attributes[f"{which}_spikes_cut"] == use.spikes_cut
        assert record.attributes[f"{which}_samples_silent"] == use.samples_silent
    write_report(path, tmp_path / "page", tmp_path)
    use = input_use(experiment.context.data[0], 700.0)
    said = f"{use.spikes - use.spikes_cut:,} of {use.spikes:,} of the training samples"
    assert said in (tmp_path / "page" / "report.md").read_text(encoding="utf-8")


def test_the_command_line_says_it_once_in_the_words_of_the_keys(tmp_path: Path) -> None:
    in_milliseconds().save(tmp_path / "data.h5")
    path = tiny_experiment.write(tmp_path)
    changes = [f"data.source={tmp_path / 'data.h5'}", "data.samples=", "data.test_samples=", "training.epochs=0"]
    sets = [part for change in [*changes, "trial.duration=500"] for part in ("--set", change)]
    done = CliRunner().invoke(cli, ["train", str(path), "--out", str(tmp_path / "out"), "--threads=1", *sets])
    assert done.exit_code == 0, done.output
    assert done.output.count("come at the trial's end, 500") == 2
    assert "DataWarning" not in done.output
