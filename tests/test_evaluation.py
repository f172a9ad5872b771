"""Data sets through networks: losses, accuracy, activity and silence."""

from __future__ import annotations

import math
import time

import numpy as np
import pytest
from naive.neurons import mp
from synthetic.builders import KINDS, OBJECTIVES, READOUTS, a_network, a_neuron, data_of, some_data

import landscape as ls
from landscape.errors import ConfigError, DataError, InputError, SimulationError
from landscape.slices.surface import Status


@KINDS
@READOUTS
def test_shapes_and_types(kind, objective):
    network, data = a_network(kind), some_data()
    result = ls.evaluate(network, data, objective)
    assert isinstance(result.loss, float)
    assert isinstance(result.accuracy, float)
    assert result.sample_losses.shape == result.correct.shape == (7,)
    assert result.sample_losses.dtype == np.float64
    assert result.correct.dtype == bool
    assert [c.shape for c in result.spike_counts] == [(7, 6), (7, 4), (7, 3)]
    assert all(c.dtype == np.int64 for c in result.spike_counts)
    for silent in (result.silent, result.silent_before_output):
        assert [s.shape for s in silent] == [(6,), (4,)]
        assert all(s.dtype == bool for s in silent)
    assert result.loss == np.mean(result.sample_losses)
    assert result.accuracy == np.mean(result.correct)


@KINDS
def test_spike_counts_and_silence_are_those_of_the_single_trials(kind):
    network, data = a_network(kind, 1, strength=1.5), some_data()
    result = ls.evaluate(network, data, ls.FirstSpike())
    early = [np.zeros(size, bool) for size in network.hidden_sizes]
    for i, sample in enumerate(data):
        trial = ls.simulate(network, sample.times, sample.channels)
        for layer, counts in zip(trial.layers, result.spike_counts, strict=True):
            np.testing.assert_array_equal(counts[i], np.bincount(layer.neurons, minlength=counts.shape[1]))
        first_output = min(trial.layers[-1].times, default=math.inf)
        for layer, seen in zip(trial.layers, early, strict=False):
            seen[layer.neurons[layer.times < first_output]] = True
    for counts, silent, seen, before in zip(
        result.spike_counts, result.silent, early, result.silent_before_output, strict=False
    ):
        np.testing.assert_array_equal(silent, ~counts.any(axis=0))
        np.testing.assert_array_equal(before, ~seen)
        assert (before | ~silent).all()  # who is silent is silent before the output too
    assert any(
        (before & ~silent).any() for before, silent in zip(result.silent_before_output, result.silent, strict=True)
    )


@KINDS
@READOUTS
def test_a_sample_has_the_loss_that_it_has_alone(kind, objective):
    network, data = a_network(kind), some_data()
    whole = ls.evaluate(network, data, objective)
    for i in range(len(data)):
        alone = ls.evaluate(network, data.select(indices=[i]), objective)
        assert alone.sample_losses[0] == whole.sample_losses[i]
        assert alone.correct[0] == whole.correct[i]


@KINDS
@READOUTS
def test_potential_readouts_count_no_output_spikes(kind, objective):
    result = ls.evaluate(a_network(kind), some_data(), objective)
    assert result.spike_counts[-1].any() == isinstance(objective, ls.FirstSpike)
    assert result.spike_counts[0].any()


@KINDS
@pytest.mark.parametrize("sizes", [(5, 3), (5, 1, 3), (5, 17, 3), (1, 1), (5, 6, 1, 17, 3)], ids=str)
def test_networks_of_one_to_four_layers_and_odd_widths(kind, sizes):
    network = a_network(kind, sizes=sizes)
    data = some_data(n_channels=sizes[0], n_classes=sizes[-1])
    for objective in OBJECTIVES:
        result = ls.evaluate(network, data, objective)
        assert [c.shape[1] for c in result.spike_counts] == list(sizes[1:])
        assert len(result.silent) == len(sizes) - 2
        assert np.isfinite(result.sample_losses).all()
        loss, gradients = ls.loss_and_gradient(network, data, objective)
        assert loss == result.loss
        assert [g.shape for g in gradients] == [w.shape for w in network.weights]


