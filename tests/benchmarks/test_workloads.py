"""The workloads of the benchmarks are the published ones, and every row of the suite can be measured."""

from __future__ import annotations

import numpy as np
import pytest

import landscape as ls
from landscape.benchmarks import Row, table, workload
from landscape.benchmarks.kernels import STAGES, run_stages
from landscape.benchmarks.suite import OBJECTIVE, _batches, _hidden_layer, _stages
from landscape.errors import InputError
from landscape.evaluation import packed
from landscape.readouts import resolved


@pytest.mark.parametrize(
    ("name", "model", "spikes", "events", "most"),
    [
        ("W1", "lif", 1.96, 68, 74),
        ("W1", "qif", 1.47, 52, 59),
        ("W2", "lif", 2.42, 450, 516),
        ("W2", "qif", 2.25, 376, 431),
    ],
)
def test_hidden_spikes_and_events_are_those_of_the_table(name, model, spikes, events, most):
    load = workload(name, model)
    result = ls.evaluate(load.network, load.data, ls.FirstSpike())
    assert result.spike_counts[0].mean() == pytest.approx(spikes, abs=0.0055)
    distinct = [np.unique(load.data[i][0]).size for i in range(len(load.data))]
    every = np.array(distinct) + sum(counts.sum(axis=1) for counts in result.spike_counts)
    assert every.mean() == pytest.approx(events, abs=1.0)
    assert every.max() == most


def test_an_unknown_workload_is_named_with_the_known_ones():
    with pytest.raises(InputError, match="W3 lif is unknown; known ones are W1 lif"):
        workload("W3", "lif")


def test_rows_are_positive_and_printed_with_what_they_are_held_against():
    load = workload("W1", "lif")
    rows = [*_batches(load, 1, 1), *_hidden_layer(load, 1)]
    assert all(row.value > 0 for row in rows)
    text = table(rows)
    assert "x spikegd, published" in text
    assert "x calibration kernel" in text
    assert len(text.splitlines()) == len(rows)


@pytest.mark.slow
@pytest.mark.parametrize("model", ["lif", "qif"])
def test_all_stages_together_find_the_losses_of_an_evaluation(model):
    load = workload("W1", model)
    network, data = load.network, load.data
    arguments = (resolved(OBJECTIVE, network.neuron), network.neuron, packed(network))
    spikes = (data.times, data.channels, data.offsets, data.labels)
    loss = ls.evaluate(network, data, OBJECTIVE).loss
    events = run_stages(*arguments, *spikes, 1, False)
    for keep in (False, True):
        found = run_stages(*arguments, *spikes, 4 + keep, keep)
        assert found - events == pytest.approx(loss * len(data), rel=1e-10)
    for row in _stages(load, 1):
        assert all(stage in row.what for stage in STAGES[:4])


def test_a_row_without_a_ratio_shows_value_and_unit_only():
    assert table([Row("memory", 1234.5, "MiB")]).split() == ["memory", "1,234", "MiB"]
