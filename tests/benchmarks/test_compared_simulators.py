"""Other simulators are compared in the same run, and what they cannot do, or whether they fail, is said in a line."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from click.testing import CliRunner

import landscape as ls
from landscape.benchmarks import Row, run_suite, simulators, suite, table, workload
from landscape.benchmarks.comparison import compare, first_output_spikes
from landscape.benchmarks.simulators import Batch, Simulator, choose
from landscape.benchmarks.simulators.inputs import capped_loss, grouped, most_events
from landscape.errors import InputError
from landscape_cli.commands import cli


def imitation(late: float = 0.0, models: tuple[str, ...] = ("lif", "qif"), gradient: bool = True) -> Simulator:
    """A simulator that is this one, its output spikes later by so much."""

    def prepare(load):
        def both():
            return ls.loss_and_gradient(load.network, load.data, ls.FirstSpike())

        def first_spikes():
            return first_output_spikes(load) + late

        return Batch(first_spikes, lambda: both()[0] * (1 + late), both if gradient else None)

    return Simulator("imitation", "1.2", "float64", "as here", models, prepare)


def rows_of(simulator, *models: str) -> list[Row]:
    loads = [workload("W1", model, n_samples=3) for model in models]
    return list(compare({"imitation": lambda: simulator}, loads, threads=1, repeats=1))


@pytest.mark.parametrize("model", ["lif", "qif"])
def test_a_simulator_that_computes_the_same_shows_no_difference(model):
    said, loss, gradient, difference, largest, close, cosine = rows_of(imitation(), model)
    assert said.what == "imitation 1.2: float64, as here"
    assert said.value is None
    for row in (loss, gradient):
        assert row.value > 0
        assert row.ratio > 0
        assert row.against == "landscape's time"
    assert difference.value == 0
    assert largest.value == 0
    assert close.value == 100
    assert cosine.value == pytest.approx(1, abs=1e-14)


def test_a_simulator_that_is_off_shows_by_how_much():
    _, _, _, difference, largest, close, _ = rows_of(imitation(late=0.02), "qif")
    assert difference.value == pytest.approx(0.02)
    assert largest.value == pytest.approx(0.02)
    assert close.value == 0


def test_what_a_simulator_cannot_do_is_said_in_its_row():
    text = table(rows_of(imitation(models=("lif",), gradient=False), "lif", "qif"))
    assert "W1 lif loss and gradient, imitation: it gives no gradient" in text.splitlines()
    assert "W1 qif, imitation: it has no QIF neuron" in text.splitlines()
    assert "cosine" not in text


def test_a_simulator_that_cannot_be_imported_gives_one_line_and_the_next_follows():
    def other_version():
        raise AttributeError("type object 'ndarray'\nhas no attribute 'ptp'")

    loads = [workload("W1", "lif", n_samples=2)]
    first, second, *_ = compare({"old": other_version, "imitation": imitation}, loads, threads=1, repeats=1)
    assert first == Row("old cannot be used: AttributeError: type object 'ndarray' has no attribute 'ptp'")
    assert second.what.startswith("imitation 1.2")


def test_a_simulator_that_fails_on_a_workload_gives_one_line_and_goes_on_with_the_next():
    def prepare(load):
        if load.model == "lif":
            raise TypeError("apply() got an unexpected argument")
        return imitation().prepare(load)

    _, failed, *rest = rows_of(imitation()._replace(prepare=prepare), "lif", "qif")
    assert failed == Row("W1 lif, imitation failed: TypeError: apply() got an unexpected argument")
    assert [row.what.split()[1].rstrip(",") for row in rest] == ["qif"] * 6


def test_the_aims_are_set_against_spikegd():
    loads = [workload("W1", "qif", n_samples=2)]
    rows = list(compare({"spikegd": lambda: imitation()}, loads, threads=1, repeats=1))
    assert [row.wanted for row in rows[1:3]] == [">= 40", ">= 40"]


def test_first_output_spikes_make_the_loss():
    for name, model in (("W1", "lif"), ("W2", "qif")):
        load = workload(name, model, n_samples=5)
        loss = capped_loss(first_output_spikes(load), load.data.labels, 1.0)
        assert loss == pytest.approx(ls.evaluate(load.network, load.data, ls.FirstSpike()).loss, rel=1e-13)


def test_spikes_at_one_time_are_one_input_event():
    load = workload("W2", "lif", n_samples=3)
    events = grouped(load)
    assert events.times.shape == (3, 64)
    np.testing.assert_array_equal(events.times[0], np.arange(64) * 4 / 64)
    assert events.counts.sum() == load.data.times.size
    times, channels, _ = load.data[1]
    assert events.counts[1, 7, channels[np.searchsorted(times, 7 * 4 / 64)]] > 0


def test_samples_with_fewer_events_are_padded_with_times_that_never_come():
    data = ls.Dataset([0.1, 0.2, 0.3, 0.5], [0, 1, 2, 4], [0, 3, 4], [0, 1], 5, 3)
    load = workload("W1", "lif", n_samples=2)._replace(data=data)
    events = grouped(load)
    np.testing.assert_array_equal(events.times, [[0.1, 0.2, 0.3], [0.5, np.inf, np.inf]])
    assert events.counts[1].sum() == 1


def test_most_events_are_those_of_the_table():
    assert most_events(workload("W2", "lif"))[1] == 516


def test_a_name_that_is_no_simulator_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match="nest is unknown; known ones are brian2, eventax, jaxsnn, spikegd"):
        choose(["nest"])


def test_what_is_asked_for_and_not_there_is_refused_with_the_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(simulators, "find_spec", lambda name: None)
    with pytest.raises(InputError, match=r"brian2 is not installed; install it with pip install .*\[bench\]"):
        choose(["brian2"])
    with pytest.raises(InputError, match="give the folder of a checkout with --spikegd"):
        choose(["spikegd"])
    with pytest.raises(InputError, match="no checkout of spikegd"):
        choose([], tmp_path)
    checkout(tmp_path, "")
    with pytest.raises(InputError, match="spikegd needs jax, which is not installed"):
        choose([], tmp_path)
    assert choose() == {}


def checkout(folder, source: str) -> None:
    (folder / "spikegd").mkdir()
    (folder / "spikegd" / "__init__.py").touch()
    for name in ("lif", "qif"):
        (folder / "spikegd" / f"{name}.py").write_text(source, encoding="utf-8")


def test_a_checkout_that_cannot_be_imported_gives_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(simulators, "find_spec", lambda name: name)
    checkout(tmp_path, "import a_package_that_is_not_there\n")
    chosen = choose([], tmp_path)
    assert list(chosen) == ["spikegd"]
    (row,) = compare(chosen, [], threads=1, repeats=1)
    assert row.what.startswith("spikegd cannot be used: ModuleNotFoundError: No module named 'a_package")
    assert "spikegd" not in sys.modules


def test_all_that_are_installed_are_compared_unless_chosen(monkeypatch):
    monkeypatch.setattr(simulators, "find_spec", lambda name: None if name == "eventax" else name)
    assert list(choose()) == ["brian2", "jaxsnn"]
    assert list(choose(["jaxsnn", "jaxsnn"])) == ["jaxsnn"]
    assert choose([]) == {}


def test_simulators_come_last_in_the_suite_and_absent_ones_are_named(monkeypatch):
    for measurement in ("_batches", "_hidden_layer", "_stages", "_slices", "_many_channels", "_large_slice"):
        monkeypatch.setattr(suite, measurement, lambda *_: iter(()))
    monkeypatch.setattr(suite, "choose", lambda names, path: {"imitation": lambda: imitation(models=())})
    monkeypatch.setattr(simulators, "find_spec", lambda name: None if name == "eventax" else name)
    rows = [row.what for row in run_suite(threads=1, repeats=1)]
    assert rows[0].startswith("peak memory")
    assert rows[1].startswith("imitation 1.2")
    assert rows[-1] == "not installed, so not compared: eventax (pip install 'spiking-landscape[bench]')"
    chosen = [row.what for row in run_suite(threads=1, repeats=1, simulators=[])]
    assert not any("not installed" in what for what in chosen)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--simulator", "nest"], "simulator nest is unknown"),
        (["--spikegd", "nowhere"], "nowhere: no checkout of spikegd"),
        (["--simulator", "brian2", "--no-simulators"], "exclude each other"),
    ],
)
def test_a_wrong_choice_on_the_command_line_ends_it_before_anything_is_measured(arguments, said):
    result = CliRunner().invoke(cli, ["bench", *arguments])
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_a_row_without_a_value_is_its_text():
    assert table([Row("it gives no gradient")]) == "it gives no gradient"