@KINDS
@READOUTS
def test_a_data_set_without_any_spike(kind, objective):
    network = a_network(kind)
    data = data_of([((), ()), ((), ())], [0, 2], 5, 3)
    result = ls.evaluate(network, data, objective)
    if kind == "lif" or not isinstance(objective, ls.FirstSpike):  # pseudospikes tell the outputs apart
        np.testing.assert_allclose(result.sample_losses, math.log(3.0), rtol=1e-14)
        assert result.accuracy == 0.0  # all outputs alike: a tie does not count
    assert np.isfinite(result.sample_losses).all()
    assert all(silent.all() for silent in result.silent)
    assert all(silent.all() for silent in result.silent_before_output)
    loss, gradients = ls.loss_and_gradient(network, data, objective)
    assert loss == result.loss
    assert all(np.isfinite(g).all() for g in gradients)
    assert not gradients[0].any()


# --- ties ---------------------------------------------------------------------------------------------------


@KINDS
@READOUTS
def test_two_outputs_that_tie_are_not_correct_for_either_label(kind, objective):
    w = 6.0 if kind == "lif" else 9.0
    network = ls.Network(a_neuron(kind), [np.array([[w], [w], [0.1]])], 4.0)
    data = data_of([([0.5], [0])] * 3, [0, 1, 2], 1, 3)
    assert not ls.evaluate(network, data, objective).correct.any()


@KINDS
@READOUTS
def test_the_largest_output_is_correct_by_the_smallest_lead(kind, objective):
    w = 6.0 if kind == "lif" else 9.0
    network = ls.Network(a_neuron(kind), [np.array([[w], [w * (1 + 1e-12)], [0.1]])], 4.0)
    data = data_of([([0.5], [0])] * 3, [0, 1, 2], 1, 3)
    np.testing.assert_array_equal(ls.evaluate(network, data, objective).correct, [False, True, False])


def test_lif_outputs_without_spikes_tie_at_the_trials_end():
    network = ls.Network(ls.LIF(), [np.array([[6.0], [0.0], [0.0]])], 4.0)
    data = data_of([([0.5], [0])] * 3, [0, 1, 2], 1, 3)
    result = ls.evaluate(network, data, ls.FirstSpike())
    np.testing.assert_array_equal(result.correct, [True, False, False])
    assert result.sample_losses[1] == result.sample_losses[2] > result.sample_losses[0]


@KINDS
def test_more_outputs_than_classes_are_allowed(kind):
    result = ls.evaluate(a_network(kind), some_data(n_classes=2), ls.FirstSpike())
    assert np.isfinite(result.loss)


# --- losses by the book -------------------------------------------------------------------------------------


def output_times(network, sample):
    """First spike time of every output, infinite where there is none."""
    layer = ls.simulate(network, sample.times, sample.channels).layers[-1]
    return np.array([min(layer.times[layer.neurons == k], default=math.inf) for k in range(network.sizes[-1])])


@KINDS
@pytest.mark.parametrize(("gamma", "tau_readout"), [(0.0, None), (0.3, 0.2), (2.0, 5.0)])
def test_the_first_spike_loss_is_the_cross_entropy_of_the_first_spike_times(kind, gamma, tau_readout):
    network, data = a_network(kind, 2, strength=2.0), some_data()
    result = ls.evaluate(network, data, ls.FirstSpike(gamma, tau_readout))
    compared = 0
    for sample, loss, correct in zip(data, result.sample_losses, result.correct, strict=True):
        times = output_times(network, sample)
        if kind == "lif":
            times = np.minimum(times, network.duration)
        elif np.isinf(times).any():
            continue
        scores = -times / (tau_readout or 1.0)
        expected = -scores[sample.label] + np.log(np.sum(np.exp(scores)))
        expected += gamma * np.expm1(times[sample.label] / network.duration)
        assert loss == pytest.approx(expected, rel=1e-12)
        assert correct == (np.sum(times <= times[sample.label]) == 1)
        compared += 1
    assert compared >= 3


def test_the_readout_time_scale_is_the_neurons_tau_unless_given():
    network, data = a_network("qif"), some_data()
    slow = ls.Network(ls.QIF(2.0), network.weights, 8.0)
    stretched = data.scale_time(2.0)
    for objective in (ls.FirstSpike(), ls.FirstSpike(gamma=0.4)):
        assert ls.evaluate(slow, stretched, objective).loss == pytest.approx(ls.evaluate(network, data, objective).loss)
    assert ls.evaluate(slow, stretched, ls.FirstSpike(0.0, 1.0)).loss != pytest.approx(
        ls.evaluate(network, data, ls.FirstSpike()).loss
    )


