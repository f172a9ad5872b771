"""Initial networks: drive as asked for, seeds, activity, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic.builders import KINDS, a_neuron, data_of, some_data

import landscape as ls
from landscape.errors import ConfigError, DataError
from landscape.training import InitSettings, initial_network


@KINDS
def test_the_drive_of_every_layer_has_the_mean_and_spread_asked_for(kind):
    data = some_data(n_samples=30, n_channels=40, n_spikes=60)
    settings = InitSettings(mean=(7.0, 3.0, -2.0), spread=(4.0, 2.0, 1.0))
    network = initial_network(a_neuron(kind), (40, 2000, 300, 3), 4.0, data, seed=1, settings=settings)
    counts = [np.bincount(data.channels, minlength=40) / len(data)]
    counts += [c.mean(axis=0) for c in ls.evaluate(network, data, ls.FirstSpike()).spike_counts[:-1]]
    for layer in range(2):
        drive = network.weights[layer] @ counts[layer]
        n = drive.size
        mean, spread = settings.mean[layer], settings.spread[layer]
        assert abs(drive.mean() - mean) < 5 * spread / np.sqrt(n)
        assert abs(drive.std() - spread) < 5 * spread / np.sqrt(2 * n)
    drive = network.weights[2] @ counts[2]
    assert np.abs(drive + 2.0).max() < 5.0


@KINDS
def test_default_networks_are_neither_silent_nor_in_a_frenzy(kind):
    data = some_data(n_samples=40, n_channels=30, n_spikes=60)
    network = initial_network(a_neuron(kind), (30, 40, 40, 3), 4.0, data, seed=3)
    result = ls.evaluate(network, data, ls.FirstSpike())
    for counts in result.spike_counts[:-1]:
        assert 0.3 < counts.mean() < 6.0
    assert all(silent.mean() < 0.3 for silent in result.silent)


@KINDS
def test_seeds_reproduce_and_differ(kind):
    data = some_data()
    one, same, other = (initial_network(a_neuron(kind), (5, 6, 3), 4.0, data, seed) for seed in (4, 4, 5))
    assert one == same
    assert one != other
    assert one.sizes == (5, 6, 3)
    assert one.duration == 4.0


def test_the_readout_used_for_measuring_changes_nothing():
    data = some_data()
    networks = [
        initial_network(ls.LIF(), (5, 6, 4, 3), 4.0, data, objective=objective)
        for objective in (None, ls.FirstSpike(), ls.MaxPotential(), ls.MeanPotential())
    ]
    assert all(network == networks[0] for network in networks)


def test_data_without_spikes_and_silent_layers_still_give_a_network():
    data = data_of([((), ()), ((), ())], [0, 1], 5, 3)
    assert np.isfinite(initial_network(ls.LIF(), (5, 6, 4, 3), 4.0, data).parameters).all()
    nothing = InitSettings((0.0, 0.0), (0.0, 0.0))
    assert np.isfinite(initial_network(ls.QIF(), (5, 6, 3), 4.0, some_data(), settings=nothing).parameters).all()


def test_spikes_after_the_trials_end_do_not_count():
    early = data_of([([0.5, 9.0], [0, 1])], [0], 2, 2)
    weights = initial_network(ls.LIF(), (2, 500), 4.0, early, settings=InitSettings((6.0,), (0.0,))).weights[0]
    np.testing.assert_allclose(weights[:, 0], 6.0)


def test_settings_for_another_number_of_layers_are_refused():
    with pytest.raises(ConfigError, match="1 means and spreads for 2 layers"):
        initial_network(ls.LIF(), (5, 6, 3), 4.0, some_data(), settings=InitSettings((1.0,), (1.0,)))


@pytest.mark.parametrize("sizes", [(7, 6, 3), (4, 6, 3), (7, 3), (4, 3)], ids=str)
def test_inputs_that_are_not_the_datas_channels_are_refused(sizes):
    with pytest.raises(DataError, match="5 channels"):
        initial_network(ls.LIF(), sizes, 4.0, some_data())
