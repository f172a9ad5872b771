"""Training runs: what they record, that they repeat, what an interrupt leaves, what the remedies do."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from synthetic.builders import KINDS, READOUTS, a_network, data_of, some_data

import landscape as ls
from landscape.errors import DataError, SimulationError
from landscape.training import TrainingSettings, initial_network
from landscape.training.optimizers import Optimizer

COLUMNS = {
    "epoch",
    "train_loss",
    "train_accuracy",
    "test_loss",
    "test_accuracy",
    "activity",
    "silent_share",
    "gradient_norm",
    "learning_rate",
}


def a_run(
    kind="lif",
    seed=0,
    threads=1,
    progress=None,
    network=None,
    objective=None,
    data=None,
    test=None,
    **settings,
):
    network = network or a_network(kind, 2)
    data = data or some_data(1, n_samples=20)
    test = test or some_data(2, n_samples=12)
    settings = TrainingSettings(**{"epochs": 3, "batch_size": 8, "learning_rate": 0.01, "seed": seed} | settings)
    objective = ls.FirstSpike() if objective is None else objective
    return ls.train(network, data, test, objective, settings, threads=threads, progress=progress)


@KINDS
@READOUTS
def test_the_history_has_one_row_per_epoch_and_says_what_evaluate_says(kind, objective):
    network, data, test = a_network(kind, 2), some_data(1, n_samples=20), some_data(2, n_samples=12)
    record = a_run(kind, objective=objective, data=data, test=test)
    assert set(record.history) >= COLUMNS
    assert all(column.shape == (4,) for column in record.history.values())
    np.testing.assert_array_equal(record.history["epoch"], [0, 1, 2, 3])
    assert record.initial == network
    assert not record.interrupted
    assert record.seconds > 0.0
    for row, at in ((0, record.initial), (3, record.final), (record.best_epoch, record.best)):
        on_train, on_test = ls.evaluate(at, data, objective), ls.evaluate(at, test, objective)
        assert record.history["train_loss"][row] == on_train.loss
        assert record.history["train_accuracy"][row] == on_train.accuracy
        assert record.history["test_loss"][row] == on_test.loss
        assert record.history["test_accuracy"][row] == on_test.accuracy
        hidden = np.concatenate(on_train.spike_counts[:-1], axis=1)
        assert record.history["activity"][row] == pytest.approx(hidden.mean())
        assert record.history["silent_share"][row] == pytest.approx(np.concatenate(on_train.silent).mean())


@KINDS
def test_a_seed_reproduces_a_run_to_the_last_bit_and_another_gives_another(kind):
    augmented = {"channel_shift": 1, "time_jitter": 0.1, "spike_dropout": 0.1}
    one, same, other = (a_run(kind, seed, **augmented) for seed in (3, 3, 4))
    np.testing.assert_array_equal(one.trajectory, same.trajectory)
    assert one.final == same.final
    for name, column in one.history.items():
        np.testing.assert_array_equal(column, same.history[name])
    assert (one.trajectory[-1] != other.trajectory[-1]).any()


@KINDS
def test_training_lowers_the_training_loss(kind):
    data = some_data(1, n_samples=40)
    network = initial_network(a_network(kind).neuron, (5, 20, 3), 4.0, data, seed=1)
    record = a_run(kind, network=network, data=data, epochs=10, learning_rate=0.03)
    assert record.history["train_loss"][1:].min() < 0.95 * record.history["train_loss"][0]


@KINDS
def test_one_epoch_in_one_batch_is_one_step_of_the_optimizer(kind):
    network, data = a_network(kind, 2), some_data(1, n_samples=8)
    record = a_run(kind, network=network, data=data, epochs=1, batch_size=8)
    _, gradients = ls.loss_and_gradient(network, data, ls.FirstSpike())
    gradient = np.concatenate([g.ravel() for g in gradients])
    expected = Optimizer("adam", gradient.size).step(network.parameters, gradient, 0.01)
    np.testing.assert_allclose(record.final.parameters, expected, rtol=1e-12)
    assert record.history["gradient_norm"][0] == pytest.approx(np.linalg.norm(gradient))
    assert record.history["gradient_norm"][1] == pytest.approx(np.linalg.norm(gradient))


@KINDS
def test_long_gradients_are_shortened_to_the_limit_and_their_length_is_recorded(kind):
    network, data = a_network(kind, 2), some_data(1, n_samples=8)
    one = {"network": network, "data": data, "epochs": 1, "batch_size": 8, "optimizer": "adabelief"}
    _, gradients = ls.loss_and_gradient(network, data, ls.FirstSpike())
    gradient = np.concatenate([g.ravel() for g in gradients])
    length = np.linalg.norm(gradient)
    for limit, factor in ((length / 10, 0.1), (length * 10, 1.0), (None, 1.0)):
        record = a_run(kind, **one, clip_norm=limit)
        expected = Optimizer("adabelief", gradient.size).step(network.parameters, factor * gradient, 0.01)
        np.testing.assert_allclose(record.final.parameters, expected, rtol=1e-9)
        assert record.history["gradient_norm"][1] == pytest.approx(length)


def test_relative_rates_take_steps_in_units_of_each_layers_weights():
    network, data = a_network("qif", 2), some_data(1, n_samples=8)
    record = a_run("qif", network=network, data=data, epochs=1, batch_size=8, relative_rate=True, learning_rate=0.02)
    _, gradients = ls.loss_and_gradient(network, data, ls.FirstSpike())
    for before, after, gradient in zip(network.weights, record.final.weights, gradients, strict=True):
        size = 0.02 * np.sqrt(np.mean(before**2))
        clear = np.abs(gradient) > 1e-4
        assert clear.any()
        np.testing.assert_allclose((after - before)[clear], -size * np.sign(gradient[clear]), rtol=1e-3)


def test_the_learning_rate_falls_by_its_factor_every_so_many_epochs():
    record = a_run(epochs=7, learning_rate=0.02, decay=0.5, decay_every=3)
    np.testing.assert_allclose(record.history["learning_rate"][1:], [0.02] * 3 + [0.01] * 3 + [0.005], rtol=1e-15)


@pytest.mark.parametrize(
    ("every", "kept"), [(1, [0, 1, 2, 3, 4, 5]), (2, [0, 2, 4, 5]), (5, [0, 5]), (9, [0, 5])], ids=str
)
def test_the_trajectory_holds_the_chosen_epochs_and_both_ends(every, kept):
    record = a_run(epochs=5, keep_every=every)
    np.testing.assert_array_equal(record.trajectory_epochs, kept)
    assert record.trajectory_epochs.dtype == np.int64
    assert record.trajectory.shape == (len(kept), record.initial.parameters.size)
    np.testing.assert_array_equal(record.trajectory[0], record.initial.parameters)
    np.testing.assert_array_equal(record.trajectory[-1], record.final.parameters)
    whole = a_run(epochs=5)
    np.testing.assert_array_equal(record.trajectory, whole.trajectory[kept])


@KINDS
def test_the_best_epoch_is_the_first_with_the_lowest_test_loss(kind):
    record = a_run(kind, epochs=6, learning_rate=0.2)
    assert record.best_epoch == int(np.argmin(record.history["test_loss"]))
    np.testing.assert_array_equal(record.best.parameters, record.trajectory[record.best_epoch])


def test_no_epochs_leave_the_network_as_it_was():
    record = a_run(epochs=0)
    assert record.final == record.best == record.initial
    assert record.best_epoch == 0
    assert record.history["epoch"].shape == (1,)
    assert not record.interrupted


def test_a_batch_larger_than_the_data_and_one_that_does_not_divide_them_are_fine():
    assert np.isfinite(a_run(batch_size=1000).history["train_loss"]).all()
    assert np.isfinite(a_run(batch_size=7).history["train_loss"]).all()


# --- progress and interrupts --------------------------------------------------------------------------------


def test_progress_counts_epochs_up_to_the_last_and_shows_the_latest_row():
    seen = []
    record = a_run(progress=lambda done, total, row: seen.append((done, total, dict(row))))
    done = [entry[0] for entry in seen]
    assert done == sorted(done)
    assert done[-1] == 3.0
    assert {entry[1] for entry in seen} == {3}
    assert seen[-1][2]["train_loss"] == record.history["train_loss"][-1]
    assert set(seen[0][2]) >= COLUMNS


@pytest.mark.parametrize(("when", "epochs"), [(0.5, 0), (1.0, 1), (1.7, 1), (2.2, 2)])
@pytest.mark.parametrize("threads", [1, 2])
def test_an_interrupt_keeps_the_last_whole_epoch(when, epochs, threads):
    whole = a_run()

    def progress(done, total, row):
        if done >= when and (when != 1.0 or row["epoch"] == 1):
            raise KeyboardInterrupt

    record = a_run(progress=progress, threads=threads)
    assert record.interrupted
    np.testing.assert_array_equal(record.final.parameters, whole.trajectory[epochs])
    np.testing.assert_array_equal(record.trajectory, whole.trajectory[: epochs + 1])
    for name, column in record.history.items():
        np.testing.assert_array_equal(column, whole.history[name][: epochs + 1])
    assert record.best_epoch <= epochs


def test_an_interrupt_at_any_line_leaves_a_record_that_agrees_with_itself():
    one = {"epochs": 2, "batch_size": 20}
    whole = a_run(**one)
    for line in range(1, 300):
        count = 0

        def trace(frame, event, argument, line=line):
            nonlocal count
            if not frame.f_code.co_filename.endswith("loop.py") or frame.f_code.co_name != "train":
                return None
            if event == "line":
                count += 1
                if count == line:
                    raise KeyboardInterrupt
            return trace

        earlier = sys.gettrace()
        sys.settrace(trace)
        try:
            record = a_run(**one)
        except KeyboardInterrupt:
            continue
        finally:
            sys.settrace(earlier)
        epochs = record.history["epoch"].size - 1
        np.testing.assert_array_equal(record.final.parameters, whole.trajectory[epochs], err_msg=f"line {line}")
        np.testing.assert_array_equal(record.trajectory, whole.trajectory[: epochs + 1], err_msg=f"line {line}")
        np.testing.assert_array_equal(record.best.parameters, whole.trajectory[record.best_epoch])
        assert record.best_epoch == int(np.argmin(record.history["test_loss"])), f"line {line}"
        if count < line:
            return
    raise AssertionError("training has more lines than were tried")


# --- remedies and regularisers ------------------------------------------------------------------------------


def almost_silent_network():
    weights = [w.copy() for w in a_network("lif", 2, (5, 6, 3)).weights]
    weights[0][1] = 0.01
    weights[1][2] = 0.01
    return ls.Network(ls.LIF(), weights, 4.0)


def test_missing_spikes_raise_the_incoming_weights_of_silent_neurons_and_of_label_outputs_only():
    network, data = almost_silent_network(), some_data(1, n_samples=20)
    one = {"network": network, "data": data, "epochs": 1, "batch_size": 20}
    plain = a_run(**one).final
    remedied = a_run(**one, missing_spike_increase=0.25).final
    result = ls.evaluate(network, data, ls.FirstSpike())
    assert result.silent[0][1]
    for layer in range(2):
        change = remedied.weights[layer] - plain.weights[layer]
        expected = np.zeros(change.shape[0])
        if layer == 0:
            expected[result.silent[0]] = 0.25
        else:
            for label in range(3):
                own = data.labels == label
                if own.any():
                    expected[label] = 0.25 * np.mean(result.spike_counts[1][own, label] == 0)
            assert expected[2] > 0.0
        np.testing.assert_allclose(change, np.repeat(expected[:, None], change.shape[1], axis=1), atol=1e-12)


def test_the_increase_for_missing_spikes_falls_with_the_learning_rate():
    data = some_data(1, n_samples=20)
    one = {"network": almost_silent_network(), "data": data, "batch_size": 20, "epochs": 3, "keep_every": 1}
    record = a_run(**one, missing_spike_increase=1e-3, decay=0.5)
    assert ls.evaluate(record.final, data, ls.FirstSpike()).silent[0][1]
    weight = record.trajectory[:, 5]  # into the silent neuron: no gradient, only the remedy
    np.testing.assert_allclose(np.diff(weight), [1e-3, 5e-4, 2.5e-4], rtol=1e-9)


def test_missing_spikes_bring_a_silent_hidden_neuron_back():
    record = a_run(network=almost_silent_network(), epochs=12, missing_spike_increase=0.1, learning_rate=1e-4)
    assert ls.evaluate(record.initial, some_data(1, n_samples=20), ls.FirstSpike()).silent[0][1]
    assert not ls.evaluate(record.final, some_data(1, n_samples=20), ls.FirstSpike()).silent[0][1]


@pytest.mark.parametrize(("band", "sign"), [({"activity_low": 50.0}, 1), ({"activity_high": 0.0}, -1)])
def test_the_activity_regulariser_pushes_hidden_neurons_into_their_band(band, sign):
    network, data = a_network("qif", 2, (5, 6, 3)), some_data(1, n_samples=20)
    one = {"network": network, "data": data, "epochs": 8, "batch_size": 20, "learning_rate": 0.05}
    before = ls.evaluate(network, data, ls.FirstSpike()).spike_counts[0].mean()
    after = a_run("qif", **one, activity_weight=1e3, **band).history["activity"][-1]
    assert sign * (after - before) > 0.1


def test_a_band_that_holds_all_activity_changes_nothing():
    plain = a_run()
    band = a_run(activity_weight=5.0, activity_low=0.0, activity_high=1e9)
    np.testing.assert_array_equal(plain.trajectory, band.trajectory)


def test_weight_decay_shrinks_weights_that_have_no_gradient():
    network = almost_silent_network()
    shrunk = a_run(network=network, epochs=1, batch_size=20, weight_decay=0.5).final
    np.testing.assert_allclose(shrunk.weights[0][1], 0.01 * (1 - 0.01 * 0.5), rtol=1e-12)


# --- refused ------------------------------------------------------------------------------------------------


def test_data_that_do_not_fit_are_refused_before_anything_is_computed():
    with pytest.raises(DataError, match="4 channels"):
        a_run(data=some_data(n_channels=4))
    with pytest.raises(DataError, match="4 channels"):
        a_run(test=some_data(n_channels=4))


def test_samples_without_spikes_can_be_trained_on():
    data = data_of([((), ()), ((), ()), ([0.2, 0.3], [0, 1])], [0, 1, 2], 5, 3)
    for kind in ("lif", "qif"):
        record = a_run(kind, data=data, test=data, channel_shift=4, time_jitter=0.1)
        assert np.isfinite(record.final.parameters).all()


@pytest.mark.parametrize("rate", [1e9, 1e308])
def test_training_that_runs_away_names_the_epoch_and_what_to_change(rate):
    with pytest.raises(
        SimulationError, match=r"ran away in epoch 1: .* lower training\.learning_rate, or set training"
    ):
        a_run(epochs=2, learning_rate=rate)