@KINDS
def test_potential_scores_are_the_maximum_and_the_mean_of_a_dense_sampling(kind):
    network, data = a_network(kind), some_data(n_samples=2)
    sample = data[0]
    layers = ls.simulate(network, sample.times, sample.channels).layers
    grid = np.linspace(0.0, network.duration, 200_001)
    potential = np.zeros((3, grid.size))
    for t, neuron in zip(layers[-2].times, layers[-2].neurons, strict=True):
        s = np.exp(-np.clip(grid - t, 0.0, None))
        potential += network.weights[-1][:, [neuron]] * s * (1.0 - s)
    for scores, objective in (
        (potential.max(axis=1), ls.MaxPotential()),
        (potential.mean(axis=1), ls.MeanPotential()),
    ):
        expected = np.log(np.sum(np.exp(scores))) - scores[sample.label]
        assert ls.evaluate(network, data, objective).sample_losses[0] == pytest.approx(expected, rel=1e-4)


# --- extremes -----------------------------------------------------------------------------------------------


def finite_or_said_not_to_be(network, data, objective):
    """Whether the gradient is finite or an error says that it is infinite."""
    try:
        _, gradients = ls.loss_and_gradient(network, data, objective)
    except SimulationError as error:
        return "the gradient is infinite" in str(error)
    return all(np.isfinite(g).all() for g in gradients)


# One of the input spikes comes at the very end of the trial.
@pytest.mark.filterwarnings("ignore::landscape.errors.DataWarning")
@pytest.mark.parametrize("gamma", [0.0, 0.5])
@pytest.mark.parametrize("inhibition", [-1e2, -1e4, -1e8, -1e150, -1e200])
def test_a_hugely_inhibited_qif_output_has_a_large_or_infinite_loss_that_is_never_nan(inhibition, gamma):
    network = ls.Network(ls.QIF(), [np.array([[inhibition], [9.0]])], 4.0)
    data = data_of([([3.9], [0]), ([3.9], [0]), ([0.0], [0]), ([4.0], [0])], [0, 1, 0, 0], 1, 2)
    result = ls.evaluate(network, data, ls.FirstSpike(gamma))
    assert not np.isnan(result.sample_losses).any()
    assert not np.isnan(result.loss)
    assert (result.sample_losses >= 0.0).all()
    assert result.sample_losses[1] < 2.0
    assert not result.correct[0]
    assert finite_or_said_not_to_be(network, data, ls.FirstSpike(gamma))


@pytest.mark.parametrize("inhibition", [-1e2, -1e8, -1e150])
def test_a_hugely_inhibited_hidden_qif_layer_leaves_loss_and_gradient_finite(inhibition):
    network = ls.Network(ls.QIF(), [np.array([[inhibition], [9.0]]), np.array([[9.0, 4.0], [3.0, 8.0]])], 4.0)
    data = data_of([([3.9], [0]), ([0.5], [0])], [0, 1], 1, 2)
    for objective in OBJECTIVES:
        loss, gradients = ls.loss_and_gradient(network, data, objective)
        assert np.isfinite(loss)
        assert all(np.isfinite(g).all() for g in gradients)


@KINDS
@pytest.mark.parametrize("objective", OBJECTIVES[1:], ids=["max", "mean"])
def test_huge_potentials_do_not_overflow_the_softmax(kind, objective):
    network = ls.Network(a_neuron(kind), [np.array([[1e200], [-1e200], [0.0]])], 4.0)
    data = data_of([([0.5], [0])] * 3, [0, 1, 2], 1, 3)
    result = ls.evaluate(network, data, objective)
    assert np.isfinite(result.sample_losses).all()
    assert result.sample_losses[0] == 0.0
    assert result.sample_losses[1] > 1e198


# --- refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [ls.evaluate, ls.loss_and_gradient])
def test_data_with_other_channels_or_classes_are_refused(call):
    network = a_network("lif")
    with pytest.raises(DataError, match="7 channels, the network 5 inputs"):
        call(network, some_data(n_channels=7), ls.FirstSpike())
    with pytest.raises(DataError, match="4 channels"):
        call(network, some_data(n_channels=4), ls.FirstSpike())
    with pytest.raises(DataError, match="4 classes, the network 3 outputs"):
        call(network, some_data(n_classes=4), ls.FirstSpike())


@pytest.mark.parametrize(
    ("objective", "message"),
    [
        (ls.FirstSpike(gamma=-1.0), "gamma must not be negative"),
        (ls.FirstSpike(gamma=math.nan), "gamma"),
        (ls.FirstSpike(gamma=math.inf), "gamma"),
        (ls.FirstSpike(gamma="much"), "gamma must be a number"),
        (ls.FirstSpike(tau_readout=0.0), "tau_readout must be positive"),
        (ls.FirstSpike(tau_readout=-1.0), "tau_readout"),
        (ls.FirstSpike(tau_readout=math.inf), "tau_readout"),
        (ls.FirstSpike(tau_readout=math.nan), "tau_readout"),
        (ls.FirstSpike, "no readout"),
        ("first_spike", "no readout"),
        (None, "no readout"),
    ],
)
def test_bad_objectives_are_refused_by_name(objective, message):
    with pytest.raises(ConfigError, match=message):
        ls.evaluate(a_network("lif"), some_data(), objective)


@pytest.mark.parametrize("threads", [0, -1, 1.5, "two"])
def test_a_bad_number_of_threads_is_refused(threads):
    with pytest.raises(InputError, match="threads must be a positive whole number"):
        ls.evaluate(a_network("lif"), some_data(), ls.FirstSpike(), threads=threads)


def test_the_number_of_threads_in_the_environment_is_checked_and_used(monkeypatch):
    network, data = a_network("lif"), some_data()
    plain = ls.evaluate(network, data, ls.FirstSpike())
    monkeypatch.setenv("LANDSCAPE_THREADS", "2")
    assert ls.evaluate(network, data, ls.FirstSpike()).loss == plain.loss
    monkeypatch.setenv("LANDSCAPE_THREADS", "many")
    with pytest.raises(InputError, match="many"):
        ls.evaluate(network, data, ls.FirstSpike())


@pytest.mark.slow
@KINDS
def test_a_network_that_spikes_without_bound_is_given_up_soon_for_any_number_of_samples(kind):
    """Giving up on one sample costs seconds; they must not be paid again for each of a thousand samples."""
    network = ls.Network(a_neuron(kind), [np.array([[1e12 if kind == "lif" else 1e26]])], 4.0)
    ls.evaluate(network.with_parameters(np.ones(1)), data_of([([0.5], [0])], [0], 1, 1), ls.FirstSpike())
    seconds = []
    for n in (1, 12):
        data = data_of([([0.5], [0])] * n, [0] * n, 1, 1)
        begin = time.monotonic()
        with pytest.raises(SimulationError, match=r"sample 0.* spikes in one trial"):
            ls.evaluate(network, data, ls.FirstSpike(), threads=1)
        seconds.append(time.monotonic() - begin)
    assert seconds[0] < 10.0
    assert seconds[1] < 3.0 * seconds[0] + 1.0


def grazing(weight, start, threshold=1.0, label=0):
    """A LIF output whose potential touches its threshold if its weight is four thresholds; the other one is silent."""
    network = ls.Network(ls.LIF(1.0, threshold), [np.array([[weight], [0.0]])], start + 4.0)
    return network, data_of([([start], [0])], [label], 1, 2)


@pytest.mark.parametrize("threshold", [1.0, 0.1, 3.7, 1e-90, 1e90])
@pytest.mark.parametrize("start", [0.0, 0.25, 0.3, 0.5, 1.0, 2.0, 100.7])
def test_a_potential_that_grazes_its_threshold_gives_an_error_not_some_gradient(start, threshold):
    network, data = grazing(4.0 * threshold, start, threshold)
    with pytest.raises(SimulationError, match="the gradient is infinite"):
        ls.loss_and_gradient(network, data, ls.FirstSpike())
    surface = ls.sweep(network, [network.weights], [[0.0]], data, ls.FirstSpike())
    assert surface.status[0] == Status.NOT_FINITE


@pytest.mark.parametrize("threshold", [1.0, 0.1, 3.7])
@pytest.mark.parametrize("beyond", 10.0 ** np.arange(-15, -5))
def test_beyond_a_touch_the_gradient_is_as_exact_as_the_rounding_of_the_potential_allows(beyond, threshold):
    network, data = grazing(4.0 * threshold * (1.0 + beyond), 0.25, threshold)
    with mp.workdps(50):
        w, top = mp.mpf(float(network.weights[0][0, 0])), mp.mpf(threshold)
        root = mp.sqrt(1 - 4 * top / w)
        late = 1 / (1 + mp.exp(4 + mp.log((1 + root) / 2)))  # share of the silent output, which ends with the trial
        expected = -late * 2 * top / ((1 + root) * root * w * w)
    tolerance = 1e-8 * 1e-8 / max(beyond, 1e-8) + 4.0 * 2.0**-53 / beyond
    _, gradients = ls.loss_and_gradient(network, data, ls.FirstSpike())
    assert abs(gradients[0][0, 0] - expected) <= tolerance * abs(expected)
    direction = [np.array([[1.0], [0.0]])]
    surface = ls.sweep(network, [direction], [[0.0]], data, ls.FirstSpike())
    assert abs(surface.directional_derivative[0, 0] - expected) <= tolerance * abs(expected)


def test_a_grazing_spike_on_which_nothing_depends_does_not_make_the_gradient_infinite():
    first, last = np.array([[4.0], [9.0]]), np.array([[0.0, 9.0], [0.0, 7.0]])
    network = ls.Network(ls.LIF(), [first, last], 4.0)
    data = data_of([([0.25], [0])], [0], 1, 2)
    assert ls.simulate(network, [0.25], [0]).layers[0].times.size >= 2
    along = [np.zeros((2, 1)), np.array([[0.0, 1.0], [0.0, 0.0]])]
    surface = ls.sweep(network, [along], [[0.0]], data, ls.FirstSpike())
    assert surface.status[0] == Status.DONE
    without = ls.Network(ls.LIF(), [first[1:], last[:, 1:]], 4.0)
    _, gradients = ls.loss_and_gradient(without, data, ls.FirstSpike())
    assert surface.directional_derivative[0, 0] == pytest.approx(gradients[1][0, 0], rel=1e-14)
    # A spike after the outputs' own.
    late = ls.Network(ls.LIF(), [np.array([[9.0, 0.0], [7.0, 0.0], [0.0, 4.0]]), np.eye(2, 3) * 9.0 + [0, 0, 0.1]], 9.0)
    data = data_of([([0.25, 5.3], [0, 1])], [0], 2, 2)
    _, gradients = ls.loss_and_gradient(late, data, ls.FirstSpike())
    assert not gradients[0][2].any()
    assert gradients[0][0, 0] != 0.0


@pytest.mark.parametrize("inhibition", [-1e3, -1e5, -1e6, -3e6, -5.5e6])
def test_the_pseudospike_of_a_qif_output_held_down_far_has_its_exact_time_and_derivative(inhibition):
    network = ls.Network(ls.QIF(), [np.array([[inhibition], [-100.0]])], 4.0)
    loss, gradients = ls.loss_and_gradient(network, data_of([([1.0], [0])], [0], 1, 2), ls.FirstSpike())

    def time(w):
        s = mp.exp(-3)
        kappa = mp.sqrt(-w)
        root = mp.sqrt(10 * mp.log1p(mp.exp(w * s * s / 10)))
        return 4 + mp.acot((-s * kappa * mp.tanh(kappa * (1 - s)) - mp.mpf(1) / 2) / root) / root + mp.pi / root

    with mp.workdps(700):
        w = mp.mpf(inhibition)
        gap = time(w) - time(mp.mpf(-100))
        expected = gap + mp.log1p(mp.exp(-gap))
        slope = mp.diff(time, w) / (1 + mp.exp(-gap))
    tolerance = 1e-15 * abs(inhibition)  # of the exponent, which is rounded
    assert abs(loss - expected) <= (1e-13 + tolerance) * expected
    assert abs(gradients[0][0, 0] - slope) <= (1e-12 + tolerance) * abs(slope)


@pytest.mark.parametrize("inhibition", [-1e7, -1e20, -1e200])
def test_a_loss_beyond_the_largest_number_is_infinite_and_said_to_be_so(inhibition):
    network = ls.Network(ls.QIF(), [np.array([[inhibition], [-100.0]])], 4.0)
    data = data_of([([1.0], [0])] * 2, [0, 1], 1, 2)
    result = ls.evaluate(network, data, ls.FirstSpike())
    np.testing.assert_array_equal(result.sample_losses, [math.inf, 0.0])
    np.testing.assert_array_equal(result.correct, [False, True])
    with pytest.raises(SimulationError, match="a loss is infinite"):
        ls.loss_and_gradient(network, data, ls.FirstSpike())
    _, gradients = ls.loss_and_gradient(network, data.select(indices=[1]), ls.FirstSpike())
    assert not gradients[0].any()  # its own sample's loss is zero, and does not change
    both = ls.Network(ls.QIF(), [np.array([[inhibition], [inhibition]])], 4.0)
    assert ls.evaluate(both, data, ls.FirstSpike()).loss == math.inf


def test_lif_dynamics_scale_with_the_threshold_over_its_whole_range():
    expected = ls.simulate(ls.Network(ls.LIF(), [[[5.0]]], 4.0), [1.0], [0]).layers[0].times
    assert expected == pytest.approx([1.3235071311574467], rel=1e-15)
    for threshold in (2.0**-330, 2.0**-100, 2.0**100, 2.0**330):
        network = ls.Network(ls.LIF(1.0, threshold), [[[5.0 * threshold]]], 4.0)
        np.testing.assert_array_equal(ls.simulate(network, [1.0], [0]).layers[0].times, expected)
